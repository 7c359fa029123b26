"""Who waits for the trainer, from when, who asked, who may cancel."""

import math

import pytest

from covidlab.config import TrainingConfig
from covidlab.runs.queue import (
    MAX_NAME,
    Place,
    asked_facts,
    describe_place,
    describe_wait,
    may_cancel,
    next_start,
    places_of,
    without_asker,
)
from covidlab.runs.status import State, Status
from covidlab.runs.store import RunStore


@pytest.fixture
def queued():
    """Return a function that queues a run with what is known of who asked for it."""

    def make(seconds=60.0, *, name="", token=""):
        asked = asked_facts(name=name, token=token, expected_seconds=seconds) if seconds else {}
        return RunStore().create(TrainingConfig(dataset="set"), asked=asked)

    return make


@pytest.fixture
def training(queued):
    """A run of 60 s that trains since 20 s; half of its epochs are still to come, and the cross-validation."""
    run = queued(60.0)
    with run.locked():
        run.write_status(Status(state=State.RUNNING, elapsed_seconds=20.0, remaining_seconds=15.0))
        yield run


def test_places_begin_when_those_before_have_ended(training, queued):
    places = places_of([training, queued(100.0), queued(5.0)])
    assert [place.position for place in places] == [0, 1, 2]
    assert [place.starts_in for place in places] == pytest.approx([0.0, 40.0, 140.0])
    assert places[-1].starts_in + places[-1].takes == pytest.approx(145.0)


def test_places_of_a_run_slower_than_expected_follow_its_epochs(queued):
    run = queued(10.0)
    with run.locked():
        run.write_status(Status(state=State.RUNNING, elapsed_seconds=30.0, remaining_seconds=90.0))
        assert places_of([run, queued()])[1].starts_in == 90.0


def test_places_behind_a_run_of_unknown_length_are_not_known(queued):
    first, second, third = places_of([queued(None), queued(5.0), queued(5.0)])
    assert (first.position, first.starts_in) == (1, 0.0)
    assert math.isnan(first.takes)
    assert math.isnan(second.starts_in)
    assert math.isnan(third.starts_in)


def test_places_leave_out_what_has_ended(queued):
    run = queued()
    run.request_stop()
    assert places_of([run]) == []


def test_name_is_kept_on_one_line_and_shortened(queued):
    run = queued(name="  Anna\n" + "x" * 100)
    (place,) = places_of([run])
    assert place.asked_by.startswith("Anna xx")
    assert len(place.asked_by) == MAX_NAME


def test_run_may_be_cancelled_by_who_asked_and_by_nobody_else(queued):
    run = queued(token="mine")
    assert may_cancel(run, "mine")
    assert not may_cancel(run, "another")
    assert not may_cancel(run, "")
    assert "mine" not in (run.path / "run.json").read_text()


def test_run_of_an_earlier_version_may_be_cancelled_by_anybody(queued):
    assert may_cancel(queued(None), "another")


def test_who_asked_is_no_part_of_a_report(queued):
    facts = queued(name="Anna", token="mine").load_facts()
    assert facts["asked_by"] == "Anna"
    assert without_asker(facts).keys() == facts.keys() - {"asked_by", "asked_token_sha256"}


@pytest.fixture
def place():
    """Return a function that makes a place of run 1."""
    run = RunStore().create(TrainingConfig(dataset="set"))
    return lambda **values: Place(
        **{"run": run, "position": 1, "starts_in": 0.0, "takes": 30.0, "asked_by": ""} | values
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"position": 0}, "Run 1 trains, about 30 s left"),
        ({"position": 0, "takes": math.nan}, "Run 1 trains"),
        ({}, "1. Run 1 starts now"),
        ({"position": 2, "starts_in": 40.0}, "2. Run 1 starts in about 40 s"),
        ({"starts_in": math.nan}, "1. Run 1 starts when those before it have ended"),
        ({"asked_by": "A*n*"}, "1. Run 1 (A*n*) starts now"),
    ],
)
def test_describe_place_says_position_who_asked_and_when(place, values, words):
    assert describe_place(place(**values)) == words


def test_describe_wait_counts_those_before(place):
    assert describe_wait([]) == ""
    assert describe_wait([place(position=0), place(starts_in=30.0)]) == "It waits for 2 runs and starts in about 60 s."


def test_next_of_several_that_train_at_once_begins_when_the_first_of_them_ends(place):
    trained = [place(position=0, takes=30.0, node="node 1"), place(position=0, takes=50.0), place(takes=40.0)]
    assert describe_place(trained[0]) == "Run 1 trains on node 1, about 30 s left"
    assert next_start(trained[:2]) == 30.0
    assert next_start(trained) == 50.0
    assert math.isnan(next_start([place(position=0, takes=math.nan)]))
