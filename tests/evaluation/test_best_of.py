"""The best of several runs by luck, against SciPy and against simulation."""

import numpy as np
import pytest
from scipy.stats import binom

from covidlab.errors import UsageError
from covidlab.evaluation.best_of import at_most, best_by_luck, chance_of


@pytest.mark.parametrize(("num_xrays", "chance"), [(1, 0.5), (10, 0.5), (50, 0.93), (2000, 0.3), (10, 0.0), (10, 1.0)])
def test_one_run_by_luck_is_binomial(num_xrays, chance):
    expected = binom.cdf(np.arange(num_xrays + 1), num_xrays, chance)
    assert at_most(1, num_xrays=num_xrays, chance=chance) == pytest.approx(expected, abs=1e-9)


def test_best_by_luck_is_that_of_a_simulation():
    drawn = np.random.default_rng(0).binomial(10, 0.5, size=(20_000, 20)).max(axis=1) / 10
    expected, high = best_by_luck(20, num_xrays=10, chance=0.5)
    assert expected == pytest.approx(drawn.mean(), abs=0.01)
    assert high == np.quantile(drawn, 0.95)
    assert chance_of(9, 20, num_xrays=10, chance=0.5) == pytest.approx((drawn >= 0.9).mean(), abs=0.01)


def test_best_by_luck_of_one_run_is_the_chance_itself():
    assert best_by_luck(1, num_xrays=10, chance=0.5)[0] == pytest.approx(0.5)


def test_chance_of_nothing_is_certain_and_of_more_than_all_nought():
    assert chance_of(0, 3, num_xrays=10, chance=0.5) == 1
    assert chance_of(11, 3, num_xrays=10, chance=0.5) == pytest.approx(0)


@pytest.mark.parametrize("wrong", [(0, 10, 0.5), (1, 0, 0.5), (1, 10, 1.5)])
def test_luck_of_what_cannot_be_is_refused(wrong):
    tries, xrays, chance = wrong
    with pytest.raises(UsageError, match="Luck is computed for 1 to"):
        best_by_luck(tries, num_xrays=xrays, chance=chance)
