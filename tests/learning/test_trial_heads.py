"""Heads of trials side by side in NumPy: equal to those that TensorFlow trains, with every rule."""

import numpy as np
import pytest

from covidlab.learning.heads import HeadJob, HeadStack, train_heads
from covidlab.learning.network import DROPOUT_RATE
from covidlab.learning.trial_heads import TrialHeads
from covidlab.learning.updates import UpdateRule

NUM_FILMS, NUM_FEATURES, SEED, BATCH_SIZE = 18, 5, 7, 4
RATES, EPOCHS = (0.03, 0.01, 0.02), (5, 3, 3)


@pytest.fixture(scope="module")
def features():
    return np.random.default_rng(1).normal(size=(NUM_FILMS, 2, NUM_FEATURES)).astype(np.float32)


@pytest.mark.parametrize(
    "rule",
    [
        UpdateRule(),
        UpdateRule(weight_decay=0.5, class_weights=(0.5, 1.5, 2.0)),
        UpdateRule(optimizer="sgd", weight_decay=0.1),
    ],
    ids=["adam", "adam with decay and class weights", "sgd"],
)
def test_trials_side_by_side_equal_heads_trained_by_tensorflow(features, rule):
    labels, films = np.arange(NUM_FILMS) % 3, np.arange(2, NUM_FILMS - 1)
    jobs = [
        HeadJob(films=films, labels=labels, views=(0, 1), learning_rate=rate, seed=SEED, epochs=epochs)
        for rate, epochs in zip(RATES, EPOCHS, strict=True)
    ]
    stack = train_heads(jobs, features, num_classes=3, epochs=max(EPOCHS), batch_size=BATCH_SIZE, rule=rule)
    first = HeadStack([SEED], num_features=NUM_FEATURES, num_classes=3).stacked_weights()
    heads = TrialHeads([array[0] for array in first], rates=RATES, epochs=EPOCHS, rule=rule, dropout_rate=DROPOUT_RATE)
    said = heads.learn(films, features, labels, batch_size=BATCH_SIZE, seed=SEED)
    np.testing.assert_allclose(said, stack.probabilities(features[:, 0]), atol=1e-5)
    assert said.std() > 0.1
