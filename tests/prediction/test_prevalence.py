"""Predictive values against the figures people quote, a count of patients, and a simulation of their intervals."""

import math

import numpy as np
import pytest

from covidlab.errors import UsageError
from covidlab.intervals import wilson_interval
from covidlab.metrics import Metric
from covidlab.prediction.prevalence import predictive_values


def share(right: float, total: int) -> Metric:
    return Metric(right / total, *wilson_interval(right, total), total, "wilson")


def exactly(value: float) -> Metric:
    return Metric(value, value, value, 1, "wilson")


@pytest.mark.parametrize(("prevalence", "expected"), [(0.01, 0.058), (0.05, 0.24), (0.5, 0.86)])
def test_predictive_values_at_86_percent_are_those_of_the_texts(prevalence, expected):
    positive, _ = predictive_values(exactly(0.86), exactly(0.86), prevalence)
    assert positive.value == pytest.approx(expected, abs=0.005)
    assert positive.low == positive.high == positive.value


def test_predictive_values_match_a_count_of_patients():
    # 1,000 patients, 100 of them ill: 90 ill and 180 well ones are called positive.
    positive, negative = predictive_values(exactly(0.9), exactly(0.8), 0.1)
    assert positive.value == pytest.approx(90 / 270)
    assert negative.value == pytest.approx(720 / 730)


def test_predictive_values_interval_holds_every_point_of_the_box():
    sensitivity, specificity = share(20, 25), share(23, 25)
    whole = predictive_values(sensitivity, specificity, 0.05)
    for true in np.linspace(sensitivity.low, sensitivity.high, 9):
        for other in np.linspace(specificity.low, specificity.high, 9):
            inside = predictive_values(exactly(true), exactly(other), 0.05)
            assert all(
                box.low - 1e-12 <= point.value <= box.high + 1e-12 for box, point in zip(whole, inside, strict=True)
            )


@pytest.mark.parametrize(("sensitivity", "specificity"), [(0.86, 0.86), (0.95, 0.7), (0.6, 0.95)])
def test_predictive_values_interval_holds_the_truth_in_95_of_100_sets(sensitivity, specificity):
    generator, held = np.random.default_rng(1), []
    truth = predictive_values(exactly(sensitivity), exactly(specificity), 0.05)
    for hits, passes in generator.binomial(25, [sensitivity, specificity], size=(800, 2)):
        found = predictive_values(share(hits, 25), share(passes, 25), 0.05)
        held.append([figure.low <= true.value <= figure.high for figure, true in zip(found, truth, strict=True)])
    assert np.mean(held, axis=0).min() >= 0.95


def test_predictive_values_without_such_answers_are_undefined():
    positive, negative = predictive_values(exactly(0.0), exactly(1.0), 0.1)
    assert math.isnan(positive.value) and math.isnan(positive.low) and math.isnan(positive.high)
    assert negative.value == pytest.approx(0.9)


def test_predictive_values_of_undefined_figures_are_undefined():
    undefined = Metric(math.nan, math.nan, math.nan, 0, "undefined")
    assert all(math.isnan(figure.value) for figure in predictive_values(undefined, exactly(0.9), 0.1))


def test_predictive_values_beside_a_corner_without_answers_reach_to_the_end():
    sensitivity = Metric(0.5, 0.0, 0.9, 10, "wilson")
    positive, _ = predictive_values(sensitivity, exactly(1.0), 0.1)
    assert (positive.low, positive.value, positive.high) == (0.0, 1.0, 1.0)


@pytest.mark.parametrize("prevalence", [-0.1, 1.5])
def test_predictive_values_of_an_impossible_prevalence_refuse(prevalence):
    with pytest.raises(UsageError, match=f"from 0 to 1. Received: {prevalence}"):
        predictive_values(exactly(0.9), exactly(0.9), prevalence)
