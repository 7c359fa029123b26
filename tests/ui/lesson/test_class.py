"""The results of a class on a page: gains of files of answers, and the table of run cards."""

import json
import math

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.evaluation.lesson import Gain
from covidlab.ui.lesson.class_gain import describe_gain

CARD = {
    "kind": "covidlab run card",
    "name": "Run 1",
    "alias": "Ada*",
    "accuracy_one_split": {"value": 1.0, "low": 0.72, "high": 1.0, "n": 10},
    "accuracy_cross_validated": {"value": 0.55, "low": 0.41, "high": 0.68, "n": 50, "num_splits": 50},
    "majority_share": 0.5,
}


def table_page() -> None:
    from covidlab.ui.lesson.class_table import draw_class_table

    draw_class_table()


def gain_page() -> None:
    from covidlab.ui.lesson.class_gain import draw_class_gain

    draw_class_gain()


@pytest.fixture
def table() -> AppTest:
    return AppTest.from_function(table_page, default_timeout=30).run()


def test_class_table_shows_pasted_cards_and_says_why_others_are_left_out(table):
    table.text_area(key="class_table_pasted").set_value(json.dumps(CARD) + '{"kind": "*"}').run()
    assert not table.exception
    (row,) = table.dataframe[0].value.to_dict("records")
    assert (row["handed in by"], row["of runs"]) == ("Ada*", 1)
    assert row["what it says"] == "no better than one answer for all"
    assert "Card 2 is left out" in table.warning[0].value


def test_class_table_refuses_other_text_with_a_sentence(table):
    table.text_area(key="class_table_pasted").set_value("hello").run()
    assert "Paste the content of run cards" in table.error[0].value
    assert not table.dataframe


def test_class_gain_without_files_says_where_they_come_from():
    app = AppTest.from_function(gain_page, default_timeout=30).run()
    assert not app.exception
    assert "after the second round" in app.caption[0].value


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.4, 2.6, "(95 % interval 0.4 to 2.6, n = 12): more than chance"),
        (-0.2, 2.6, "it may be chance"),
        (-2.0, -0.5, "less than chance"),
        (math.nan, math.nan, "There is no interval for so few people"),
    ],
)
def test_gain_is_said_with_its_interval_and_what_that_means(low, high, words):
    text = describe_gain(Gain(1.5, low, high, 12, 2.0, 3.5))
    assert words in text
    assert "12 people: 2.0 of 5 right before, 3.5 after" in text
