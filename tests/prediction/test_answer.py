"""The words of an answer: clear or not, and no number that claims to be certain."""

from dataclasses import replace

import pytest

from covidlab.prediction.answer import (
    answer_text,
    describe,
    is_clear,
    no_number_text,
    probability_text,
    range_text,
    spread_text,
)
from covidlab.prediction.assessment import Spread
from tests.prediction.predictions import make_assessment, make_prediction
from tests.ui.predict.visit import NEAR, prediction


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.834, "0.83"),
        (1.0, "over 0.99"),
        (0.9951, "over 0.99"),
        (0.99, "0.99"),
        (0.0, "under 0.01"),
        (0.0049, "under 0.01"),
        (0.01, "0.01"),
    ],
)
def test_probability_text_never_says_one_or_zero(value, said):
    assert probability_text(value) == said


def test_probability_text_of_three_decimals_is_as_careful():
    assert [probability_text(value, decimals=3) for value in (0.9999, 0.0001, 0.9951)] == [
        "over 0.999",
        "under 0.001",
        "0.995",
    ]


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.62, 0.93, "0.62 to 0.93"), (0.62, 1.0, "0.62 to over 0.99"), (0.999, 1.0, "over 0.99"), (0.5, 0.5, "0.50")],
)
def test_range_text_says_once_what_reads_the_same(low, high, said):
    assert range_text(low, high) == said


@pytest.mark.parametrize(
    ("low", "high", "where"),
    [
        (0.62, 0.93, "between 0.62 and 0.93"),
        (0.999, 1.0, "over 0.99"),
        (0.0, 0.001, "under 0.01"),
        (0.5, 0.5, "at 0.50"),
    ],
)
def test_spread_text_counts_models_and_claims_no_confidence_interval(low, high, where):
    assert spread_text(Spread(low, low, high, 50)) == f"95 % of 50 models of the folds lie {where}"


def test_answer_text_says_the_class_in_words_and_never_the_folder_normal():
    negative = replace(
        prediction(replace(NEAR, calibrated=Spread(0.2, 0.1, 0.3, 50))), probability=0.2, resembles="normal"
    )
    assert answer_text(prediction()) == "resembles COVID-19"
    assert answer_text(negative) == "resembles non-COVID"


def test_answer_text_of_models_that_disagree_is_no_clear_answer():
    split = prediction(replace(NEAR, calibrated=Spread(0.7, 0.4, 0.9, 50)))
    assert not is_clear(split)
    assert answer_text(split) == "no clear answer"


def test_no_number_text_gives_the_reason():
    assert no_number_text("It is empty.") == "no number: It is empty."
    assert no_number_text("") == "no number"


def test_describe_says_how_models_differ_and_where_they_disagree():
    near = make_prediction(0.999, assessment=make_assessment())
    assert describe(near) == (
        "To this model, this X-ray resembles the COVID-19 X-rays it learned from (covid: over 0.99 of 1). "
        "Calibrated, it is 0.81; 95 % of 50 models of the folds lie between 0.62 and 0.93."
    )
    assert describe(make_prediction(0.2)).startswith("To this model, this X-ray resembles the non-COVID X-rays")
    assert describe(make_prediction(0.2, assessment=make_assessment())).startswith(
        "No clear answer (covid: 0.20 of 1)."
    )
