"""A sweep from its ranges to its report, stopped and gone on with, on real layers and small pictures."""

import json
import pickle
from dataclasses import replace

import numpy as np
import pytest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.errors import RunError
from covidlab.evaluation.sweep_chunks import try_heads
from covidlab.evaluation.sweep_space import DIVERGED, SweepConfig
from covidlab.files import read_json
from covidlab.learning.film_activations import FilmActivations
from covidlab.runs.continuing import continue_run
from covidlab.runs.engines.inline import InlineEngine
from covidlab.runs.engines.mock import MockEngine
from covidlab.runs.jobs import EngineName, Job
from covidlab.runs.starting import start_job
from covidlab.runs.status import State
from covidlab.runs.store import RunStore
from covidlab.runs.sweeping import Sweeping
from covidlab.runs.trials import LANDSCAPE, TRIALS, load_trials
from tests.conftest import write_table

pytestmark = pytest.mark.usefixtures("warm_home")

SWEEP = SweepConfig(trials=13, sampler="tpe", batch_sizes=(4, 8), epochs=(2, 6))


@pytest.fixture
def make_sweep(make_dataset):
    """Return a function that makes a queued sweep."""
    config = TrainingConfig(dataset=str(make_dataset()), views=1)

    def make(sweep=SWEEP):
        asked = {"sweep": sweep.to_dict(), "asked_by": "somebody"}
        return RunStore().create(config, job=Job.SWEEP, engine=EngineName.INLINE, asked=asked)

    return make


def execute(run, **options):
    with run.locked():
        return start_job(run, **options)


def stops_after(run, number):
    """Asks for a stop once so many trials are done."""
    return lambda: len(load_trials(run)) >= number


def test_sweep_leaves_its_trials_and_a_report_with_interval_and_n(make_sweep):
    run = make_sweep()
    status = execute(run)
    assert (status.state, status.epoch, status.epochs, status.unit) == (State.FINISHED, 13, 13, "trial")
    assert [trial.number for trial in load_trials(run)] == list(range(1, 14))
    report = run.report()
    best = report["best"]
    assert best["accuracy"]["n"] == 12
    assert best["accuracy"]["low"] <= best["accuracy"]["value"] <= best["accuracy"]["high"]
    assert (
        report["trials"]["done"] == 13 == sum(report["trials"][name] for name in ("finished", "given_up", "diverged"))
    )
    assert len(report["luck"]["by_chance"]) == 19 and report["luck"]["num_trials"] == 13
    assert "asked_by" not in report
    assert read_json(run.path / LANDSCAPE)["num_trials"] == 13
    json.dumps(report, allow_nan=False)


def test_sweep_that_was_stopped_goes_on_and_ends_as_an_undisturbed_one(make_sweep):
    whole, stopped = make_sweep(), make_sweep()
    execute(whole)
    status = execute(stopped, should_stop=stops_after(stopped, 11))
    assert status.state == State.STOPPED
    done = load_trials(stopped)
    assert 11 <= len(done) < 13
    assert status.reason == f"Stopped after {len(done)} of 13 trials."
    assert stopped.report()["luck"] is None and stopped.report()["trials"]["done"] == len(done)
    continue_run(stopped, InlineEngine())
    assert stopped.status().state == State.FINISHED
    kept = {trial.number for trial in done}
    assert [trial for trial in load_trials(stopped) if trial.number in kept] == done
    # Heads that learn in another stack differ in the last digits.
    assert [replace(trial, loss=0.0) for trial in load_trials(stopped)] == [
        replace(trial, loss=0.0) for trial in load_trials(whole)
    ]


def test_sweep_whose_chunks_are_done_elsewhere_finds_the_same(make_sweep):
    sweep = replace(SWEEP, trials=4, sampler="random")
    here, spread = make_sweep(sweep), make_sweep(sweep)
    execute(here)

    def elsewhere(batch, films, chunks, here, on_step):
        sent, tried = pickle.loads(pickle.dumps(batch)), []
        for places in chunks[1:]:
            try_heads(sent, places, tried.append)
        here(chunks[0])
        yield from tried

    assert execute(spread, spread=elsewhere).state == State.FINISHED
    assert load_trials(spread) == load_trials(here)
    assert spread.report()["best"] == here.report()["best"]


