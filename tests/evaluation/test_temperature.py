"""Temperature scaling against scikit-learn's, and on answers whose temperature is known."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator

from covidlab.evaluation.temperature import TEMPERATURES, fitted_temperature, is_at_end, with_temperature


class Logits(ClassifierMixin, BaseEstimator):
    """A classifier whose logits are its features."""

    def fit(self, features, labels):
        self.classes_ = np.unique(labels)
        return self

    def decision_function(self, features):
        return features

    def predict(self, features):
        return self.classes_[features.argmax(axis=1)]


def softmax(logits):
    return np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)


def drawn(num_films, *, num_classes=3, seed=0):
    """Logits, and labels drawn from the probabilities they say."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, 1.5, (num_films, num_classes))
    return logits, (softmax(logits).cumsum(axis=1) < generator.uniform(size=(num_films, 1))).sum(axis=1)


def test_fitted_temperature_is_that_of_scikit_learn():
    logits, labels = drawn(300)
    reference = CalibratedClassifierCV(FrozenEstimator(Logits().fit(logits, labels)), method="temperature", cv=3)
    expected = reference.fit(3 * logits, labels).calibrated_classifiers_[0].calibrators[0].beta_
    assert fitted_temperature(softmax(3 * logits), labels) == pytest.approx(1 / expected, rel=1e-3)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_fitted_temperature_finds_the_one_that_answers_were_sharpened_with(temperature):
    logits, labels = drawn(20_000, num_classes=2)
    assert fitted_temperature(softmax(temperature * logits), labels) == pytest.approx(temperature, rel=0.06)


def test_fitted_temperature_of_answers_without_an_error_is_at_the_end():
    found = fitted_temperature(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 1]))
    assert is_at_end(found) and found == pytest.approx(TEMPERATURES[0], rel=0.01)


def test_with_temperature_keeps_the_order_and_halves_the_log_odds():
    found = with_temperature(np.array([[0.9, 0.1], [0.6, 0.4]]), 2.0)
    odds = found[:, 0] / found[:, 1]
    assert odds == pytest.approx([3.0, 1.5**0.5])
