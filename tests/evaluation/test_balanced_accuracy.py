"""Balanced accuracy counts each class alike, and its interval knows that X-rays of one patient say less."""

import numpy as np
import pytest

from covidlab.evaluation.balanced_accuracy import balanced_accuracy

LABELS = np.array([0] * 30 + [1] * 10)


def test_balanced_accuracy_of_a_constant_answer_is_chance():
    told = balanced_accuracy(LABELS, np.zeros((1, 40), int), patient_ids=np.arange(40))
    assert told.low < told.value == 0.5 < told.high
    assert told.n == 40


def test_balanced_accuracy_of_three_classes_is_the_mean_of_their_shares():
    labels = np.array([0, 0, 1, 1, 2, 2])
    told = balanced_accuracy(labels, np.array([[0, 0, 1, 0, 0, 0]]), patient_ids=np.arange(6))
    assert told.value == pytest.approx((1 + 0.5 + 0) / 3)


def test_balanced_accuracy_is_the_mean_over_repeats():
    told = balanced_accuracy(LABELS, np.stack([LABELS, np.zeros(40, int)]), patient_ids=np.arange(40))
    assert told.value == 0.75


def test_balanced_accuracy_with_all_right_keeps_a_width():
    told = balanced_accuracy(LABELS, LABELS[None], patient_ids=np.arange(40))
    assert 0.8 < told.low < 0.9
    assert told.high == 1


def test_balanced_accuracy_of_few_patients_is_less_certain():
    answers = np.where(np.arange(40) % 4, LABELS, 1 - LABELS)[None]
    alone = balanced_accuracy(LABELS, answers, patient_ids=np.arange(40))
    # The X-rays that are told wrong are those of a quarter of the patients.
    together = balanced_accuracy(LABELS, answers, patient_ids=np.arange(40) % 4 + 4 * LABELS)
    assert together.low < alone.low
