"""Which of two settings is better: intervals by hand, and how often the rule errs where both are equally good."""

import math
from dataclasses import replace

import numpy as np
import pytest

from covidlab.evaluation.comparison import (
    Interval,
    Side,
    compare,
    patient_interval,
    patients_to_see,
    resampled_interval,
    smallest_seen,
)

NUM_PATIENTS, NUM_POSITIVE, REPEATS, FOLDS = 37, 12, 10, 5


def simulated(seed, *, advantage=0.0):
    """Two nearest-centroid classifiers, each with features of its own that tell the classes equally well, save for ``advantage``."""
    generator = np.random.default_rng(seed)
    sizes = np.ones(NUM_PATIENTS, int)
    sizes[generator.integers(0, NUM_POSITIVE, 13)] += 1
    of_patient = (np.arange(NUM_PATIENTS) < NUM_POSITIVE).astype(int)
    patients = np.repeat(np.arange(NUM_PATIENTS), sizes)
    labels = of_patient[patients]
    features = generator.normal(size=(NUM_PATIENTS, 2, 6))[patients] + 0.5 * generator.normal(size=(len(labels), 2, 6))
    features[:, :, 0] += 0.9 * labels[:, None]
    features[:, 1, 1] += advantage * labels
    folds, right = np.zeros((2, REPEATS, FOLDS)), np.zeros((2, len(labels)))
    for repeat in range(REPEATS):
        fold_of = stratified(of_patient, generator)[patients]
        for fold in range(FOLDS):
            told = told_right(features, labels, fold_of == fold)
            folds[:, repeat, fold] = told.mean(axis=0)
            right[:, fold_of == fold] += told.T / REPEATS
    sides = [Side(accuracies=[right[k].mean()], folds=folds[k : k + 1], right=right[k]) for k in range(2)]
    return compare(*sides, patients)


def stratified(of_patient, generator):
    fold_of = np.empty(NUM_PATIENTS, int)
    for label in (0, 1):
        own = generator.permutation(np.flatnonzero(of_patient == label))
        fold_of[own] = np.arange(len(own)) % FOLDS
    return fold_of


def told_right(features, labels, held_out):
    """(held out, 2) whether each classifier is right."""
    learned, classes = features[~held_out], labels[~held_out]
    positive, negative = learned[classes == 1].mean(axis=0), learned[classes == 0].mean(axis=0)
    scores = ((features[held_out] - (positive + negative) / 2) * (positive - negative)).sum(axis=2)
    return (scores > 0) == (labels[held_out] == 1)[:, None]


def test_rule_calls_one_of_two_equals_better_in_at_most_five_of_a_hundred():
    assert np.mean([simulated(seed).can_tell for seed in range(200)]) <= 0.05


def test_rule_finds_a_large_difference():
    found = [simulated(seed, advantage=4.0) for seed in range(20)]
    assert np.mean([one.can_tell and one.difference > 0 for one in found]) > 0.6


def test_patients_with_several_x_rays_widen_the_interval():
    differences = np.array([1.0, 1.0, 1.0, 1.0, -1.0, -1.0, 0.0, 0.0, 0.0, 0.0])
    alone = patient_interval(differences, np.arange(10))
    together = patient_interval(differences, np.array([0, 0, 0, 0, 1, 1, 2, 3, 4, 5]))
    assert together.high - together.low > 1.5 * (alone.high - alone.low)
    assert (alone.number, together.number) == (10, 6)


def test_patient_interval_of_single_x_rays_is_the_paired_t_interval():
    differences = np.array([0.0, 1.0, 0.0, -1.0, 1.0, 0.0, 0.0, 1.0])
    interval = patient_interval(differences, np.arange(8))
    # 0.25 with a standard deviation of 0.7071, t of 7 degrees 2.3646.
    assert (interval.low, interval.high) == pytest.approx((0.25 - 0.5912, 0.25 + 0.5912), abs=1e-3)


def test_resampled_interval_has_the_corrected_variance():
    differences = np.array([[0.1, 0.0, 0.2, 0.1, 0.1], [0.0, 0.1, 0.1, 0.2, 0.1]])
    interval = resampled_interval(differences)
    assert interval.error == pytest.approx(np.sqrt((1 / 10 + 1 / 4) * differences.var(ddof=1)))
    assert interval.mean == pytest.approx(0.1)


def test_intervals_that_cannot_be_computed_are_none():
    assert patient_interval(np.array([1.0, 0.0]), np.array(["a", "a"])) is None


def test_patient_interval_where_no_x_ray_differs_is_not_known():
    # The averaged answers agree on all X-rays, those of single repeats do not: an interval of no length would say p = 0.
    assert patient_interval(np.zeros(6), np.arange(6), difference=-0.01) is None
    assert resampled_interval(np.array([[0.1]])) is None


def test_without_fold_accuracies_nothing_is_told():
    right = np.repeat([0.0, 1.0], 20)
    sides = [Side(accuracies=[0.0], right=np.zeros(40)), Side(accuracies=[0.5], right=right)]
    found = compare(*sides, np.arange(40))
    assert found.over_patients.leaves_out_zero
    assert found.together is None and not found.can_tell


def test_seeds_are_averaged_before_folds_are_compared():
    folds = np.array([[[0.8, 0.6]], [[0.6, 0.8]]])
    found = compare(Side(accuracies=[0.7, 0.7], folds=folds), Side(accuracies=[0.9], folds=np.array([[[0.9, 0.9]]])))
    assert found.over_folds.mean == pytest.approx(0.2)
    assert found.over_folds.error == 0


def test_patients_to_see_are_as_many_as_show_the_difference_in_80_of_100_studies():
    generator = np.random.default_rng(0)
    pilot = patient_interval(generator.choice([-1.0, 0.0, 0.0, 1.0, 1.0], 4000), np.arange(4000))
    needed = patients_to_see(pilot)
    studies = [
        patient_interval(generator.choice([-1.0, 0.0, 0.0, 1.0, 1.0], needed), np.arange(needed)) for _ in range(400)
    ]
    assert 0.73 <= np.mean([study.leaves_out_zero for study in studies]) <= 0.87


def test_patients_to_see_by_hand():
    # (1.96 + 0.84)^2 = 7.849; the variance of a patient is 37 x 0.05^2.
    interval = Interval(mean=0.04, error=0.05, low=-0.06, high=0.14, p=0.4, number=37)
    assert patients_to_see(interval) == math.ceil(7.849 * 37 * 0.05**2 / 0.04**2)


def test_smallest_difference_seen_needs_as_many_patients_as_there_are():
    interval = Interval(mean=0.02, error=0.05, low=-0.08, high=0.12, p=0.7, number=37)
    least = smallest_seen(interval)
    assert least == pytest.approx(2.8016 * 0.05, rel=1e-4)
    assert patients_to_see(replace(interval, mean=least * 1.0001)) == 37


def test_no_number_of_patients_shows_a_difference_of_0():
    assert patients_to_see(Interval(mean=0.0, error=0.05, low=-0.1, high=0.1, p=1.0, number=37)) is None
