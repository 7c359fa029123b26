"""Splits by image: how often a patient is on both sides."""

import math

import numpy as np
import pytest

from covidlab.audit.image_split import count_leaks, has_patient_in_training, image_splits
from covidlab.config import SPLIT_SEED
from covidlab.data.catalog import load_catalog
from covidlab.data.splits import Split, split_films

PATIENTS = np.array(["a", "a", "b", "c", "c", "d"])


def test_has_patient_in_training_of_each_validation_xray():
    split = Split(np.array([0, 2, 4]), np.array([1, 3, 5]))
    assert has_patient_in_training(split, PATIENTS).tolist() == [True, True, False]


def test_count_leaks_of_two_splits():
    splits = [Split(np.array([0, 2, 4]), np.array([1, 3, 5])), Split(np.array([0, 1, 3, 4]), np.array([2, 5]))]
    labels = np.array([1, 1, 1, 0, 0, 0])
    assert count_leaks(splits, PATIENTS, labels=labels, positive_index=1) == {
        "splits": 2,
        "with_shared_patient": 1,
        "num_positive": 1.0,
        "positive_shared": 0.5,
    }


def test_image_splits_begin_with_the_published_one(make_dataset):
    catalog = load_catalog(make_dataset())
    first, *others = image_splits(catalog, 5)
    assert (first.validation == split_films(catalog, by="image", seed=SPLIT_SEED).validation).all()
    assert any((other.validation != first.validation).any() for other in others)


def test_count_leaks_of_the_fifty_is_what_chance_gives(curated):
    catalog = load_catalog(curated)
    patients = catalog.films["patient_id"].to_numpy(dtype=str)
    positive = catalog.labels == catalog.positive_index
    found = count_leaks(
        image_splits(catalog, 100), patients, labels=catalog.labels, positive_index=catalog.positive_index
    )
    sizes = np.unique(patients[positive], return_counts=True)[1]
    # Of 25 X-rays 5 are drawn: one that is drawn has nobody in training where all others of its patient are among the other 4.
    expected = sum(size * 0.2 * (1 - math.comb(4, size - 1) / math.comb(24, size - 1)) for size in sizes)
    assert expected == pytest.approx(3.65, abs=0.01)
    assert found["positive_shared"] == pytest.approx(expected, abs=0.3) and found["num_positive"] == 5
    assert found["with_shared_patient"] >= 97
