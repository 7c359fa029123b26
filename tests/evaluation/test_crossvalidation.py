"""Cross-validation of the head, fifty heads side by side."""

import numpy as np

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.evaluation.crossvalidation import cross_validate_head

CONFIG = TrainingConfig(dataset="", epochs=8, learning_rate=0.01, views=2)


def features_of(labels, *, signal):
    features = np.random.default_rng(0).normal(size=(len(labels), 2, 512)).astype(np.float32)
    features[:, :, 0] += signal * (2 * labels[:, None] - 1)
    return features


def accuracy(probabilities, labels):
    return (probabilities.argmax(axis=2) == labels).mean()


def test_cross_validate_reads_every_film_in_every_repeat(make_dataset):
    catalog = load_catalog(make_dataset({"covid": 10, "normal": 10}, films_per_patient=2))
    crossed = cross_validate_head(catalog, features_of(catalog.labels, signal=0), CONFIG)
    probabilities = crossed.probabilities
    assert probabilities.shape == (10, 20, 2)
    assert crossed.folds == 5
    assert crossed.weights[0].shape == (50, 512, 64)
    assert set(crossed.fold_of.ravel()) == set(range(5))
    np.testing.assert_allclose(probabilities.sum(axis=2), 1, atol=1e-5)


def test_cross_validate_finds_a_signal_and_none_where_there_is_none(make_dataset):
    catalog = load_catalog(make_dataset({"covid": 20, "normal": 20}))
    found = cross_validate_head(catalog, features_of(catalog.labels, signal=30), CONFIG).probabilities
    nothing = cross_validate_head(catalog, features_of(catalog.labels, signal=0), CONFIG).probabilities
    assert accuracy(found, catalog.labels) > 0.95
    assert 0.25 < accuracy(nothing, catalog.labels) < 0.75


def test_cross_validate_a_feature_that_names_the_patient_does_not_help(make_dataset):
    """Two films of a patient are alike; a split by film would read the one from the other."""
    catalog = load_catalog(make_dataset({"covid": 20, "normal": 20}, films_per_patient=2))
    _, patients = np.unique(catalog.films["patient_id"], return_inverse=True)
    features = np.random.default_rng(1).normal(size=(20, 512)).astype(np.float32)[patients][:, None].repeat(2, axis=1)
    probabilities = cross_validate_head(catalog, features, CONFIG).probabilities
    assert 0.2 < accuracy(probabilities, catalog.labels) < 0.8


def test_cross_validate_few_patients_uses_fewer_folds(make_dataset):
    catalog = load_catalog(make_dataset({"covid": 6, "normal": 6}, films_per_patient=2))
    assert cross_validate_head(catalog, features_of(catalog.labels, signal=0), CONFIG).folds == 3
