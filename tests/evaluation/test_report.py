"""The parts of a report, on small films and made-up probabilities."""

import json

import numpy as np
import pytest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.data.splits import Split
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


def test_cross_validation_part_speaks_of_every_film(catalog):
    features = np.random.default_rng(0).normal(size=(12, 1, 8)).astype(np.float32)
    features[:6] += 3
    part = cross_validation_part(catalog, features, TrainingConfig(dataset="films", epochs=2, views=1))
    assert part["accuracy"]["n"] == 12
    assert (part["folds"], part["num_patients"]) == (3, 6)


@pytest.mark.parametrize(
    ("settings", "words"), [({"fine_tune": "block5"}, "many times"), ({"start_from": "a.keras"}, "earlier model")]
)
def test_why_not_cross_validated_gives_the_reason(settings, words):
    assert words in why_not_cross_validated(TrainingConfig(dataset="films", **settings))
    assert why_not_cross_validated(TrainingConfig(dataset="films")) is None
