"""The number of patients for a precision: worked examples, statsmodels, and the interval on either side of it."""

import pytest
from statsmodels.stats.proportion import proportion_confint, samplesize_confint_proportion

from covidlab.errors import UsageError
from covidlab.evaluation.patients_needed import patients_needed, precision_reached


def half_length(share, number) -> float:
    low, high = proportion_confint(share * number, number, method="wilson")
    return (high - low) / 2


def test_patients_needed_for_five_points_at_ninety_percent_are_141():
    assert patients_needed(0.9, within=0.05) == 141


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.97])
@pytest.mark.parametrize("within", [0.1, 0.05, 0.01])
def test_patients_needed_are_the_fewest_whose_wilson_interval_fits(share, within):
    number = patients_needed(share, within=within)
    assert half_length(share, number) <= within + 1e-9 < half_length(share, number - 1)


@pytest.mark.parametrize("share", [0.5, 0.8, 0.9])
def test_patients_needed_are_close_to_the_formula_of_textbooks(share):
    assert patients_needed(share, within=0.02) == pytest.approx(samplesize_confint_proportion(share, 0.02), rel=0.01)


@pytest.mark.parametrize(("share", "within"), [(1.2, 0.05), (0.9, 0.0), (0.9, 0.5), (float("nan"), 0.1), (0.9, 1e-7)])
def test_patients_needed_refuse_what_is_no_share(share, within):
    with pytest.raises(UsageError, match=r"Received: "):
        patients_needed(share, within=within)


def test_precision_reached_with_twelve_patients_is_that_of_wilson():
    assert precision_reached(0.9, 12) == pytest.approx(half_length(0.9, 12))
