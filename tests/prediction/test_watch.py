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


def test_evidence_is_the_mean_of_the_bets_on_both_distances():
    far, near = [2.0] * 10, [0.0] * 10
    alone = np.array(evidence(REFERENCE, far))
    np.testing.assert_allclose(evidence(REFERENCE, far, far), alone)
    lost = evidence(REFERENCE, far, near)
    np.testing.assert_allclose(lost, alone / 2, atol=0.1)
    assert max(lost) >= ALARM


def test_evidence_of_xrays_of_the_other_class_comes_from_the_distance_to_the_class():
    as_the_set = np.quantile(REFERENCE.film_distances, [0.2, 0.8] * 5)
    assert max(evidence(REFERENCE, as_the_set)) < ALARM
    assert max(evidence(REFERENCE, as_the_set, [1.3] * 10)) >= ALARM


def test_evidence_does_not_bet_on_an_unknown_distance():
    whole = evidence(REFERENCE, [0.0] * 3, [1.3] * 3)
    assert evidence(REFERENCE, [0.0] * 3, [1.3, None, float("nan")])[2] < whole[2]
    np.testing.assert_allclose(evidence(REFERENCE, [2.0], [None]), (np.array(evidence(REFERENCE, [2.0])) + 1) / 2)


def test_evidence_rests_on_the_distance_to_the_set_where_no_class_has_enough_patients():
    small = make_reference(patients=np.repeat([0, 1], 10))
    assert evidence(small, [2.0] * 3, [1.3] * 3) == evidence(small, [2.0] * 3)


def test_p_values_rank_each_xray_among_those_before_it():
    ranks = p_values(REFERENCE.film_distances, [10.0, 9.0, 0.0])
    assert ranks[0] < 1 / 21 and 1 / 22 <= ranks[1] < 2 / 22
    assert ranks[2] > 22 / 23
    assert evidence(REFERENCE, []) == []
