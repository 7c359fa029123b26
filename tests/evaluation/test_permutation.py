"""The test by permutation keeps its level for all sets of columns together, and finds what is there."""

import numpy as np
import pytest

from covidlab.evaluation.permutation import beyond_chance

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
