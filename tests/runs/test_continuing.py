"""A run that was stopped goes on, also in a worker that has seen it end."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.runs.continuing import continue_run
from covidlab.runs.engines import worker as worker_module
from covidlab.runs.engines.mock import MockEngine
from covidlab.runs.jobs import EngineName
from covidlab.runs.status import State
from covidlab.runs.store import RunStore


class Taken(Exception):
    """The worker has taken a run."""


def test_worker_takes_a_run_that_it_has_seen_end_once_it_is_wanted_again(monkeypatch):
    run, engine = RunStore().create(TrainingConfig(dataset="set")), MockEngine()
    engine.name = EngineName.LOCAL
    run.request_stop()
    stamps = iter([0.0, 0.0, 1.0])
    monkeypatch.setattr(worker_module, "wanted_stamp", lambda: next(stamps))
    monkeypatch.setattr(worker_module.Worker, "_announce_device", lambda self: None)
    monkeypatch.setattr(worker_module.Worker, "_when_idle", lambda self: continue_run(run, engine))

    def take(self, taken):
        raise Taken(taken.id)

    monkeypatch.setattr(worker_module.Worker, "_execute", take)
    with pytest.raises(Taken, match=run.id):
        worker_module.Worker(RunStore()).serve()


def test_run_that_goes_on_waits_again():
    run = RunStore().create(TrainingConfig(dataset="set"))
    run.request_stop()
    continue_run(run, MockEngine())
    assert (run.status().state, run.status().phase) == (State.QUEUED, "waiting to go on")
