"""trials.csv: what is written comes back, what is torn is done again."""

from dataclasses import replace

import pytest

from covidlab.config import TrainingConfig
from covidlab.evaluation.sweep_space import DIVERGED, FINISHED, Settings, SweepConfig, Trial
from covidlab.runs.jobs import Job
from covidlab.runs.store import RunStore
from covidlab.runs.trials import TRIALS, append_trial, load_sweep, load_trials

TRIAL = Trial(
    number=1,
    settings=Settings(fine_tune="head", learning_rate=0.00031, batch_size=8, epochs=12),
    state=FINISHED,
    epochs_done=12,
    accuracy=0.84,
    low=0.71,
    high=0.92,
    loss=0.43,
    at_rungs={5: 0.7, 10: 0.8},
)


@pytest.fixture
def run():
    sweep = SweepConfig(trials=3)
    return RunStore().create(TrainingConfig(dataset="set"), job=Job.SWEEP, asked={"sweep": sweep.to_dict()})


def test_trial_comes_back_as_it_was_written(run):
    append_trial(run, TRIAL)
    assert load_trials(run) == [TRIAL]
    assert load_sweep(run) == SweepConfig(trials=3)


def test_trial_that_diverged_comes_back_without_accuracy(run):
    nan = float("nan")
    append_trial(run, replace(TRIAL, state=DIVERGED, accuracy=nan, low=nan, high=nan, loss=nan, at_rungs={}))
    assert load_trials(run)[0].score < TRIAL.score


def test_trials_are_in_order_and_of_two_with_one_number_the_later_counts(run):
    for trial in (replace(TRIAL, number=2), TRIAL, replace(TRIAL, number=2, loss=0.1)):
        append_trial(run, trial)
    assert [(trial.number, trial.loss) for trial in load_trials(run)] == [(1, 0.43), (2, 0.1)]


@pytest.mark.parametrize("left", [5, 20, 50])
def test_torn_line_is_skipped_and_the_next_one_is_whole(run, left):
    append_trial(run, TRIAL)
    append_trial(run, replace(TRIAL, number=2))
    content = (run.path / TRIALS).read_bytes()
    (run.path / TRIALS).write_bytes(content[: -len(content.splitlines()[-1]) + left])
    assert [trial.number for trial in load_trials(run)] == [1]
    append_trial(run, replace(TRIAL, number=3))
    assert [trial.number for trial in load_trials(run)] == [1, 3]


def test_column_of_a_later_version_is_passed_over(run):
    append_trial(run, TRIAL)
    header, line = (run.path / TRIALS).read_text().splitlines()
    (run.path / TRIALS).write_text(f"new,{header}\n9,{line}\n")
    assert load_trials(run) == [TRIAL]


def test_run_without_trials_has_none(run):
    assert load_trials(run) == []


def test_training_is_no_sweep():
    assert load_sweep(RunStore().create(TrainingConfig(dataset="set"))) is None
