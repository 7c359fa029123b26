"""One early loss flattens no chart; epochs are whole numbers."""

import math

import pytest

from covidlab.runs.curve_axes import epoch_ticks, log_ticks, loss_axis, shows_markers


@pytest.mark.parametrize(("values", "high"), [([], 1), ([0.4, 0.2], 1), ([1.2, 0.9], 1.5), ([7, 6.5, 6], 8)])
def test_loss_axis_of_losses_that_are_alike_begins_at_0(values, high):
    axis = loss_axis(values)
    assert (axis.is_log, axis.low, axis.high, axis.note) == (False, 0, high, "")


def test_loss_axis_with_one_early_loss_of_116_is_logarithmic_and_says_so():
    losses = [116, 1.4, 0.9, 0.6, 0.5, 0.4, 0.35, math.nan]
    axis = loss_axis(losses)
    assert (axis.is_log, axis.low, axis.high) == (True, 0.1, 150)
    assert "logarithmic" in axis.note
    # The last six have a third of the axis instead of a hundredth.
    assert math.log10(1.4 / 0.35) / math.log10(axis.high / axis.low) > 0.15


def test_loss_axis_with_a_loss_of_0_or_infinity_has_finite_ends():
    axis = loss_axis([116, 0, 0.1, 0.1, math.inf])
    assert 0 < axis.low < axis.high < math.inf


@pytest.mark.parametrize(
    ("values", "ticks"), [([116, 0.4, 0.4], [0.1, 1, 10, 100]), ([9, 0.4, 0.4], [0.1, 0.2, 0.5, 1, 2, 5, 10])]
)
def test_log_ticks_are_round_and_lie_within_the_axis(values, ticks):
    assert log_ticks(loss_axis(values)) == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("epochs", "ticks"),
    [(1, [1]), (3, [1, 2, 3]), (25, [1, 5, 10, 15, 20, 25]), (100, [1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100])],
)
def test_epoch_ticks_are_whole_numbers(epochs, ticks):
    assert epoch_ticks(epochs) == ticks


def test_markers_are_shown_for_few_epochs_only():
    assert shows_markers(1)
    assert not shows_markers(100)


def test_loss_of_zero_lies_on_the_lower_end_of_a_logarithmic_axis():
    axis = loss_axis([116.0, 0.3, 0.2, 0.0])
    assert axis.is_log
    assert axis.within([116.0, None, 0.0]) == [116.0, None, axis.low]


def test_losses_on_a_linear_axis_stay_as_they_are():
    assert loss_axis([0.6, 0.4]).within([0.6, 0.0]) == [0.6, 0.0]
