"""Intervals of figures over films of patients who have several, against worked examples and a brute-force jackknife."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from covidlab.clustered import area_interval, areas_without, jackknife_variance, pairs_in_order, ratio_interval
from covidlab.intervals import newcombe_interval, wilson_interval

TWELVE = np.repeat(np.arange(12), [4, 4, 4, 3, 2, 2] + [1] * 6)


def interval_of(right, patients):
    right = np.asarray(right, dtype=float)[None]
    return ratio_interval(float(right.mean()), right, np.ones_like(right), np.asarray(patients))


def test_ratio_interval_of_films_of_distinct_patients_is_wilsons():
    assert interval_of([1] * 9 + [0], np.arange(10)) == pytest.approx(wilson_interval(9, 10))


def test_ratio_interval_of_three_patients_is_that_of_the_worked_example():
    # Right: 2 of 2, 1 of 2, 1 of 4. Without each patient 2/6, 3/6 and 3/4, so the variance is 2/3 of the sum of squares.
    without = np.array([2 / 6, 3 / 6, 3 / 4])
    variance = 2 / 3 * np.square(without - without.mean()).sum()
    worth = 0.25 / variance * (stats.t.ppf(0.975, 7) / stats.t.ppf(0.975, 2)) ** 2
    found = interval_of([1, 1, 1, 0, 1, 0, 0, 0], [0, 0, 1, 1, 2, 2, 2, 2])
    assert found == pytest.approx(wilson_interval(max(worth, 1.0) / 2, max(worth, 1.0)))


def test_ratio_interval_is_never_that_of_more_films_than_there_are():
    # Each patient has one right and one wrong, so patients do not differ at all.
    found = interval_of([1, 0] * 20, np.repeat(np.arange(20), 2))
    assert found == pytest.approx(wilson_interval(20, 40))


def test_ratio_interval_of_all_right_counts_films_of_a_patient_as_alike():
    low, high = interval_of(np.ones(25), TWELVE)
    assert (low, high) == pytest.approx((wilson_interval(625 / 71, 625 / 71)[0], 1.0))


def test_ratio_interval_with_an_error_more_has_no_better_bound():
    right = np.ones(25)
    bounds = [interval_of(right, TWELVE)[0]]
    for film in range(24, 12, -1):
        right[film] = 0
        bounds.append(interval_of(right, TWELVE)[0])
    assert bounds == sorted(bounds, reverse=True)


def test_ratio_interval_of_one_patient_is_that_of_one_film():
    assert interval_of([1, 1, 0], [0, 0, 0]) == pytest.approx(wilson_interval(2 / 3, 1))


def test_pairs_in_order_are_the_area_with_ties_half():
    scores, positive = np.random.default_rng(1).random(40).round(1), np.arange(40) % 3 == 0
    pairs = pairs_in_order(positive, scores)
    area = roc_auc_score(positive, scores)
    assert pairs[positive].sum() == pytest.approx(pairs[~positive].sum())
    assert pairs[positive].sum() / (positive.sum() * (~positive).sum()) == pytest.approx(area)


def test_areas_without_groups_are_those_of_the_other_films():
    # Also where a patient has films of both classes.
    generator = np.random.default_rng(2)
    scores, positive, groups = generator.random((2, 30)).round(1), np.arange(30) % 2 == 0, np.arange(30) // 3
    expected = [
        np.mean([roc_auc_score(positive[groups != group], own[groups != group]) for own in scores])
        for group in range(10)
    ]
    assert areas_without(positive, scores, groups) == pytest.approx(expected)


def test_area_interval_of_films_of_distinct_patients_is_newcombes():
    scores, positive = np.random.default_rng(3).normal(size=30), np.arange(30) < 12
    scores += positive
    area = roc_auc_score(positive, scores)
    assert area_interval(area, positive, scores[None], np.arange(30)) == pytest.approx(newcombe_interval(area, 12, 18))


def test_area_interval_grows_where_films_are_copies_of_each_other():
    scores, positive = np.random.default_rng(3).normal(size=30), np.arange(30) < 12
    scores += positive
    area, patients = roc_auc_score(positive, scores), np.repeat(np.arange(30), 3)
    found = area_interval(area, np.repeat(positive, 3), np.repeat(scores, 3)[None], patients)
    # Three films that are all alike tell as much as one.
    assert found == pytest.approx(newcombe_interval(area, 12, 18), abs=0.01)


def test_jackknife_variance_of_a_mean_is_the_usual_one():
    values = np.random.default_rng(4).normal(size=20)
    without = (values.sum() - values) / 19
    assert jackknife_variance(without) == pytest.approx(values.var(ddof=1) / 20)
    assert np.isnan(jackknife_variance(without[:1]))
