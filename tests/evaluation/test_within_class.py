"""Values told inside one class: found where they are planted, not found where nothing is, patients kept together."""

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from covidlab.evaluation import within_class
from covidlab.evaluation.within_class import ValueCount, count_values, holm_adjusted, tell_values

# Twelve patients with two X-rays each.
PATIENTS = np.repeat([f"p{n:02d}" for n in range(12)], 2)


@pytest.fixture(autouse=True)
def few_permutations(monkeypatch):
    monkeypatch.setattr(within_class, "NUM_PERMUTATIONS", 199)


def features_of_patients(generator: np.random.Generator) -> np.ndarray:
    """X-rays of one patient resemble each other."""
    return generator.normal(size=(12, 64))[np.repeat(np.arange(12), 2)] + 0.3 * generator.normal(size=(24, 64))


def test_value_that_is_planted_in_the_features_is_told():
    generator = np.random.default_rng(1)
    values = np.where(np.arange(12) % 2, "yes", "no")[np.repeat(np.arange(12), 2)]
    features = features_of_patients(generator)
    features[:, 5] += np.where(values == "yes", 6, -6)
    told = tell_values(features, values, PATIENTS)
    assert told.p_value <= 0.01 and told.metric.value > 0.85 and told.metric.low > 0.5


def test_value_given_to_patients_at_random_is_told_as_rarely_as_the_level_says():
    generator = np.random.default_rng(2)
    drawn = []
    for _ in range(60):
        values = generator.permutation(np.arange(12) % 2)[np.repeat(np.arange(12), 2)]
        drawn.append(tell_values(features_of_patients(generator), values, PATIENTS).p_value)
    # 5 % of 60, with what chance allows; a test over X-rays instead of patients gives far more.
    assert np.mean(np.array(drawn) <= 0.05) <= 0.14
    assert 0.3 < np.mean(drawn) < 0.75


def test_interval_holds_the_value_and_is_over_patients():
    generator = np.random.default_rng(3)
    values = generator.permutation(np.arange(12) % 3)[np.repeat(np.arange(12), 2)]
    metric = tell_values(features_of_patients(generator), values, PATIENTS).metric
    assert metric.low < metric.value < metric.high and metric.n == 24 and metric.method == "wilson over patients"


def test_values_are_counted_by_xrays_and_patients_and_nothing_stated_is_left_out():
    found = count_values(np.array(["AP", "PA", "PA", "", "PA", "AP"]), np.array(["a", "a", "b", "c", "d", "a"]))
    assert found == [
        ValueCount(value="PA", num_films=3, num_patients=3),
        ValueCount(value="AP", num_films=2, num_patients=1),
    ]


def test_holm_adjusted_equals_statsmodels():
    p_values = [0.01, 0.04, 0.03, 0.005, 0.6]
    assert holm_adjusted(p_values) == pytest.approx(multipletests(p_values, method="holm")[1].tolist())
    assert holm_adjusted([]) == []
