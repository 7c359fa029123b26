"""Net benefit by hand, as Vickers and Elkin (2006) define it, and its interval on sets of a known truth."""

import numpy as np
import pytest

from covidlab.evaluation.decision_curve import acting_on_all, net_benefit
from covidlab.intervals import wilson_interval
from covidlab.metrics import Metric


def share(right, total):
    return Metric(right / total, *wilson_interval(right, total), total, "wilson")


def test_net_benefit_is_what_is_found_less_what_is_acted_on_for_nothing():
    # Of 1,000 examined 140 are of the class, 120 of them are found, 200 others are called: at 20 %, 0.12 - 0.2 / 4.
    found = net_benefit(share(120, 140), share(660, 860), prevalence=0.14, threshold=0.2)
    assert found.value == pytest.approx(0.07)
    assert found.low < 0.07 < found.high


def test_acting_on_all_is_worth_the_prevalence_less_the_others():
    assert acting_on_all(prevalence=0.14, threshold=0.2) == pytest.approx(0.14 - 0.86 / 4)
    # At the prevalence itself acting on all is worth as much as acting on none.
    assert acting_on_all(prevalence=0.14, threshold=0.14) == pytest.approx(0.0)


def test_net_benefit_of_calling_every_x_ray_is_that_of_acting_on_all():
    found = net_benefit(share(25, 25), share(0, 25), prevalence=0.3, threshold=0.1)
    assert found.value == pytest.approx(acting_on_all(prevalence=0.3, threshold=0.1))


def test_net_benefit_interval_holds_the_truth_in_95_of_100_sets():
    generator, truth = np.random.default_rng(0), 0.3 * 0.9 - 0.7 * 0.2 * 0.25
    held = []
    for hits, passes in generator.binomial(25, [0.9, 0.8], size=(1000, 2)):
        found = net_benefit(share(hits, 25), share(passes, 25), prevalence=0.3, threshold=0.2)
        held.append(found.low <= truth <= found.high)
    assert 0.93 <= np.mean(held) <= 0.985
