"""The estimate of the lungs: near the truth on synthetic X-rays, none on pictures without lungs."""

import cv2
import numpy as np
import pytest

from covidlab.imaging.lung_shape import USUAL, filled, unlikeliness
from covidlab.imaging.lungs import estimated_lungs
from covidlab.phantom.film import PhantomConfig, make_phantom

SIDE = 160


def rgb(grey: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(np.round(grey).astype(np.uint8), cv2.COLOR_GRAY2RGB)


@pytest.fixture(scope="module")
def phantoms():
    config = PhantomConfig(num_films=4, size=SIDE, seed=3)
    return [make_phantom(config, number) for number in range(3)]


def dice(one: np.ndarray, other: np.ndarray) -> float:
    return 2 * (one & other).sum() / (one.sum() + other.sum())


def test_estimated_lungs_of_synthetic_x_rays_agree_with_the_exact_masks(phantoms):
    agreement = [dice(estimated_lungs(rgb(phantom.pixels)), phantom.lung_mask) for phantom in phantoms]
    assert min(agreement) > 0.8


def test_estimated_lungs_have_the_size_of_the_picture_and_are_the_same_again(phantoms):
    wide = cv2.resize(rgb(phantoms[0].pixels), (200, 120), interpolation=cv2.INTER_AREA)
    lungs = estimated_lungs(wide)
    assert lungs.shape == (120, 200) and lungs.dtype == bool
    assert np.array_equal(lungs, estimated_lungs(wide))


def test_estimated_lungs_leave_the_pixels_unchanged(phantoms):
    pixels = rgb(phantoms[1].pixels)
    before = pixels.copy()
    estimated_lungs(pixels)
    assert np.array_equal(pixels, before)


@pytest.mark.parametrize(
    "grey",
    [
        np.zeros((SIDE, SIDE)),
        np.full((SIDE, SIDE), 255),
        np.random.default_rng(0).integers(0, 256, (SIDE, SIDE)),
        np.tile(np.linspace(0, 255, SIDE), (SIDE, 1)),
        np.tile(np.linspace(0, 255, SIDE)[:, None], (1, SIDE)),
    ],
    ids=["black", "white", "noise", "brighter to the right", "brighter to the bottom"],
)
def test_estimated_lungs_of_a_picture_without_lungs_are_none(grey):
    assert estimated_lungs(rgb(grey)) is None


def test_usual_shape_is_the_likeliest_and_its_lungs_lie_apart():
    assert unlikeliness(USUAL[None]) == pytest.approx(0)
    left, right = filled(USUAL, 100, 100)
    assert not (left & right).any()
    assert left.sum() == pytest.approx(right.sum(), rel=0.05)


def test_unlikeliness_of_unequal_lungs_is_above_that_of_equal_ones():
    equal, unequal = USUAL.copy(), USUAL.copy()
    equal[7:9] += (0.1, 0.1)
    unequal[7:9] += (0.1, -0.1)
    assert unlikeliness(unequal[None]) > unlikeliness(equal[None])
