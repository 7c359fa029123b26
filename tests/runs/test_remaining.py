"""How long the rest of a run takes, on a preparation and a clock of the test."""

import pytest

from covidlab.runs.remaining import Expected, Remaining
from tests.runs.views import TenViews


@pytest.fixture
def clock(monkeypatch):
    """A list whose only entry is the time."""
    now = [100.0]
    monkeypatch.setattr("covidlab.runs.remaining.monotonic_seconds", lambda: now[0])
    return now


@pytest.fixture
def remaining(clock):
    """Return a function that begins a run of four epochs with four steps each."""
    expected = {"epoch": 7.0, "besides_steps": 1.0, "a_pass": 3.0, "steps": 4}
    return lambda passes=None, **values: Remaining(
        passes or TenViews(10), views=range(1), epochs=4, expected=Expected(**{**expected, **values})
    )


def test_remaining_before_the_first_step_rests_on_what_was_expected(remaining):
    assert remaining().seconds(1.0) == 21.0
    assert remaining(after=5.0).seconds(1.0) == 26.0


def test_remaining_before_the_first_pass_counts_the_passes_as_expected(remaining):
    assert remaining(TenViews(num_computed=0)).seconds(0.0) == 4 * 7.0 + 10 * 3.0


def test_remaining_leaves_out_passes_that_nobody_needs(remaining):
    passes = TenViews(num_computed=6)
    assert remaining(passes, unused=3).seconds(4.0) == 1 * 2.0


def test_remaining_within_the_first_epoch_follows_its_steps_but_the_first(remaining, clock):
    left = remaining()
    for seconds in (30.0, 0.5, 0.5):
        clock[0] += seconds
        left.add_step()
    assert left.step_seconds == [0.5, 0.5]
    # An epoch: four steps of half a second, and a second for the rest.
    assert left.seconds(0.75, is_within=True) == pytest.approx(4 * 3.0 - 3 * 0.5)
    # The second that is no step is still to come when all steps are done.
    assert left.seconds(1.0, is_within=True) == pytest.approx(3 * 3.0 + 1.0)
    assert left.seconds(1.0) == pytest.approx(3 * 3.0)


def test_remaining_takes_epochs_after_the_first_without_what_was_prepared_in_them(remaining, clock):
    passes = TenViews(num_computed=5)
    left = remaining(passes)
    clock[0] += 20.0
    left.add_epoch()
    passes.num_computed = 10
    clock[0] += 13.0
    left.add_epoch()
    assert left.seconds(2.0) == pytest.approx(2 * 3.0)


def test_remaining_forgets_an_epoch_that_was_slow_for_a_moment(remaining, clock):
    left = remaining()
    for seconds in (9.0, 2.0, 60.0, 2.0):
        clock[0] += seconds
        left.add_epoch()
    assert left.seconds(3.0) == pytest.approx(2.0)
