"""Cancelling from the queue: what the browser says is held against who asked for the run."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.runs.queue import asked_facts
from covidlab.runs.store import RunStore
from covidlab.services.access import Role, Visitor
from covidlab.ui.train import queue


@pytest.fixture
def run(engine):
    asked = asked_facts(name="", token="mine", expected_seconds=9)
    return RunStore().create(TrainingConfig(dataset="set"), engine=engine.name, asked=asked)


@pytest.mark.parametrize(("token", "state"), [("mine", "stopped"), ("another", "queued")])
def test_cancel_ends_a_run_of_ones_own_and_no_other(run, monkeypatch, token, state):
    monkeypatch.setattr(queue, "current_visitor", lambda: Visitor(role=Role.OWNER, token=token))
    queue._cancel(run.id)
    assert run.status().state == state


def test_cancel_of_a_run_that_is_gone_is_said(engine, monkeypatch):
    said = {}
    monkeypatch.setattr(queue.st, "session_state", said)
    queue._cancel("0099-gone")
    assert "no run of this name" in said["train_message"]
