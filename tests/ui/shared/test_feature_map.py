"""A map knows its X-rays by name and content, says what coincides with the class, and where a place lies outside."""

import numpy as np
import pandas as pd
import pytest

from covidlab.data.catalog import Catalog, load_catalog
from covidlab.data.film_table import NOT_STATED
from covidlab.ui.shared.feature_map import (
    ANSWER,
    MOST_GROUPS,
    OTHERS,
    FeatureMap,
    chosen_files,
    coinciding,
    describe_map,
    feature_map,
    is_outside,
    map_caption,
)
from tests.ui.shared.maps import map_answer

SQUARE = np.array([[0.0, 0], [2, 0], [2, 2], [0, 2], [1, 1]])


@pytest.fixture
def catalog(make_dataset) -> Catalog:
    """Three adults of one hospital with COVID-19, three children of another; views are mixed."""
    root = make_dataset({"covid": 3, "normal": 3})
    files = [f"{kind}/film-00{number}.png" for kind in ("covid", "normal") for number in range(3)]
    described = {
        "patient_id": list("aabcde"),
        "view_metadata": ["AP", "PA", "PA", "PA", "AP", "AP"],
        "age_group": ["adult", "adult", "", "child", "child", "child"],
        "source": ["one hospital"] * 3 + ["another"] * 3,
    }
    pd.DataFrame({"file": files, **described}).to_csv(root / "metadata.csv", index=False)
    return load_catalog(root)


@pytest.fixture
def known_map(catalog) -> FeatureMap:
    return feature_map(*map_answer(catalog), catalog)


def test_feature_map_offers_what_differs(known_map):
    assert known_map.offered == ["Class", "Age group", "View", "Source", ANSWER]


def test_feature_map_knows_what_the_set_says(known_map):
    assert list(known_map.groups("View")) == ["AP", "PA", "PA", "PA", "AP", "AP"]
    assert list(known_map.groups("Age group")) == ["adult", "adult", NOT_STATED, "child", "child", "child"]
    assert list(known_map.groups(ANSWER)) == ["wrong", *["right"] * 4, "not cross-validated"]


def test_feature_map_takes_a_name_with_another_content_for_another_xray(catalog):
    known, points = map_answer(catalog)
    known_map = feature_map({**known, "sha256s": ["0" * 64, *known["sha256s"][1:]]}, points, catalog)
    assert list(known_map.films["is_here"]) == [False] + [True] * 5
    assert known_map.films["source"][0] == NOT_STATED
    assert known_map.here().num_films == len(known_map.here().points) == 5


def test_feature_map_without_a_set_knows_classes_and_answers(catalog):
    known_map = feature_map(*map_answer(catalog), None)
    assert known_map.offered == ["Class", ANSWER]
    assert known_map.here().num_films == 0


def test_groups_join_what_is_rare(known_map):
    many = pd.concat([known_map.films] * 2, ignore_index=True).assign(source=list("aabcdefghijk"))
    larger = FeatureMap(np.zeros((12, 2)), many, ("covid", "normal"), "covid", 0.4, True)
    counts = larger.groups("Source").value_counts()
    assert len(counts) == MOST_GROUPS + 1
    assert counts[OTHERS] == 5


def test_coinciding_names_what_lies_in_one_class_each(known_map):
    assert coinciding(known_map) == ["Age group", "Source"]
    assert "In this set age group and source coincide with the class" in map_caption(known_map, colour_by="Class")


def test_caption_says_the_share_and_that_near_is_no_disease(known_map):
    caption = map_caption(known_map, colour_by="Class")
    assert "40 % of all differences (n = 6 X-rays)" in caption
    assert "need not show the same disease" in caption
    assert "operating point" not in caption


def test_caption_of_answers_says_whom_the_models_had_not_seen(known_map, catalog):
    assert "models that had not seen the patient, at the operating point 0.5" in map_caption(
        known_map, colour_by=ANSWER
    )
    unknown = feature_map(*map_answer(catalog, patients_known=False), catalog)
    assert "models that had not seen the X-ray, at" in map_caption(unknown, colour_by=ANSWER)


def test_describe_map_counts_each_group(known_map):
    assert describe_map(known_map, colour_by="Class") == "Map of 6 X-rays, coloured by class: 3 COVID-19, 3 non-COVID."


@pytest.mark.parametrize("place", [(1, 0.5), (2, 2), (1, 1), (1, 0)])
def test_is_outside_within_the_region_is_false(place):
    assert not is_outside(SQUARE, place)


@pytest.mark.parametrize("place", [(3, 1), (-0.01, 1), (2.1, 2.1)])
def test_is_outside_beyond_the_hull_is_true(place):
    assert is_outside(SQUARE, place)


def test_is_outside_of_no_points_is_true():
    assert is_outside(np.zeros((0, 2)), (0, 0))


def test_chosen_files_passes_over_what_is_no_xray(known_map):
    points = [{"customdata": [1]}, {"customdata": [1]}, {"customdata": [99]}, {"customdata": [-1]}, {}]
    assert chosen_files(known_map, points) == ["covid/film-001.png"]
