"""Two sets of X-rays compared: statistics against worked examples, p-values against sets that do not differ."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

from covidlab.evaluation import two_samples
from covidlab.evaluation.two_samples import features_told_apart, holm, largest_difference


def test_largest_difference_of_numbers_is_kolmogorovs_and_smirnovs():
    generator = np.random.default_rng(1)
    values = np.concatenate([generator.normal(0, 1, 30).round(1), generator.normal(0.7, 1, 40).round(1)])
    is_other = np.arange(70) >= 30
    difference, _ = largest_difference(values, is_other, np.arange(70))
    assert difference == pytest.approx(ks_2samp(values[:30], values[30:]).statistic)


def test_largest_difference_of_texts_is_half_the_sum_of_differences_between_shares():
    values = ["adult"] * 6 + ["child"] * 2 + ["adult"] * 1 + ["child"] * 3
    difference, p = largest_difference(values, np.arange(12) >= 8, np.arange(12))
    assert difference == pytest.approx(0.5) and 0.05 < p < 0.4


def test_largest_difference_of_sets_that_share_nothing_has_the_smallest_p():
    difference, p = largest_difference([0.0] * 20 + [1.0] * 20, np.arange(40) >= 20, np.arange(40))
    assert difference == 1 and p == pytest.approx(1 / 1000, abs=0.001)


def test_largest_difference_keeps_its_level_where_patients_have_several_xrays(monkeypatch):
    monkeypatch.setattr(two_samples, "NUM_PERMUTATIONS", 99)
    generator, found = np.random.default_rng(2), []
    patients = np.repeat(np.arange(20), 5)
    for _ in range(200):
        # All X-rays of a patient are alike, so 100 X-rays tell no more than 20.
        values = generator.normal(size=20)[patients] + generator.normal(scale=0.05, size=100)
        found.append(largest_difference(values, patients >= 10, patients)[1])
    assert 0.01 <= np.mean(np.array(found) <= 0.05) <= 0.1


def test_features_of_another_scanner_are_told_apart_and_those_of_the_same_are_not(monkeypatch):
    monkeypatch.setattr(two_samples, "NUM_PERMUTATIONS", 199)
    features = np.random.default_rng(3).normal(size=(60, 8))
    is_other, patients = np.arange(60) >= 20, np.arange(60) // 2
    same = features_told_apart(features, is_other, patients)
    assert same.p > 0.05 and same.share < 0.7
    features[is_other, 0] += 4
    told = features_told_apart(features, is_other, patients)
    assert told.p == pytest.approx(1 / 200) and told.share > 0.9 > told.by_chance


def test_holm_gives_the_worked_example():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []
