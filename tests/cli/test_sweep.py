"""The command sweep: exit status, one plain sentence, a report, a command that makes the best trial a run."""

import json
import shlex

import pytest

from covidlab.cli import build_parser, main
from covidlab.runs.jobs import Job
from covidlab.runs.store import RunStore
from covidlab.runs.trials import load_sweep, load_trials

pytestmark = pytest.mark.usefixtures("warm_home")

RANGES = ["--trials", "3", "--sampler", "random", "--epochs", "2", "3", "--batch-sizes", "4", "4", "--views", "1"]


def test_sweep_prints_the_best_trials_luck_and_a_command_that_is_understood(make_dataset, folder, capsys):
    assert main(["sweep", "-d", str(make_dataset()), *RANGES]) == 0
    printed = capsys.readouterr().out
    assert "Best of 3 trials: trial" in printed and "95 % interval" in printed and "n = 12" in printed
    assert "Luck: With the classes permuted over patients, the best of 3 trials" in printed
    assert "Not for diagnosis." in printed
    command = next(line.strip() for line in printed.splitlines() if line.strip().startswith("python -m covidlab train"))
    options = build_parser().parse_args(shlex.split(command)[3:])
    best = RunStore().list()[0].report()["best"]
    assert (options.learning, options.epoch) == (best["learning_rate"], best["epochs"])


def test_sweep_json_is_the_report_alone(make_dataset, folder, capsys):
    assert main(["sweep", "-d", str(make_dataset()), *RANGES, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    run = RunStore().list()[0]
    assert report == run.report()
    assert run.load_job() == Job.SWEEP and len(RunStore().list()) == 1


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--trials", "0"], "number of trials must lie between"),
        (["--learning-rates", "0.1", "0.01"], "smaller end first"),
        (["--batch-sizes", "0", "8"], "batch sizes must lie between"),
        (["--views", "0"], "number of views must lie between"),
        (["--selection", "none"], "none"),
    ],
)
def test_sweep_setting_out_of_range_is_one_sentence_and_makes_no_run(
    make_dataset, folder, flags, sentence, one_sentence
):
    assert main(["sweep", "-d", str(make_dataset()), *flags]) == 2
    assert sentence in one_sentence()
    assert RunStore().list() == []


def test_sweep_of_wrong_folder_is_one_sentence(folder, one_sentence):
    assert main(["sweep", "-d", str(folder / "nowhere")]) == 2
    assert "nowhere" in one_sentence()


def test_sweep_that_was_stopped_says_how_to_go_on_and_does(make_dataset, folder, one_sentence, capsys, monkeypatch):
    from covidlab.runs import sweeping

    append = sweeping.append_trial

    def append_and_stop(run, trial):
        append(run, trial)
        run.request_stop()

    with monkeypatch.context() as patch:
        patch.setattr(sweeping, "append_trial", append_and_stop)
        assert main(["sweep", "-d", str(make_dataset()), *RANGES, "--batch-sizes", "4", "8"]) == 1
    run = RunStore().list()[0]
    assert f"python -m covidlab sweep --resume {run.id}" in one_sentence()
    assert main(["sweep", "--resume", run.id]) == 0
    assert len(load_trials(run)) == load_sweep(run).trials == 3


def test_only_a_sweep_can_go_on(folder, one_sentence):
    from covidlab.config import TrainingConfig

    run = RunStore().create(TrainingConfig(dataset="set"))
    assert main(["sweep", "--resume", run.id]) == 2
    assert "Only a sweep can go on" in one_sentence()
    assert main(["sweep", "--resume", "0009-none"]) == 1
    assert "no run of this name" in one_sentence()
