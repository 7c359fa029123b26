"""Lungs put into another frame: what changes and what does not, and shares that are known found again on phantoms."""

from functools import cache

import cv2
import numpy as np
import pytest

from covidlab.evaluation.transplant import Chest, has_two_lungs, there_and_back, transplanted, two_lungs
from covidlab.evaluation.transplant_shares import PairLogits, choose_pairs, frame_share
from covidlab.phantom.film import PhantomConfig, make_phantom

SIDE = 224


def drawn_chest(*, tissue: int, lung: int, across: int = 45, down: int = 120, opacity: int = 0) -> Chest:
    """Two even ellipses on even tissue, with an even opacity in the middle of each."""
    lungs, spots = np.zeros((2, SIDE, SIDE), np.uint8)
    for centre in (65, 160):
        cv2.ellipse(lungs, (centre, 112), (across - 10, down // 2), 0, 0, 360, 1, -1)
        cv2.circle(spots, (centre, 112), 10, 1, -1)
    grey = np.where(lungs > 0, lung, tissue) + opacity * spots
    return Chest(film=np.repeat(grey[..., None], 3, axis=2).astype(np.uint8), lungs=lungs > 0)


@cache
def phantom_chest(number: int, **options) -> Chest:
    config = PhantomConfig(size=SIDE, lesion_extent=0.9, lesion_contrast=0.9, shortcut="border", seed=7)
    made = make_phantom(config, number, **options)
    return Chest(film=np.repeat(made.pixels[..., None], 3, axis=2), lungs=made.lung_mask)


def test_own_lungs_leave_every_pixel_as_it_was():
    chest = phantom_chest(3)
    assert (transplanted(chest, chest) == chest.film).all()


def test_frame_keeps_every_pixel_outside_its_lungs():
    frame, donor = phantom_chest(0), phantom_chest(1)
    made = transplanted(frame, donor)
    assert (made[~frame.lungs] == frame.film[~frame.lungs]).all()
    assert np.abs(made.astype(int) - frame.film)[frame.lungs].mean() > 3


def test_nothing_outside_the_lungs_of_the_donor_is_ever_seen():
    frame, donor = drawn_chest(tissue=200, lung=100), drawn_chest(tissue=150, lung=60, across=38, down=90)
    # The median of the tissue, to which the exposure is matched, stays.
    spots = (np.random.default_rng(0).random((SIDE, SIDE)) < 0.3) & ~donor.lungs
    spotted = np.where(spots[..., None], 255, donor.film).astype(np.uint8)
    assert (transplanted(frame, Chest(film=spotted, lungs=donor.lungs)) == transplanted(frame, donor)).all()


def test_exposure_stays_with_the_frame_and_opacity_goes_with_the_lungs():
    frame = drawn_chest(tissue=200, lung=100)
    made = transplanted(frame, drawn_chest(tissue=100, lung=40, across=38, down=90, opacity=30))
    assert np.abs(made[112, 65].astype(int) - 140).max() <= 1
    assert np.abs(made[150, 65].astype(int) - 80).max() <= 1


def test_lungs_of_another_shape_fill_those_of_the_frame():
    frame = drawn_chest(tissue=200, lung=100)
    made = transplanted(frame, drawn_chest(tissue=200, lung=50, across=30, down=60))
    deep = cv2.erode(frame.lungs.astype(np.uint8), np.ones((13, 13))) > 0
    assert (made[deep] == 50).all()


def test_lungs_that_come_back_are_nearly_as_they_were():
    chest = phantom_chest(0)
    back = there_and_back(chest, phantom_chest(1))
    moved = np.abs(back.astype(int) - chest.film)[chest.lungs].mean()
    exchanged = np.abs(transplanted(chest, phantom_chest(1)).astype(int) - chest.film)[chest.lungs].mean()
    assert 0 < moved < exchanged / 2


def test_lungs_that_touch_are_parted_and_one_lung_is_not_two():
    lungs = np.zeros((SIDE, SIDE), bool)
    lungs[60:160, 40:180] = True
    lungs[80:160, 105:115] = False
    left, right = two_lungs(lungs)
    assert 0.8 < left.sum() / right.sum() < 1.25 and not (left & right).any()
    assert has_two_lungs(lungs) and not has_two_lungs(left) and not has_two_lungs(np.zeros_like(lungs))


def tissue(lungs: np.ndarray) -> np.ndarray:
    return (cv2.dilate(lungs.astype(np.uint8), np.ones((15, 15))) > 0) & ~lungs


def told_of(film: np.ndarray, lungs: np.ndarray) -> tuple[float, float]:
    """A statistic of the frame (its margin) and one of the lungs (how bright beside the tissue)."""
    grey = film[..., 0].astype(float)
    inner = cv2.erode(lungs.astype(np.uint8), np.ones((7, 7))) > 0
    margin = np.concatenate([grey[:4].ravel(), grey[-4:].ravel()])
    return margin.mean(), grey[inner].mean() / np.median(grey[tissue(lungs)])


def veiled(chest: Chest) -> Chest:
    """The chest with its lungs half way to the grey of the tissue around them: more than patients differ by."""
    film = np.where(chest.lungs[..., None], (chest.film + np.median(chest.film[tissue(chest.lungs)])) / 2, chest.film)
    return Chest(film=film.astype(np.uint8), lungs=chest.lungs)


def phantom_pairs() -> tuple[list[tuple[Chest, Chest]], np.ndarray]:
    """Pairs of a phantom with veiled lungs and a border and one with neither, balanced over six patients of each class."""
    positive = [veiled(phantom_chest(number, opacities=False, shortcut=True)) for number in range(1, 12, 2)]
    others = [phantom_chest(number, opacities=False, shortcut=False) for number in range(0, 12, 2)]
    names = np.array([f"a{n}" for n in range(6)]), np.array([f"b{n}" for n in range(6)])
    chosen = choose_pairs(np.ones((6, 6), bool), names, number=18, seed=1)
    return [(positive[a], others[b]) for a, b in chosen], np.column_stack(
        [names[0][chosen[:, 0]], names[1][chosen[:, 1]]]
    )


@pytest.fixture(scope="module")
def measured() -> tuple[np.ndarray, np.ndarray]:
    """Both statistics of the four pictures of each pair, (pairs, 4, 2), and the patients."""
    pairs, patients = phantom_pairs()
    rows = []
    for a, b in pairs:
        four = (a.film, a.lungs), (b.film, b.lungs), (transplanted(a, b), a.lungs), (transplanted(b, a), b.lungs)
        rows.append([told_of(film, lungs) for film, lungs in four])
    return np.array(rows), patients


@pytest.mark.parametrize("truth", [0.0, 0.3, 0.7, 1.0])
def test_known_share_of_the_frame_is_found_within_five_points(measured, truth):
    told, patients = measured
    # Each statistic parts the classes by 1 on average, so that the shares of the model's sum are what they are made to be.
    gaps = (told[:, 0] - told[:, 1]).mean(axis=0)
    logits = told[..., 0] / gaps[0] * truth + told[..., 1] / gaps[1] * (1 - truth)
    whole_a, whole_b, frame_a, frame_b = logits.T
    found = frame_share(PairLogits(whole_a=whole_a, whole_b=whole_b, frame_a=frame_a, frame_b=frame_b), patients)
    assert found.value == pytest.approx(truth, abs=0.05)
