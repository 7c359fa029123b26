"""Shares of frame and lungs from logits: worked examples, what cancels, intervals that hold what they should."""

import numpy as np
import pytest

from covidlab.evaluation import transplant_shares
from covidlab.evaluation.transplant_shares import PairLogits, choose_pairs, frame_share, mean_over_patients

# Patients of the curated set: twelve with COVID-19, of whom six have several X-rays, and twenty-five others.
POSITIVE = np.repeat([f"p{n}" for n in range(12)], [4, 4, 4, 3, 2, 2, 1, 1, 1, 1, 1, 1])
OTHERS = np.array([f"n{n}" for n in range(25)])


def logits(**values) -> PairLogits:
    return PairLogits(**{name: np.asarray(value, dtype=float) for name, value in values.items()})


def test_share_of_the_frame_is_that_of_the_worked_example():
    # From B (0) to A (10): the frame of A alone brings 6, after the lungs of A 8; the mean of both is 7 of 10.
    found = frame_share(logits(whole_a=[10], whole_b=[0], frame_a=[6], frame_b=[2]), np.array([["a", "b"]]))
    assert found.value == pytest.approx(0.7) and found.rest().value == pytest.approx(0.3)
    assert (found.n, found.num_patients) == (1, 2)


def test_what_the_operation_adds_to_both_composites_cancels():
    plain = dict(whole_a=[9, 7], whole_b=[1, 0], frame_a=[6, 5], frame_b=[3, 2])
    damaged = plain | {"frame_a": [2, 1], "frame_b": [-1, -2]}
    patients = np.array([["a", "b"], ["c", "d"]])
    assert frame_share(logits(**plain), patients).value == pytest.approx(frame_share(logits(**damaged), patients).value)


def test_share_is_undefined_where_the_classes_are_not_told_apart():
    found = frame_share(logits(whole_a=[0], whole_b=[1], frame_a=[0], frame_b=[0]), np.array([["a", "b"]]))
    assert np.isnan(found.value) and found.to_dict()["value"] is None


def test_interval_of_the_share_holds_the_truth_as_often_as_it_says(monkeypatch):
    monkeypatch.setattr(transplant_shares, "NUM_RESAMPLES", 400)
    generator, held = np.random.default_rng(3), 0
    chosen = choose_pairs(np.ones((25, 25), bool), (POSITIVE, OTHERS), number=60, seed=0)
    a, b = np.unique(POSITIVE, return_inverse=True)[1][chosen[:, 0]], chosen[:, 1]
    for _ in range(200):
        # Frames and lungs of patients differ, by 3 logits; on average the frame brings 10.5 of 15.
        frame_a, lungs_a = generator.normal(10.5, 3, 12)[a], generator.normal(4.5, 3, 12)[a]
        frame_b, lungs_b = generator.normal(0, 3, 25)[b], generator.normal(0, 3, 25)[b]
        read = [frame_a + lungs_a, frame_b + lungs_b, frame_a + lungs_b, frame_b + lungs_a]
        whole_a, whole_b, changed_a, changed_b = np.array(read) + generator.normal(0, 1, (4, 60))
        pairs = logits(whole_a=whole_a, whole_b=whole_b, frame_a=changed_a, frame_b=changed_b)
        found = frame_share(
            pairs, np.column_stack([POSITIVE[chosen[:, 0]], OTHERS[b]]), seed=int(generator.integers(2**31))
        )
        held += found.low <= 0.7 <= found.high
    # 95 % of 200, within what chance allows, and the pigeonhole bootstrap is known to err on the long side.
    assert 0.91 * 200 <= held <= 200


def test_mean_over_patients_draws_a_pair_of_one_class_from_one_side():
    values, patients = np.array([1.0, 3.0, 5.0]), np.array([["a", "b"], ["b", "c"], ["c", "a"]])
    found = mean_over_patients(values, patients, over=2.0)
    assert found.value == pytest.approx(1.5) and found.num_patients == 3 and found.low < 1.5 < found.high


def test_pairs_use_patients_about_equally_often_and_none_twice():
    pairs = choose_pairs(np.ones((25, 25), bool), (POSITIVE, OTHERS), number=60, seed=5)
    assert len(np.unique(pairs, axis=0)) == 60
    assert np.unique(POSITIVE[pairs[:, 0]], return_counts=True)[1].tolist() == [5] * 12
    assert set(np.unique(pairs[:, 1], return_counts=True)[1]) <= {2, 3}


def test_pairs_are_only_those_that_are_allowed():
    allowed = np.zeros((25, 25), bool)
    allowed[3, 4] = allowed[7, 1] = True
    assert {*map(tuple, choose_pairs(allowed, (POSITIVE, OTHERS), number=60, seed=5).tolist())} == {(3, 4), (7, 1)}
    assert choose_pairs(~np.ones((25, 25), bool), (POSITIVE, OTHERS), number=60, seed=5).shape == (0, 2)
