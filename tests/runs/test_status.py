"""The states of a run."""

import json

import pytest

from covidlab.runs.status import State, Status


@pytest.mark.parametrize("state", list(State))
def test_state_is_active_or_ended_or_unreadable_and_never_two_of_them(state):
    assert state.is_active + state.has_ended + state.is_unreadable == 1


def test_state_training_is_active():
    assert [state for state in State if state.is_training] == [State.RUNNING, State.STALLED]
    assert all(state.is_active for state in State if state.is_training)


def test_state_is_written_as_its_word():
    assert json.dumps(Status(state=State.QUEUED).state) == '"queued"'
    assert f"{State.FAILED}" == "failed"
