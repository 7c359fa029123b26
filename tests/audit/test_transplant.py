"""The lung transplant from X-rays to shares, with drawn chests whose class shows in the frame or in the lungs alone."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from covidlab.audit import transplant
from covidlab.audit.data import Lungs
from covidlab.audit.transplant import NUM_PAIRS, NUM_PUT_BACK, NUM_SAME_CLASS, Reading, compute
from covidlab.audit.transplant_text import NOT_APART, sentences
from covidlab.errors import DataError
from tests.audit.made_up import MadeUpData, context

SIDE = 64
# Where the mark of the frame lies.
CORNER = (slice(0, 8), slice(0, 8))


class DrawnData(MadeUpData):
    """Twenty-four chests, each of a patient: in positive ones the ``shown_in`` ("corner" or "lungs") are brighter."""

    def __init__(self, root, *, shown_in: str):
        super().__init__(root, signal=0, num_repeats=3)
        generator, lungs = np.random.default_rng(4), np.zeros((SIDE, SIDE), np.uint8)
        for across in (20, 44):
            cv2.ellipse(lungs, (across, 34), (8, 20), 0, 0, 360, 1, -1)
        self.lungs = Lungs(
            masks=np.repeat(lungs[None] > 0, 24, axis=0), known=np.ones(24, bool), found=np.ones(24, bool)
        )
        self.prepared = np.full((24, SIDE, SIDE, 3), 200, np.uint8)
        greys = generator.integers(60, 100, (24, 2)) + 60 * np.outer(
            self.labels == 0, [shown_in == "corner", shown_in == "lungs"]
        )
        for film, (corner, lung) in zip(self.prepared, greys, strict=True):
            film[CORNER], film[lungs > 0] = corner, lung
        self.made_up = told_by(self.prepared)
        self.num_read = 0
        self.maker = SimpleNamespace(kept_features=self._kept_features)

    def _kept_features(self, keys, make, *, of):
        assert len(set(keys)) == len(keys) and of.startswith("transplant")
        self.num_read += len(keys)
        return told_by(make(list(range(len(keys)))))


def told_by(films: np.ndarray) -> np.ndarray:
    """Two features, grey of the corner and of the middle of a lung, about 0."""
    return ((np.stack([films[:, 2, 2, 0], films[:, 34, 20, 0]], axis=1) - 110) / 30).astype(np.float32)


@pytest.fixture
def root(make_dataset, monkeypatch):
    monkeypatch.setattr(transplant, "NUM_PAIRS", 20)
    monkeypatch.setattr(transplant, "NUM_SAME_CLASS", 4)
    return make_dataset({"covid": 12, "normal": 12}, films_per_patient=1)


@pytest.fixture
def found_in(root):
    """Return a function that says what is found where the class shows in a place; computed once for all tests."""

    def found(shown_in: str) -> dict:
        if shown_in not in _FOUND:
            data = DrawnData(root, shown_in=shown_in)
            _FOUND[shown_in] = compute(data, context())
            assert data.num_read == _FOUND[shown_in]["num_composites"]
        return _FOUND[shown_in]

    return found


_FOUND: dict[str, dict] = {}


@pytest.mark.parametrize(("shown_in", "truth"), [("corner", 1.0), ("lungs", 0.0)])
def test_share_of_the_frame_is_all_or_nothing_where_the_class_shows_there_or_in_the_lungs(found_in, shown_in, truth):
    found = found_in(shown_in)
    assert found["frame"]["value"] == pytest.approx(truth, abs=0.05)
    assert found["lungs"]["value"] == pytest.approx(1 - truth, abs=0.05)
    assert all(abs(one["value"]) < 0.02 for one in found["put_back"].values())


def test_composites_are_no_more_than_a_first_audit_can_afford():
    assert 2 * (NUM_PAIRS + 2 * NUM_SAME_CLASS) + 2 * NUM_PUT_BACK <= 200


def test_pairs_are_of_both_classes_and_of_one_class_for_the_control(found_in):
    found = found_in("corner")
    assert {(pair["a"].split("/")[0], pair["b"].split("/")[0]) for pair in found["pairs"]} == {("covid", "normal")}
    same = {(pair["a"].split("/")[0], pair["b"].split("/")[0]) for pair in found["same_class_pairs"]}
    assert same == {("covid", "covid"), ("normal", "normal")}
    assert all(pair["whole_a"] > pair["whole_b"] and pair["frame_a"] > pair["frame_b"] for pair in found["pairs"])


def test_only_heads_that_saw_neither_patient_are_read():
    unseen = np.array([[True, False, False], [True, True, False], [True, True, True]])
    whole = np.array([[100.0, 100, 100], [1, 10, 100], [3, 30, 300]])
    read = Reading(unseen, whole, {(0, 1, False): np.array([100.0, 5, 7]), (1, 0, False): np.array([100.0, 8, 2])})
    logits = read.of(np.array([[0, 1]]))
    assert [*logits.whole_a, *logits.whole_b, *logits.frame_a, *logits.frame_b] == [2, 20, 6, 5]


def test_set_without_lungs_of_enough_patients_is_said_to_need_masks(root):
    data = DrawnData(root, shown_in="corner")
    data.lungs.masks[2:12] = False
    with pytest.raises(DataError, match=r"Add masks of the lungs\. Received: 2 and 12"):
        compute(data, context())


def test_sentences_give_shares_with_intervals_controls_and_estimates(found_in):
    first, *controls, last = sentences(found_in("corner") | {"num_estimated": 3})
    assert "goes with the frame (95 % interval " in first and "of 24 patients" in first and "non-COVID" in first
    assert first.endswith("The frame counts more than the lungs.")
    assert [control.partition(":")[0] for control in controls] == ["Control", "Control"]
    assert last == "The lungs of 3 of 24 X-rays are an estimate."


def test_sentences_share_nothing_out_where_the_classes_are_not_told_apart(found_in):
    found = found_in("corner")
    assert sentences(found | {"gap": found["gap"] | {"low": -1.0}}) == [NOT_APART]


def test_sentences_count_xrays_where_patients_are_not_known(found_in):
    first, *_, last = sentences(found_in("corner") | {"patients_known": False})
    assert "of 24 X-rays" in first and "count each X-ray as a patient" in last
