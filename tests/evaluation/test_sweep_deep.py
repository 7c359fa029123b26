"""Trials that learn deeper than the head: one fold after another, on a learner that needs no network."""

import numpy as np
import pytest

from covidlab.config import TrainingConfig
from covidlab.data.splits import Split
from covidlab.evaluation import sweep_deep
from covidlab.evaluation.sweep_deep import held_out_by_folds
from covidlab.learning.updates import UpdateRule

LABELS = np.arange(8) % 2
FOLDS = [Split(np.arange(4, 8), np.arange(4)), Split(np.arange(4), np.arange(4, 8))]


class Remembers:
    """Says what class most of the X-rays it saw had, with its seed as the second decimal; its loss is given."""

    def __init__(self, seed, loss):
        self.seed, self.loss = seed, loss

    def train_batch(self, inputs, labels, mask, rate):
        return self.loss, 0.5

    def probabilities(self, inputs):
        positive = np.full(len(inputs), 0.5 + self.seed / 100, np.float32)
        return np.stack([1 - positive, positive], axis=1)


@pytest.fixture
def held_out(monkeypatch):
    """Return a function that trains every fold and returns what is said of X-rays held out, with the seeds of the folds."""

    def train(loss=0.5, on_step=lambda: None):
        seeds = []

        def build(config, classes, **options):
            seeds.append(config.seed)
            return Remembers(config.seed, loss), None

        monkeypatch.setattr(sweep_deep, "build_learner", build)
        found = held_out_by_folds(
            TrainingConfig(dataset="", fine_tune="block5", epochs=2, seed=10, patience=1),
            lambda films, view: np.zeros((len(films), 1), np.float32),
            LABELS,
            ("covid", "normal"),
            FOLDS,
            precision="float32",
            rule=UpdateRule(),
            on_step=on_step,
        )
        return found, seeds

    return train


def test_each_x_ray_is_read_by_the_network_of_the_fold_that_held_it_out(held_out):
    found, seeds = held_out()
    assert seeds == [10, 11]
    assert found[:, 1] == pytest.approx([0.6] * 4 + [0.61] * 4)


def test_trial_that_diverges_has_no_answer(held_out):
    found, seeds = held_out(loss=float("inf"))
    assert np.isnan(found).all() and seeds == [10]


def test_trial_may_be_ended_between_steps(held_out):
    def end():
        raise KeyboardInterrupt("asked to stop")

    with pytest.raises(KeyboardInterrupt, match="asked to stop"):
        held_out(on_step=end)
