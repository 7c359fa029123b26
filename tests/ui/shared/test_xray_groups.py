"""The strip of a set: its classes in order, and of each X-ray on which side the models put it."""

import numpy as np
import pytest

from covidlab.data.catalog import load_catalog
from covidlab.runs.held_out import HeldOut
from covidlab.ui.shared.xray_groups import xray_groups


@pytest.fixture
def catalog(make_dataset):
    """Two X-rays of each class, those of covid first."""
    return load_catalog(make_dataset({"covid": 2, "normal": 2}))


def cells(groups: list[dict]) -> list[dict]:
    return [cell for group in groups for cell in group["cells"]]


def test_cells_say_the_side_and_the_probability_where_they_are_known(catalog):
    answers = HeldOut(probabilities=np.array([0.9, 0.2, np.nan, 0.1]), threshold=0.5, is_crossed=True)
    groups = xray_groups(catalog, answers, place="")
    assert [(group["name"], len(group["cells"])) for group in groups] == [("COVID-19", 2), ("non-COVID", 2)]
    assert [cell["side"] for cell in cells(groups)] == ["right", "wrong", "", "right"]
    assert [cell["share"] for cell in cells(groups)] == [0.9, 0.2, None, 0.1]
    assert "on the side of the other class" in cells(groups)[1]["name"]


def test_cells_without_answers_have_no_side(catalog):
    assert {(cell["side"], cell["share"]) for cell in cells(xray_groups(catalog, None, place=""))} == {("", None)}


def test_sides_are_worked_out_once_for_all_cells(catalog, monkeypatch):
    asked, is_right = [], HeldOut.is_right
    monkeypatch.setattr(HeldOut, "is_right", lambda self, of: asked.append(of) or is_right(self, of))
    xray_groups(catalog, HeldOut(probabilities=np.zeros(4), threshold=0.5, is_crossed=True), place="")
    assert asked == [catalog]
