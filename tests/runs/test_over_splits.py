"""What a cross-validated figure is said to be, in reports of this version and of earlier ones."""

import pytest

from covidlab.runs.over_splits import describe_repeats, describe_splits

FIGURE = {"value": 0.92, "low": 0.81, "high": 0.97, "n": 50}


@pytest.mark.parametrize(
    ("crossed", "expected"),
    [
        ({"accuracy": FIGURE, "repeats": 10, "folds": 5, "over_repeats": "median"}, "50 splits, median of 10 repeats"),
        ({"accuracy": FIGURE, "repeats": 10, "folds": 5}, "50 splits, mean of 10 repeats"),
        ({"accuracy": FIGURE, "repeats": 1, "folds": 3, "over_repeats": "median"}, "3 splits, median of 1 repeat"),
    ],
)
def test_splits_of_a_report_say_what_it_gives(crossed, expected):
    assert describe_splits(crossed) == expected


@pytest.mark.parametrize("crossed", [{}, {"skipped": "The run was stopped."}])
def test_repeats_before_a_report_are_those_of_this_version(crossed):
    assert describe_repeats(crossed) == "median of 10 repeats"
