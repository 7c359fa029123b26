"""The learning-rate range test: what it suggests, and that it trains as it says."""

import numpy as np
import pytest

from covidlab.config import TrainingConfig
from covidlab.evaluation.rate_range import NUM_STEPS, found, range_test_in_steps, suggested_rate
from covidlab.learning.heads import HeadJob
from covidlab.learning.updates import UpdateRule

RATES = np.geomspace(1e-6, 1.0, NUM_STEPS)


def falling_at(rate: float) -> np.ndarray:
    """A loss that falls around a rate and rises sharply behind 0.1."""
    place = np.log10(RATES)
    return 0.7 - 0.4 / (1 + np.exp(-4 * (place - np.log10(rate)))) + np.maximum(0, place + 1) * 5


@pytest.mark.parametrize("rate", [1e-4, 1e-3, 1e-2])
def test_suggested_rate_is_where_the_loss_falls_most_steeply(rate):
    assert abs(np.log10(suggested_rate(RATES, falling_at(rate)) / rate)) < 0.1


def test_suggested_rate_steeper_fall_behind_the_minimum_does_not_count():
    losses = falling_at(1e-3)
    losses[-5:] = np.linspace(9, 1, 5)
    assert suggested_rate(RATES, losses) < 1e-2


def test_suggested_rate_loss_that_does_not_fall_suggests_nothing():
    assert suggested_rate(RATES, np.linspace(0.7, 5, NUM_STEPS)) is None
    assert suggested_rate(RATES, 0.7 + 0.005 * np.sin(np.arange(NUM_STEPS))) is None
    assert suggested_rate(RATES[:2], np.array([0.7, 0.1])) is None


def test_found_noise_is_smoothed_and_shifts_nothing():
    noisy = falling_at(1e-3) + np.random.default_rng(0).normal(0, 0.02, NUM_STEPS)
    seen = found(RATES, noisy)
    assert np.abs(seen.smoothed - falling_at(1e-3))[5:60].max() < np.abs(noisy - falling_at(1e-3))[5:60].max()
    assert abs(np.log10(seen.suggested / 1e-3)) < 0.5


def test_found_ends_before_the_first_loss_that_is_no_number():
    losses = falling_at(1e-3)
    losses[70:] = np.nan
    seen = found(RATES, losses)
    assert len(seen.rates) == len(seen.losses) == len(seen.smoothed) == 70


def test_range_test_gives_way_at_every_step_and_finds_a_rate_that_learns():
    labels = np.arange(24) % 2
    features = np.random.default_rng(0).normal(size=(24, 2, 64)).astype(np.float32)
    features[:, :, 0] += 6 * (2 * labels[:, None] - 1)
    job = HeadJob(films=np.arange(20), labels=labels, views=(0, 1), learning_rate=0.1, seed=1)
    steps = range_test_in_steps(
        job, features, TrainingConfig(dataset="", batch_size=8), num_classes=2, rule=UpdateRule()
    )
    num_steps = 0
    while True:
        try:
            next(steps)
            num_steps += 1
        except StopIteration as end:
            seen = end.value
            break
    assert num_steps == len(seen.losses) == NUM_STEPS
    assert 1e-4 < seen.suggested < 0.3
