"""Choosing an engine, and what every engine does."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.errors import UsageError
from covidlab.runs.engines import chosen_engine
from covidlab.runs.engines.base import Engine
from covidlab.runs.engines.inline import InlineEngine
from covidlab.runs.engines.local import LocalEngine
from covidlab.runs.engines.mock import MockEngine
from covidlab.runs.status import State, Status
from covidlab.runs.store import RunStore


@pytest.fixture
def run(make_dataset):
    return RunStore().create(TrainingConfig(dataset=str(make_dataset()), epochs=2))


def test_chosen_engine_is_the_worker_of_this_machine_unless_stated(monkeypatch):
    monkeypatch.delenv("COVIDLAB_ENGINE", raising=False)
    assert isinstance(chosen_engine(), LocalEngine)


def test_chosen_engine_of_an_unknown_name_is_one_plain_sentence(monkeypatch):
    monkeypatch.setenv("COVIDLAB_ENGINE", "abacus")
    with pytest.raises(UsageError, match=r"^COVIDLAB_ENGINE must be local or ray\. Received: abacus\.$"):
        chosen_engine()


@pytest.mark.parametrize("engine", [LocalEngine(), InlineEngine(), MockEngine()], ids=lambda engine: engine.name)
def test_cancel_of_a_waiting_run_ends_it_at_once(engine: Engine, run):
    engine.cancel(run)
    assert run.status().state is State.STOPPED


def test_mock_engine_does_with_a_run_what_the_test_says(run):
    engine = MockEngine(on_submit=lambda run: run.write_status(Status(state=State.FINISHED, epoch=2, epochs=2)))
    engine.submit(run)
    assert run.status().state is State.FINISHED
    assert engine.submitted == [run]
