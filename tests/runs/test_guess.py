"""How a run went, by a stated rule, and how guesses are counted."""

import math
from dataclasses import replace

import pandas as pd
import pytest

from covidlab.runs.guess import (
    DECIDED_BY,
    NAMES,
    SHORT,
    Outcome,
    describe_outcome,
    describe_score,
    describe_sketch,
    outcome_of,
    sketch_error,
    validation_line,
)
from tests.runs.made_up_curves import curves, falling

FALLS = falling(0.7, 0.05)
RISES_AGAIN = [*falling(0.7, 0.3, 9), *falling(0.31, 0.9, 11)]
WENT = [
    (curves(FALLS), Outcome.LEARNS, "begins at 0.53 and ends at 0.07"),
    (curves(FALLS, val_loss=RISES_AGAIN), Outcome.OVERFITS, "rises since epoch 9, from 0.31 to 0.81"),
    (curves([0.7] * 20, accuracy=0.5), Outcome.NOTHING, "with 0.50 of the training X-rays right"),
    (curves([108.4, *FALLS]), Outcome.DIVERGES, "the training loss is 108 in epoch 1"),
    (curves([*falling(1.0, 0.4, 10), *falling(0.5, 3.0, 10)]), Outcome.DIVERGES, "0.49 at its lowest"),
    (curves([1.0, math.nan]), Outcome.DIVERGES, "no number from epoch 2 on"),
    (curves([], infinite_in=1), Outcome.DIVERGES, "no number from epoch 1 on"),
]


@pytest.mark.parametrize(("made", "outcome", "words"), WENT)
def test_outcome_is_one_of_four_and_told_with_the_figures_that_decided(made, outcome, words):
    assert outcome_of(made) is outcome
    assert describe_outcome(made).startswith(NAMES[outcome])
    assert words in describe_outcome(made)


def test_outcome_of_a_short_run_is_none_and_nothing_is_said():
    assert outcome_of(curves([0.7, 0.1, 0.01])) is None
    assert describe_outcome(curves([0.7, 0.1, 0.01])) == ""


def test_score_has_the_interval_n_and_what_chance_gives():
    text = describe_score([True, False, True, True])
    assert text.startswith("Right in 3 of 4 runs (95 % interval 0.30 to 0.95, n = 4).")
    assert "at random is right in 0.25" in text
    assert describe_score([]) == "No guess is scored yet."


def test_every_outcome_has_a_name_a_description_and_a_rule():
    assert set(NAMES) == set(SHORT) == set(DECIDED_BY) == set(Outcome)


def test_sketch_is_held_against_the_one_split_where_there_is_no_honest_curve():
    made = curves(FALLS, val_accuracy=0.9, crossed=(0.55, 0.41, 0.68))
    assert validation_line(made)[0] == (0.0, 0.9)
    assert validation_line(made)[-1] == (1.0, 0.9)
    assert describe_sketch([0.5] * 11, made).startswith(
        "Your sketch differs from validation accuracy on 10 X-rays by 0.40"
    )


def test_sketch_is_held_against_the_honest_curve_from_epoch_one_on():
    made = curves(FALLS)
    honest = pd.DataFrame({"epoch": range(21), "accuracy": [0.1] + [0.5] * 10 + [0.7] * 10, "low": 0.0, "high": 1.0})
    made = replace(made, crossed=honest)
    assert validation_line(made)[:1] == [(0.0, 0.5)]
    text = describe_sketch([0.5, 0.7], made)
    assert "over all splits" in text and "n = 20" in text and "differs by 0.10." in text


def test_sketch_error_is_nought_for_the_curve_itself_and_nan_without_values():
    assert sketch_error([0.2, 0.6, 1.0], [(0, 0.2), (0.25, 0.4), (1, 1.0)]) == pytest.approx(0)
    assert math.isnan(sketch_error([0.2, 0.6], [(0, math.nan)]))
    assert describe_sketch([0.5, 0.5], curves([0.7, 0.6])) == ""
