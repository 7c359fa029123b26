"""The cheapest threshold against trying every one, and at its ends."""

import numpy as np
import pytest

from covidlab.evaluation.cost_threshold import cheapest_threshold


def cost_of(threshold, probabilities, is_positive, cost):
    called = probabilities >= threshold
    return cost * (is_positive & ~called).sum() + (~is_positive & called).sum()


@pytest.mark.parametrize("cost", [0.1, 0.5, 1, 2, 10])
def test_cheapest_threshold_costs_no_more_than_any_other(cost):
    generator = np.random.default_rng(0)
    for _ in range(20):
        is_positive = generator.uniform(size=30) < 0.5
        probabilities = np.clip(0.5 + 0.2 * is_positive + generator.normal(0, 0.3, 30), 0, 1).round(1)
        found = cheapest_threshold(probabilities, is_positive, cost=cost)
        least = min(cost_of(other, probabilities, is_positive, cost) for other in np.linspace(0, 1.05, 106))
        assert cost_of(found, probabilities, is_positive, cost) == least


def test_a_dear_miss_calls_every_x_ray_and_a_dear_error_none():
    probabilities, is_positive = np.array([0.2, 0.4, 0.6, 1.0]), np.array([True, False, True, False])
    assert cheapest_threshold(probabilities, is_positive, cost=100) <= 0.2
    assert cheapest_threshold(probabilities, is_positive, cost=0.01) > 1.0


def test_of_equals_the_threshold_nearest_to_the_cost_is_taken():
    # 0.3 and 0.7 both cost one error.
    probabilities, is_positive = np.array([0.2, 0.4, 0.6, 0.8]), np.array([False, True, False, True])
    assert cheapest_threshold(probabilities, is_positive, cost=1) in (pytest.approx(0.3), pytest.approx(0.7))
    assert cheapest_threshold(probabilities, is_positive, cost=1.5) == pytest.approx(0.3)
