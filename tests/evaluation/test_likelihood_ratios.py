"""Likelihood ratios against SciPy's ratio of two shares (the same log method), scikit-learn's values, and sets of a known truth."""

import math

import numpy as np
import pytest
from scipy.stats.contingency import relative_risk
from sklearn.metrics import class_likelihood_ratios

from covidlab.evaluation.likelihood_ratios import OVER_PATIENTS, SIMEL, likelihood_ratios

PATIENTS = np.repeat(np.arange(37), [4, 4, 4, 3, 2, 2] + [1] * 31)


def counted(found, missed, in_error, left_out):
    """Calls and classes of so many X-rays."""
    called = np.repeat([True, False, True, False], [found, missed, in_error, left_out])
    return called[None], np.arange(called.size) < found + missed


def of(*cells, patient_ids=None):
    called, is_positive = counted(*cells)
    return likelihood_ratios(
        called, is_positive, patient_ids=np.arange(called.size) if patient_ids is None else patient_ids
    )


def test_ratios_are_those_of_scikit_learn():
    called, is_positive = counted(40, 10, 20, 80)
    positive, negative = of(40, 10, 20, 80)
    assert (positive.value, negative.value) == pytest.approx(class_likelihood_ratios(is_positive, called[0]))
    assert (positive.value, negative.value) == pytest.approx((4.0, 0.25))


def test_intervals_over_x_rays_are_those_of_the_log_method():
    positive, negative = of(40, 10, 20, 80)
    for found, counts in ((positive, (40, 50, 20, 100)), (negative, (10, 50, 80, 100))):
        expected = relative_risk(*counts).confidence_interval(0.95)
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-6)
        assert found.method == SIMEL
    # By hand: ln 4 +- 1.96 sqrt(1/40 - 1/50 + 1/20 - 1/100).
    assert positive.low == pytest.approx(math.exp(math.log(4) - 1.96 * math.sqrt(0.045)), rel=1e-4)


def test_a_count_of_zero_gets_a_half_and_says_so():
    positive, negative = of(20, 5, 0, 25)
    assert positive.has_half_added and negative.has_half_added
    assert positive.value == pytest.approx((20.5 / 26) / (0.5 / 26))
    assert math.isfinite(positive.high) and not of(20, 5, 1, 24)[0].has_half_added


def test_patients_that_repeat_widen_the_interval_and_never_narrow_it():
    called = (PATIENTS % 3 != 0)[None]
    found, _ = likelihood_ratios(called, np.arange(50) < 25, patient_ids=PATIENTS)
    assert found.method == OVER_PATIENTS
    assert found.low <= found.simel[0] and found.high >= found.simel[1]
    assert found.high / found.low > 1.05 * found.simel[1] / found.simel[0]


def test_counts_of_repeats_are_means():
    called, is_positive = counted(20, 5, 5, 20)
    twice, _ = likelihood_ratios(np.concatenate([called, ~called]), is_positive, patient_ids=np.arange(50))
    assert twice.value == pytest.approx(1.0)


def test_without_a_class_there_is_no_ratio():
    positive, negative = of(20, 5, 0, 0)
    assert math.isnan(positive.value) and math.isnan(negative.high)


def test_interval_over_patients_holds_the_truth():
    generator, is_positive, held = np.random.default_rng(3), np.arange(50) < 25, []
    for _ in range(500):
        # A patient's X-rays are mostly called alike: 0.8 of those of the class, 0.2 of the others.
        of_patient, of_film = generator.uniform(size=37)[PATIENTS], generator.uniform(size=50)
        drawn = np.where(generator.uniform(size=50) < 0.7, of_patient, of_film)
        called = drawn < np.where(is_positive, 0.8, 0.2)
        found, _ = likelihood_ratios(called[None], is_positive, patient_ids=PATIENTS)
        held.append(found.low <= 4.0 <= found.high)
    assert 0.93 <= np.mean(held) <= 0.97
