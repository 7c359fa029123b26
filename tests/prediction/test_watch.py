"""The evidence that a visit's X-rays are not like the set: grows for others, and seldom for held-out X-rays of the set."""

import numpy as np

from covidlab.prediction.watch import ALARM, evidence, p_values
from tests.prediction.references import make_reference

REFERENCE = make_reference()


def test_evidence_of_xrays_farther_than_most_reaches_the_alarm_within_ten():
    farther = np.quantile(REFERENCE.film_distances, 0.93) * np.linspace(1, 1.2, 10)
    found = evidence(REFERENCE, farther)
    assert len(found) == 10
    assert max(found) >= ALARM
    assert found == evidence(REFERENCE, farther)


def test_evidence_of_exchangeable_xrays_is_seldom_an_alarm():
    generator = np.random.default_rng(1)
    alarms = 0
    for _ in range(200):
        drawn = generator.permutation(REFERENCE.film_distances)
        held_out = make_reference()
        object.__setattr__(held_out, "__dict__", {**held_out.__dict__, "film_distances": drawn[:10]})
        alarms += max(evidence(held_out, drawn[10:])) >= ALARM
    assert alarms <= 0.05 * 200


def test_p_values_rank_each_xray_among_those_before_it():
    ranks = p_values(REFERENCE, [10.0, 9.0, 0.0])
    assert ranks[0] < 1 / 21 and 1 / 22 <= ranks[1] < 2 / 22
    assert ranks[2] > 22 / 23
    assert evidence(REFERENCE, []) == []
