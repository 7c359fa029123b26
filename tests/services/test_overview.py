"""What all runs are doing, in a few values."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.runs.status import State, Status
from covidlab.runs.store import RunStore
from covidlab.services.overview import overview


@pytest.fixture
def store():
    return RunStore()


def queue(store):
    return store.create(TrainingConfig(dataset="set"))


def test_store_without_runs_has_nothing_to_do(store):
    seen = overview(store)
    assert (seen.training, seen.waiting, seen.active) == (0, 0, "")


def test_run_that_trains_is_active_before_those_that_wait(store):
    first, second = queue(store), queue(store)
    assert overview(store).active == first.id
    with second.locked():
        second.write_status(Status(state=State.RUNNING))
        seen = overview(store)
    assert (seen.training, seen.waiting, seen.active) == (1, 1, second.id)


def test_oldest_of_those_that_wait_is_active(store):
    first, _ = queue(store), queue(store)
    assert overview(store).active == first.id == store.active().id


def test_queue_names_who_trains_and_then_who_waits_from_the_oldest_on(store):
    first, second, third = queue(store), queue(store), queue(store)
    with third.locked():
        third.write_status(Status(state=State.RUNNING))
        assert overview(store).queue == (third.id, first.id, second.id)


def test_change_is_seen_at_once(store):
    run = queue(store)
    before = overview(store)
    run.request_stop()
    after = overview(store)
    assert after.waiting == 0
    assert after.stamp != before.stamp


def test_progress_of_a_run_does_not_change_the_stamp(store):
    run = queue(store)
    with run.locked():
        stamps = []
        for epoch in (1, 2):
            run.write_status(Status(state=State.RUNNING, epoch=epoch))
            stamps.append(overview(store).stamp)
    assert stamps[0] == stamps[1]


def test_many_who_ask_cost_one_look(store, monkeypatch):
    queue(store)
    first = overview(store)
    monkeypatch.setattr("covidlab.services.overview._look", lambda runs: pytest.fail("looked again"))
    assert overview(store) is first
