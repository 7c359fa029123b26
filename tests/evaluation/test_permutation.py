"""The test by permutation keeps its level for all sets of columns together, and finds what is there."""

import numpy as np
import pytest

from covidlab.evaluation.permutation import beyond_chance, permutation_p, shares_told

LABELS = np.arange(30) % 2
BIT = LABELS[:, None].astype(float)


def noise(seed, *shape) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def test_beyond_chance_of_noise_hardly_ever_holds():
    raised = sum(
        any(beyond_chance([noise(seed, 30, 1), noise(seed, 30, 4)], LABELS, np.arange(30))) for seed in range(20)
    )
    assert raised <= 1


def test_beyond_chance_names_the_columns_that_tell_the_classes():
    assert beyond_chance([noise(1, 30, 1), BIT, noise(2, 30, 1)], LABELS, np.arange(30)) == [False, True, False]


def test_beyond_chance_of_few_patients_does_not_hold():
    # Thirty X-rays, yet two patients a class: the classes of four patients can be permuted in six ways only.
    assert beyond_chance([BIT], LABELS, np.arange(30) % 4) == [False]


def test_beyond_chance_of_three_classes_of_unequal_size():
    labels = np.repeat([0, 1, 2], [24, 9, 5])
    assert beyond_chance([labels[:, None].astype(float), noise(3, 38, 2)], labels, np.arange(38)) == [True, False]


def test_beyond_chance_without_columns_has_nothing_to_say():
    assert beyond_chance([], LABELS, np.arange(30)) == []


@pytest.mark.parametrize("patients", [np.arange(30), np.arange(30) // 2])
def test_beyond_chance_says_the_same_again(patients):
    columns = [noise(4, 30, 2) + BIT]
    assert beyond_chance(columns, LABELS, patients) == beyond_chance(columns, LABELS, patients)


def test_shares_told_begin_with_the_classes_as_they_are():
    shares = shares_told([BIT, noise(5, 30, 3)], LABELS, np.arange(30), num_permutations=99)
    assert shares.shape == (2, 100) and shares[0, 0] == 1.0
    assert abs(shares[1].mean() - 0.5) < 0.1


def test_permutation_p_of_what_tells_all_is_as_small_as_the_permutations_allow():
    shares = shares_told([BIT], LABELS, np.arange(30), num_permutations=99)[0]
    assert permutation_p(shares) == 0.01


def test_permutation_p_counts_the_real_classes_and_ties():
    assert permutation_p(np.array([0.7, 0.7, 0.9, 0.5])) == 0.75


def test_permutation_p_of_noise_is_uniform_over_patients_of_several_xrays():
    patients = np.repeat(np.arange(12), [4, 4, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1])
    values = []
    for seed in range(60):
        of_patients, labels = noise(seed, 12, 3)[patients], np.random.default_rng(seed).permutation(np.arange(12) % 2)
        shares = shares_told([of_patients + noise(seed + 1000, 24, 3)], labels[patients], patients, num_permutations=49)
        values.append(permutation_p(shares[0]))
    assert np.mean(np.array(values) <= 0.2) < 0.35 and 0.4 < np.mean(values) < 0.65


def test_shares_told_by_more_columns_than_xrays_are_those_of_the_same_classifier():
    # Columns of nothing but zeros add nothing, and make the table wide.
    columns = noise(6, 30, 10) + BIT
    wide = np.hstack([columns, np.zeros((30, 40))])
    narrow, same = shares_told([columns, wide], LABELS, np.arange(30), num_permutations=29)
    assert same == pytest.approx(narrow)
