"""When the models of the folds leave no clear answer, and in which words."""

from dataclasses import replace

import pytest

from covidlab.prediction.assessment import Spread
from covidlab.ui.predict.number import answer, interval_text, is_clear, own_number
from tests.ui.predict.visit import NEAR, prediction

THREE = {"covid": 0.4, "normal": 0.35, "pneumonia": 0.25}


def reading(probability: float, low: float, high: float, **changes):
    spread = Spread((low + high) / 2, low, high, 50)
    return replace(prediction(replace(NEAR, calibrated=spread)), probability=probability, **changes)


@pytest.mark.parametrize(
    ("probability", "low", "high", "expected"),
    [
        (0.8, 0.6, 0.9, True),
        (0.8, 0.4, 0.9, False),
        (0.2, 0.1, 0.4, True),
        (0.2, 0.1, 0.6, False),
        (0.8, 0.1, 0.4, False),
    ],
)
def test_answer_is_clear_where_the_models_of_the_folds_are_on_the_models_side(probability, low, high, expected):
    said = reading(probability, low, high)
    assert is_clear(said) is expected
    assert answer(said).startswith("To this model") is expected


@pytest.mark.parametrize(("high", "expected"), [(0.45, True), (0.9, False)])
def test_answer_of_three_classes_is_clear_as_that_of_two(high, expected):
    assert is_clear(reading(0.4, 0.3, high, probabilities=THREE, resembles="normal")) is expected


def test_answer_of_a_model_without_folds_is_its_own():
    assert is_clear(prediction(replace(NEAR, calibrated=None)))


def test_number_of_models_that_all_agree_is_over_and_never_one():
    said = replace(prediction(), probability=1.0)
    assert interval_text(Spread(1.0, 0.9999, 1.0, 50)) == "over 0.99; 95 % of 50 models of the folds lie over 0.99."
    assert "gives over 0.99 for COVID" in own_number(said, "COVID-19")
    assert "not known" in interval_text(None)
