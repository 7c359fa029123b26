"""The luck meter: classes permuted over patients, and how often the rule speaks where there is nothing to find."""

import numpy as np
import pytest

from covidlab.evaluation.luck import Luck, judge, permuted_over_patients

NUM_PATIENTS, NUM_POSITIVE, NUM_TRIALS = 37, 12, 100


def patients_of(generator):
    """37 patients, twelve of them with several X-rays: the patient of each X-ray."""
    sizes = np.ones(NUM_PATIENTS, int)
    sizes[generator.permutation(NUM_PATIENTS)[:12]] += generator.integers(1, 3, 12)
    return np.repeat(np.arange(NUM_PATIENTS), sizes)


def best_scores(features, every, folds):
    """The best of 100 cheap trials for each way to give classes: a trial knows one number of an X-ray and where to cut it."""
    right = np.zeros((len(every), len(folds), NUM_TRIALS))
    margins = np.zeros((len(every), NUM_TRIALS))
    signs = 2.0 * every - 1
    for fold in range(5):
        held_out = folds == fold
        learned = features[~held_out]
        centre = learned.mean(axis=0)
        direction = (signs[:, ~held_out] - signs[:, ~held_out].mean(axis=1, keepdims=True)) @ (learned - centre)
        scores = np.sign(direction)[:, None] * (features[held_out] - centre)
        right[:, held_out] = scores * signs[:, held_out, None] > 0
        margins += (scores * signs[:, held_out, None]).sum(axis=1)
    accuracies = right.mean(axis=1)
    return [max(zip(own, margin, strict=True)) for own, margin in zip(accuracies, margins, strict=True)]


def simulated(seed, *, signal=0.0):
    generator = np.random.default_rng(seed)
    patients = patients_of(generator)
    labels = (generator.permutation(NUM_PATIENTS) < NUM_POSITIVE).astype(int)[patients]
    # X-rays of one patient are alike, and trials resemble each other.
    common = generator.normal(size=(NUM_PATIENTS, 6))[patients] + 0.5 * generator.normal(size=(len(patients), 6))
    common[:, 0] += signal * labels
    features = common @ generator.normal(size=(6, NUM_TRIALS))
    every = np.concatenate([labels[None], permuted_over_patients(labels, patients, seed=seed)])
    folds = generator.permutation(NUM_PATIENTS)[patients] % 5
    real, *by_chance = best_scores(features, every, folds)
    return judge(real, by_chance, num_trials=NUM_TRIALS, num_films=len(labels), num_patients=NUM_PATIENTS)


def test_luck_where_nothing_can_be_found_is_called_more_in_five_of_a_hundred():
    alarms = np.mean([simulated(seed).is_beyond for seed in range(500)])
    assert 0.03 <= alarms <= 0.07


def test_luck_where_something_can_be_found_is_called_more():
    assert np.mean([simulated(seed, signal=3.0).is_beyond for seed in range(20)]) > 0.8


def test_best_of_a_hundred_by_luck_is_far_above_half():
    assert np.mean([np.mean(simulated(seed).by_chance) for seed in range(20)]) > 0.58


def test_permuted_classes_keep_the_x_rays_of_a_patient_together():
    patients = patients_of(np.random.default_rng(1))
    labels = (np.arange(NUM_PATIENTS) < NUM_POSITIVE).astype(int)[patients]
    for permuted in permuted_over_patients(labels, patients, seed=3):
        assert all(len(set(permuted[patients == patient])) == 1 for patient in range(NUM_PATIENTS))
        assert len(set(patients[permuted == 1])) == NUM_POSITIVE
        assert abs(permuted.sum() - labels.sum()) <= 1


def test_permuted_classes_differ_from_each_other():
    patients = patients_of(np.random.default_rng(1))
    labels = (np.arange(NUM_PATIENTS) < NUM_POSITIVE).astype(int)[patients]
    permuted = permuted_over_patients(labels, patients, seed=3)
    assert len({tuple(own) for own in permuted}) == len(permuted) == 19


def test_judge_equal_accuracies_are_told_apart_by_the_loss():
    by_chance = [(0.8, -0.5)] * 18
    assert judge((0.8, -0.4), [*by_chance, (0.7, -0.1)], num_trials=9, num_films=50).p == 0.05
    assert judge((0.8, -0.4), [*by_chance, (0.8, -0.3)], num_trials=9, num_films=50).p == 0.1


def test_luck_comes_back_from_a_report():
    luck = judge((0.9, -0.2), [(0.6, -0.7), (0.7, -0.6)], num_trials=10, num_films=50, num_patients=37)
    assert Luck.from_dict({**luck.to_dict(), "of a later version": 1}) == luck
    with pytest.raises(ValueError, match="missing"):
        Luck.from_dict({"best": 0.9})
