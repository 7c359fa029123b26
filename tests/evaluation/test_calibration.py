"""Calibration learned from the folds: over-certain heads are tempered, and what is worthless says how frequent a class is."""

import numpy as np
import pytest

from covidlab.evaluation.calibration import calibrate
from covidlab.evaluation.crossvalidation import CrossValidation

LABELS = np.repeat([0, 1], 40)


def crossed(log_odds):
    probability = 1 / (1 + np.exp(-log_odds))
    return CrossValidation(
        probabilities=np.stack([probability, 1 - probability], axis=-1).astype(np.float32),
        folds=2,
        fold_of=np.tile(np.arange(80) % 2, (len(log_odds), 1)),
        weights=(),
    )


def test_calibrate_tempers_heads_that_are_too_certain():
    generator = np.random.default_rng(0)
    signal = np.where(LABELS == 0, 1, -1) + generator.normal(0, 1.5, (3, 80))
    found = calibrate(crossed(8 * signal), LABELS, positive_index=0)
    assert found.slopes.shape == (6,)
    assert (found.slopes < 0.5).all()
    assert found.brier_calibrated < found.brier


def test_calibrate_heads_that_are_wrong_say_the_share_of_the_class():
    found = calibrate(crossed(np.where(LABELS == 0, -3.0, 3.0)[None]), LABELS, positive_index=0)
    np.testing.assert_array_equal(found.slopes, 0)
    assert found.intercepts == pytest.approx(0)
