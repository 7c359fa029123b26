"""Differences of figures on the same X-rays: paired by patient, and never of no length where other X-rays could differ."""

import numpy as np
import pytest

from covidlab.evaluation.paired import bonett_price_reach, paired_accuracy, paired_differences
from covidlab.metrics import METRICS

LABELS = np.arange(50) % 2
PATIENTS = np.repeat(np.arange(37), [4, 4, 4, 3, 2, 2] + [1] * 31)


def probabilities(right: np.ndarray) -> np.ndarray:
    positive = np.where((LABELS == 0) == right, 0.8, 0.2)
    return np.stack([positive, 1 - positive], axis=1)


def differences(first, second):
    return paired_differences(LABELS, first, second, patient_ids=PATIENTS, positive_index=0)


def test_bonett_price_reach_is_that_of_the_formula():
    # 50 pairs, 6 right only in the first, 1 only in the second: shares 7/52 and 2/52.
    first, second = np.zeros(50, bool), np.zeros(50, bool)
    first[:6] = True
    second[6] = True
    assert bonett_price_reach(first, second) == pytest.approx(1.96 * np.sqrt((9 / 52 - (5 / 52) ** 2) / 52), rel=1e-4)


def test_models_that_call_all_x_rays_alike_still_have_an_interval():
    right = np.arange(50) > 4
    first, second = probabilities(right), probabilities(right) * 0.9 + 0.05
    found = differences(first, second)
    assert tuple(found) == METRICS
    assert all(found[name].value == 0 for name in METRICS)
    assert all(found[name].below > 0.03 for name in METRICS if name != "auc")


def test_undefined_figures_are_left_out():
    never = np.tile([0.1, 0.9], (50, 1))
    assert "precision" not in differences(never, probabilities(np.ones(50, bool)))


def test_models_of_equal_accuracy_seldom_differ():
    """The interval leaves out 0 in at most 5 % of pairs of models that are equally good, also where patients have several X-rays."""
    generator, wrong, number = np.random.default_rng(1), 0, 60
    for _ in range(number):
        easy = generator.random(37)[PATIENTS]
        first, second = (probabilities(0.5 * easy + 0.5 * generator.random(50) > 0.25) for _ in range(2))
        found = differences(first, second)["accuracy"]
        wrong += not -found.above <= found.value <= found.below
    assert wrong / number <= 0.05


def test_paired_accuracy_over_repeats_is_the_mean_of_their_differences():
    right = np.arange(50) > 4
    first = np.stack([probabilities(right), probabilities(np.arange(50) > 9)])
    second = np.stack([probabilities(np.ones(50, bool)), probabilities(right)])
    found = paired_accuracy(LABELS, first, second, patient_ids=PATIENTS, positive_index=0)
    assert found.value == pytest.approx(0.1)
    assert 0 < found.below < 0.2 and 0 < found.above < 0.2


def test_paired_accuracy_of_one_repeat_is_that_of_all_figures():
    first, second = probabilities(np.arange(50) > 9), probabilities(np.arange(50) > 2)
    found = paired_accuracy(LABELS, first[None], second[None], patient_ids=PATIENTS, positive_index=0)
    same = differences(first, second)["accuracy"]
    assert (found.value, found.below, found.above) == pytest.approx((same.value, same.below, same.above), abs=1e-6)


def test_repeats_of_equally_good_models_seldom_differ():
    """As above, for held-out answers of several repeats that agree in most X-rays."""
    generator, wrong, number = np.random.default_rng(2), 0, 60
    for _ in range(number):
        easy, noise = generator.random(37)[PATIENTS], generator.random((2, 50))
        repeats = [
            np.stack([probabilities(0.5 * easy + 0.4 * own + 0.1 * generator.random(50) > 0.25) for _ in range(5)])
            for own in noise
        ]
        found = paired_accuracy(LABELS, *repeats, patient_ids=PATIENTS, positive_index=0)
        wrong += not -found.above <= found.value <= found.below
    assert wrong / number <= 0.05