def test_sweep_that_was_killed_within_a_line_does_that_trial_again(make_sweep):
    run = make_sweep(replace(SWEEP, trials=4, sampler="random"))
    execute(run)
    before = load_trials(run)
    content = (run.path / TRIALS).read_bytes()
    (run.path / TRIALS).write_bytes(content[:-15])
    run.write_status(replace(run.recorded_status(), state=State.QUEUED))
    execute(run)
    assert [trial.settings for trial in load_trials(run)] == [trial.settings for trial in before]
    assert (run.path / TRIALS).read_text().count("\n") == 6


def test_grid_smaller_than_what_was_asked_for_finishes(make_sweep):
    run = make_sweep(
        SweepConfig(trials=7, sampler="grid", batch_sizes=(4, 8), epochs=(2, 3), learning_rates=(1e-3, 1e-3))
    )
    assert execute(run).state == State.FINISHED
    assert len(load_trials(run)) == 4 == run.report()["trials"]["done"]


def test_trial_without_a_finite_answer_has_diverged_and_the_sweep_goes_on(make_sweep, monkeypatch):
    figure = Sweeping._figure

    def broken(self, probabilities):
        probabilities = probabilities if self.trials else np.full_like(probabilities, np.nan)
        return figure(self, probabilities)

    monkeypatch.setattr(Sweeping, "_figure", broken)
    run = make_sweep(replace(SWEEP, trials=3, sampler="random"))
    assert execute(run).state == State.FINISHED
    assert [trial.state for trial in load_trials(run)].count(DIVERGED) == 1
    assert run.report()["trials"]["diverged"] == 1


def test_sweep_on_x_rays_that_are_gone_fails_with_one_sentence(make_sweep, tmp_path):
    run = make_sweep()
    (tmp_path / "films").rename(tmp_path / "elsewhere")
    with run.locked():
        sweeping = Sweeping(run)
        assert sweeping.execute().state == State.FAILED
    assert str(tmp_path / "films") in str(sweeping.error)


def test_sweep_whose_ranges_cannot_be_read_is_not_begun(make_sweep):
    run = make_sweep()
    run.update_facts(sweep={"epochs": 3})
    with pytest.raises(RunError, match="ranges of this sweep cannot be read"):
        Sweeping(run)


def test_finished_run_does_not_go_on(make_sweep):
    run, engine = make_sweep(), MockEngine()
    run.write_status(replace(run.recorded_status(), state=State.FINISHED))
    with pytest.raises(RunError, match=r"Only a run that was stopped.* Received: run 1, finished"):
        continue_run(run, engine)
    assert engine.submitted == []


def test_stopped_run_that_goes_on_is_given_to_the_engine(make_sweep):
    run, engine = make_sweep(), MockEngine()
    run.request_stop()
    continue_run(run, engine)
    assert engine.submitted == [run]
    assert (run.status().state, run.load_engine(), run.is_stop_requested()) == (State.QUEUED, "mock", False)


def test_sweep_leaves_out_an_xray_that_the_table_does_not_list_so_and_names_it(make_dataset):
    folder = make_dataset({"covid": 12, "normal": 12})
    films = load_catalog(folder).films
    stated = dict(zip(films["file"], films["sha256"], strict=True)) | {"covid/film-003.png": "f" * 64}
    write_table(folder / "metadata.csv", [{"file": file, "sha256": sha256} for file, sha256 in stated.items()])
    asked = {"sweep": replace(SWEEP, trials=2, sampler="random").to_dict()}
    config = TrainingConfig(dataset=str(folder), views=1)
    run = RunStore().create(config, job=Job.SWEEP, engine=EngineName.INLINE, asked=asked)
    assert execute(run).state == State.FINISHED
    assert run.report()["best"]["accuracy"]["n"] == 23
    assert "covid/film-003.png" in json.dumps(run.report()["data"]["left_out"])


def test_sweep_leaves_out_an_xray_that_is_torn_while_it_waits(make_dataset, monkeypatch):
    folder = make_dataset({"covid": 12, "normal": 12})
    torn = {"covid/film-003.png": "It is torn."}
    monkeypatch.setattr(FilmActivations, "find_damaged", lambda self, *, on_progress: torn)
    asked = {"sweep": replace(SWEEP, trials=2, sampler="random").to_dict()}
    config = TrainingConfig(dataset=str(folder), views=1)
    run = RunStore().create(config, job=Job.SWEEP, engine=EngineName.INLINE, asked=asked)
    assert execute(run).state == State.FINISHED
    assert run.load_facts()["damaged"] == torn
    assert run.report()["best"]["accuracy"]["n"] == 23
