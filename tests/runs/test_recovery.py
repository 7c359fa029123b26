"""A run that fails is written down as failed, also where its log cannot be written."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.errors import StorageError
from covidlab.runs.recovery import record_failure
from covidlab.runs.status import State
from covidlab.runs.store import Run, RunStore


@pytest.fixture
def run() -> Run:
    return RunStore().create(TrainingConfig(dataset="set"))


def test_failure_is_in_the_status_and_what_was_raised_in_the_log(run):
    try:
        raise ValueError("a number")
    except ValueError:
        record_failure(run, "It cannot be read.")
    assert (run.status().state, run.status().reason) == (State.FAILED, "It cannot be read.")
    assert "ValueError: a number" in (run.path / "log.txt").read_text()


def test_failure_of_a_run_whose_log_cannot_be_written_is_in_the_status(run, monkeypatch):
    def refuse(self, line):
        raise StorageError("log.txt cannot be written.")

    monkeypatch.setattr(Run, "log", refuse)
    record_failure(run, "It cannot be read.")
    assert run.status().state is State.FAILED
