"""What a report opens: the X-rays of a cell of its matrix."""

from types import SimpleNamespace

import pandas as pd
import pytest

from covidlab.ui.shared.report import describe_cell, films_of_cell


@pytest.fixture
def view():
    rows = [
        ("a", "covid", "normal", False),
        ("b", "covid", "covid", True),
        ("c", "normal", "normal", True),
        ("d", "covid", "normal", False),
    ]
    films = pd.DataFrame(rows, columns=["file", "class", "predicted", "correct"])
    return SimpleNamespace(films=films, classes=("covid", "normal"))


def test_films_of_cell_are_of_both_its_classes(view):
    assert films_of_cell(view, "0-1")["file"].tolist() == ["a", "d"]
    assert films_of_cell(view, "0-0")["file"].tolist() == ["b"]
    assert films_of_cell(view, "1-0").empty


def test_films_of_cell_of_a_whole_row_have_the_wrong_ones_first(view):
    assert films_of_cell(view, "0-")["file"].tolist() == ["a", "d", "b"]


def test_describe_cell_says_how_many_of_what(view):
    assert describe_cell(view, "0-1") == "2 validation X-rays of COVID-19, predicted non-COVID."
    assert describe_cell(view, "0-") == "3 validation X-rays of COVID-19, those that are wrong first."
