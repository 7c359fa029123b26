"""The small copy of a picture, with and without its plain borders."""

import numpy as np
import pytest

from covidlab.imaging.small_picture import SMALL_SIDE, small_picture


@pytest.fixture
def pixels() -> np.ndarray:
    """A grey picture of 300 x 200 pixels without borders."""
    return np.dstack([np.random.default_rng(0).integers(60, 200, (200, 300), dtype=np.uint8)] * 3)


def test_small_picture_of_a_large_one_keeps_the_shape_and_the_size(pixels):
    picture = small_picture(np.repeat(np.repeat(pixels, 4, axis=0), 4, axis=1))
    assert picture.grey.shape == (341, SMALL_SIDE)
    assert (picture.width, picture.height) == (1200, 800)


@pytest.mark.parametrize("colour", [0, 255])
def test_small_picture_with_a_border_measures_it_and_cuts_it_off(pixels, colour):
    pixels[:50], pixels[:, 270:] = colour, colour
    picture = small_picture(pixels)
    assert picture.borders == pytest.approx((0.25, 0, 0, 0.1))
    assert picture.inner.shape == (150, 270)


def test_small_picture_with_a_marker_in_the_border_still_has_the_border(pixels):
    pixels[:50] = 0
    pixels[20:30, 10:15] = 255
    assert small_picture(pixels).borders[0] == 0.25


def test_small_picture_of_nothing_has_no_border():
    picture = small_picture(np.zeros((100, 100, 3), np.uint8))
    assert picture.borders == (0, 0, 0, 0)
    assert picture.inner.shape == (100, 100)
