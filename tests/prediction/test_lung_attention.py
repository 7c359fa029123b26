"""Share of the heat inside the lungs against chance, and the words on the brightest place."""

import numpy as np
import pytest

from covidlab.prediction import lung_attention as module
from covidlab.prediction.lung_attention import (
    LungAttention,
    Lungs,
    Place,
    find_lungs,
    hottest_place,
    lung_attention,
)


@pytest.fixture
def left_half() -> Lungs:
    mask = np.zeros((70, 140), bool)
    mask[:, :70] = True
    return Lungs(mask, estimated=False)


def heat_at(row: int, column: int, *, cells: int = 7) -> np.ndarray:
    heatmap = np.full((cells, cells), 0.1, np.float32)
    heatmap[row, column] = 1.0
    return heatmap


@pytest.mark.parametrize(
    ("columns", "share", "ratio"), [(slice(0, 8), 0.5, 1), (slice(0, 4), 1, 2), (slice(4, 8), 0, 0)]
)
def test_lung_attention_is_the_share_inside_over_that_of_the_lungs(left_half, columns, share, ratio):
    heatmap = np.zeros((8, 8), np.float32)
    heatmap[:, columns] = 3.0
    attention = lung_attention(heatmap, left_half)
    assert (attention.share, attention.ratio) == pytest.approx((share, ratio))


@pytest.mark.parametrize(("heat", "covered"), [(0, True), (1, False)])
def test_lung_attention_of_empty_map_or_mask_is_none(heat, covered):
    lungs = Lungs(np.full((70, 70), covered), estimated=False)
    assert lung_attention(np.full((7, 7), heat, np.float32), lungs) is None


def test_lung_attention_counts_a_cell_by_its_share_inside(left_half):
    middle = np.zeros((7, 7), np.float32)
    middle[:, 3] = 1.0
    attention = lung_attention(middle, left_half)
    assert (attention.share, attention.chance) == pytest.approx((0.5, 0.5))


def test_lung_attention_sentence_names_chance_and_says_that_lungs_were_estimated():
    sentence = LungAttention(share=0.61, chance=0.38, estimated=True).sentence()
    assert "61 % of the heat" in sentence and "38 %" in sentence and "were estimated" in sentence
    assert "the set's mask" in LungAttention(share=0.61, chance=0.38, estimated=False).sentence()


def test_find_lungs_known_mask_is_used_and_not_called_estimated():
    mask = np.zeros((40, 50, 3), np.uint8)
    mask[10:30, 10:40] = 255
    lungs = find_lungs(np.zeros((80, 100, 3), np.uint8), mask)
    assert not lungs.estimated
    assert lungs.mask.dtype == bool and lungs.mask.sum() == 600


def test_find_lungs_without_mask_are_estimated(monkeypatch):
    monkeypatch.setattr(module, "estimated_lungs", lambda pixels: np.ones(pixels.shape[:2], bool))
    assert find_lungs(np.zeros((80, 100, 3), np.uint8)).estimated


def test_find_lungs_without_plausible_estimate_are_none():
    assert find_lungs(np.zeros((80, 100, 3), np.uint8)) is None


def test_hottest_place_in_a_corner_outside_the_lungs_speaks_of_a_marker(left_half):
    found = hottest_place(heat_at(0, 6), left_half)
    assert found.place == Place.BORDER
    assert "at the upper right border, outside the lungs: a side marker or text may be" in found.sentence


def test_hottest_place_inside_the_lungs_says_so_and_that_they_are_estimated(left_half):
    estimated = Lungs(left_half.mask, estimated=True)
    found = hottest_place(heat_at(3, 2), estimated)
    assert found.place == Place.LUNGS
    assert "inside the lungs (estimated)" in found.sentence


def test_hottest_place_elsewhere_is_neither(left_half):
    found = hottest_place(heat_at(4, 5), left_half)
    assert found.place == Place.ELSEWHERE
    assert "in the right part of the picture, outside the lungs" in found.sentence


@pytest.mark.parametrize(("cell", "words"), [((3, 0), "left border"), ((3, 3), "middle of the picture")])
def test_hottest_place_without_lungs_says_that_they_are_not_known(cell, words):
    sentence = hottest_place(heat_at(*cell), None).sentence
    assert words in sentence and "not known" in sentence
    assert "outside the lungs" not in sentence


def test_hottest_place_of_an_empty_map_is_none(left_half):
    assert hottest_place(np.zeros((7, 7), np.float32), left_half) is None
