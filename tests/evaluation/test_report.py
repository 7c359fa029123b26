"""The parts of a report, on small films and made-up probabilities."""

import json

import numpy as np
import pytest

from covidlab.config import PRESETS, TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.data.splits import Split, split_films
from covidlab.evaluation.calibration import calibrate
from covidlab.evaluation.crossvalidation import cross_validate_head
from covidlab.evaluation.report import (
    cross_validation_part,
    data_part,
    predictions_table,
    validation_part,
    why_not_cross_validated,
)
from covidlab.metrics import METRICS

FILMS = np.array([0, 1, 6, 7])
# Two of each class; one covid film is called normal.
PROBABILITIES = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.1, 0.9]])


@pytest.fixture
def catalog(make_dataset):
    return load_catalog(make_dataset(films_per_patient=2))


def test_validation_part_has_every_figure_and_the_confusion_of_the_true_class(catalog):
    part = validation_part(catalog, FILMS, PROBABILITIES)
    assert set(METRICS) <= part.keys()
    assert part["accuracy"]["value"] == 0.75
    assert part["sensitivity"]["value"] == 0.5
    assert part["confusion"] == [[1, 1], [0, 2]]
    assert (part["classes"], part["positive_class"], part["threshold"]) == (["covid", "normal"], "covid", 0.5)
    json.dumps(part, allow_nan=False)


def test_predictions_table_has_a_row_a_film_with_each_class(catalog):
    table = predictions_table(catalog, FILMS, PROBABILITIES)
    assert table["file"].tolist() == [catalog.films["file"][film] for film in FILMS]
    assert table["predicted"].tolist() == ["covid", "normal", "normal", "normal"]
    assert table["correct"].tolist() == [True, False, True, True]
    assert table["probability"].tolist() == table["p_covid"].tolist() == [0.9, 0.2, 0.3, 0.1]


def test_data_part_counts_the_patients_on_both_sides(catalog):
    # The films 0 and 1 show one patient, 6 and 7 another.
    split = Split(train=np.array([1, 2, 3, 8, 9]), validation=np.array([0, 6]))
    part = data_part(catalog, split)
    assert (part["num_training"], part["num_validation"], part["num_validation_patients"]) == (5, 2, 2)
    assert part["num_validation_with_patient_in_training"] == 1
    assert part["fingerprint"] == catalog.fingerprint


def crossed_part(catalog, features):
    crossed = cross_validate_head(catalog, features, TrainingConfig(dataset="films", epochs=2, views=1))
    return cross_validation_part(catalog, crossed, calibrate(crossed, catalog.labels, positive_index=0))


def test_cross_validation_part_speaks_of_every_film(catalog):
    features = np.random.default_rng(0).normal(size=(12, 1, 8)).astype(np.float32)
    features[:6] += 3
    part = crossed_part(catalog, features)
    assert part["accuracy"]["n"] == 12
    assert (part["folds"], part["num_patients"]) == (3, 6)


@pytest.mark.parametrize(
    ("settings", "words"), [({"fine_tune": "block5"}, "many times"), ({"start_from": "a.keras"}, "earlier model")]
)
def test_why_not_cross_validated_gives_the_reason(settings, words):
    assert words in why_not_cross_validated(TrainingConfig(dataset="films", **settings))
    assert why_not_cross_validated(TrainingConfig(dataset="films")) is None


@pytest.fixture
def unknown(make_dataset):
    """The same films; nobody stated their patients."""
    return load_catalog(make_dataset(name="unknown"))


def test_parts_of_unknown_patients_count_none_and_name_none(unknown):
    split = Split(train=np.arange(1, 12), validation=np.array([0]))
    part = data_part(unknown, split)
    assert (part["patients_known"], part["num_patients"], part["num_validation_patients"]) == (False, None, None)
    assert part["num_validation_with_patient_in_training"] is None
    features = np.random.default_rng(0).normal(size=(12, 1, 8)).astype(np.float32)
    crossed = crossed_part(unknown, features)
    assert (crossed["num_patients"], crossed["split_by"]) == (None, "image")
    everything = json.dumps([part, crossed, validation_part(unknown, FILMS, PROBABILITIES)])
    assert "over patients" not in everything and "over X-rays" in everything
    table = predictions_table(unknown, FILMS, PROBABILITIES)
    assert set(table["patient_id"]) == {""}


def test_predictions_table_names_the_patients_that_are_stated(catalog):
    assert predictions_table(catalog, FILMS, PROBABILITIES)["patient_id"].tolist()[0] == "covid-0"


def test_validation_part_tells_a_constant_answer_and_the_majority(catalog):
    part = validation_part(catalog, FILMS, PROBABILITIES)
    assert part["majority"] == {"class": "covid", "share": 0.5, "n": 4}
    assert part["constant_answer"] is None
    constant = validation_part(catalog, np.array([0, 6, 7, 8]), np.array([[0.1, 0.9]] * 4))
    assert constant["majority"] == {"class": "normal", "share": 0.75, "n": 4}
    assert constant["constant_answer"] == "normal"


def test_data_part_lists_x_rays_in_two_classes(unknown):
    assert data_part(unknown, Split(train=np.arange(6), validation=np.arange(6, 12)))["conflicts"] == []
    (unknown.root / "normal/film-000.png").write_bytes((unknown.root / "covid/film-002.png").read_bytes())
    part = data_part(load_catalog(unknown.root), Split(train=np.arange(6), validation=np.arange(6, 12)))
    assert part["conflicts"] == [["covid/film-002.png", "normal/film-000.png"]]


@pytest.mark.curated
def test_data_part_of_the_original_protocol_says_how_many_patients_are_on_both_sides(curated):
    catalog = load_catalog(curated)
    part = data_part(catalog, split_films(catalog, by=PRESETS["original"].split_by))
    assert part["num_validation"] == 10
    assert part["num_validation_with_patient_in_training"] > 0
