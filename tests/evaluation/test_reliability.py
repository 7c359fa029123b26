"""Brier score against scikit-learn's and by hand, its interval on patients of a known truth, bins by hand."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from covidlab.evaluation.reliability import mean_by_patient, reliability, squared_errors

# As in the curated set: 12 patients with 25 X-rays, then 25 with one each.
PATIENTS = np.repeat(np.arange(37), [4, 4, 4, 3, 2, 2] + [1] * 31)
IS_POSITIVE = np.arange(50) < 25


def test_squared_errors_average_to_the_brier_score_of_scikit_learn():
    probabilities = np.random.default_rng(0).uniform(size=(3, 50))
    expected = np.mean([brier_score_loss(IS_POSITIVE, one) for one in probabilities])
    assert squared_errors(probabilities, IS_POSITIVE).mean() == pytest.approx(expected)


@pytest.mark.parametrize(("certainty", "truth"), [(1.5, 0.1144), (2.5, 0.0201)])
def test_mean_by_patient_holds_the_truth_in_95_of_100_sets(certainty, truth):
    generator, held = np.random.default_rng(1), []
    spread = 1.5 if certainty == 1.5 else 1.0
    for _ in range(400):
        # X-rays of a patient share most of what varies; the truth is a mean over 10,000,000 X-rays.
        own = 0.8 * generator.normal(size=37)[PATIENTS] + 0.6 * generator.normal(size=50)
        log_odds = np.where(IS_POSITIVE, certainty, -certainty) + spread * own
        errors = squared_errors(1 / (1 + np.exp(-log_odds))[None], IS_POSITIVE)
        found = mean_by_patient(errors, PATIENTS, low=0.0, high=1.0, num_resamples=500)
        held.append(found.low <= truth <= found.high)
    assert 0.91 <= np.mean(held) <= 0.98


def test_mean_by_patient_is_wider_than_over_films_where_patients_repeat():
    values = IS_POSITIVE * (PATIENTS % 2).astype(float)
    by_patient = mean_by_patient(values, PATIENTS, low=0.0, high=1.0)
    by_film = mean_by_patient(values, np.arange(50), low=0.0, high=1.0)
    assert by_patient.high - by_patient.low > 1.2 * (by_film.high - by_film.low)


def test_mean_by_patient_of_equal_values_is_not_known_at_all():
    found = mean_by_patient(np.full(50, 0.1), PATIENTS, low=0.0, high=1.0)
    assert (found.value, found.low, found.high) == (pytest.approx(0.1), 0.0, 1.0)


def test_reliability_counts_what_lies_in_each_bin():
    probabilities = np.array([[0.0, 0.1, 0.2, 0.95, 1.0, 0.9], [0.1, 0.1, 0.1, 0.95, 1.0, 0.5]])
    is_positive = np.array([False, False, True, True, True, False])
    lowest, second, middle, highest = reliability(probabilities, is_positive, patient_ids=np.arange(6))
    assert [one.num_films for one in (lowest, second, middle, highest)] == [2.5, 0.5, 0.5, 2.5]
    assert lowest.mean == pytest.approx(0.08) and lowest.share.value == pytest.approx((0 + 1 / 3) / 2)
    assert (second.low, second.high) == (0.2, 0.4) and second.share.value == 1.0
    assert highest.share.value == pytest.approx((2 / 3 + 1) / 2)
    assert (highest.share.n, highest.num_patients) == (3, 3)


def test_reliability_of_a_single_x_ray_in_a_bin_says_next_to_nothing():
    (only,) = reliability(np.array([[0.7]]), np.array([True]), patient_ids=np.array([1]))
    assert only.share.low < 0.25 and only.share.high == 1.0
