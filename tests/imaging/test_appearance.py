"""How a picture was made and stored is told from its pixels."""

import cv2
import numpy as np
import pytest

from covidlab.imaging.receipt import Verdict
from tests.imaging.pictures import SIDE, line, phantom, pictures_of_other_things, verdict


def framed(colour: int) -> np.ndarray:
    return cv2.copyMakeBorder(phantom(), 0, 60, 0, 0, cv2.BORDER_CONSTANT, value=(colour,) * 3)


@pytest.mark.parametrize("colour", [0, 255])
def test_check_picture_of_an_x_ray_with_a_border_says_where(colour):
    found = line(framed(colour), "crop")
    assert found.verdict is Verdict.WARN
    assert "at the bottom" in found.sentence
    assert "Cut the border off with another program" in found.sentence


def test_check_picture_without_borders_says_that_the_lungs_are_not_checked():
    assert "Whether lungs are cut off is not checked." in line(phantom(), "crop").sentence


def test_check_picture_of_a_flat_strip_warns_of_its_shape():
    assert "unusually wide" in line(phantom()[90:180], "crop").sentence


def test_check_picture_of_a_blurred_x_ray_warns():
    assert verdict(cv2.GaussianBlur(phantom(), (0, 0), SIDE / 60), "blur") is Verdict.WARN


def test_check_picture_of_a_faint_x_ray_warns_of_the_contrast():
    assert verdict((phantom() * 0.25 + 80).astype(np.uint8), "exposure") is Verdict.WARN


def test_check_picture_of_a_small_x_ray_warns_of_its_size():
    assert verdict(cv2.resize(phantom(), (100, 100), interpolation=cv2.INTER_AREA), "size") is Verdict.WARN


def test_check_picture_with_red_arrows_warns_of_marks_and_a_tint_of_tint():
    arrow, sepia = phantom().copy(), phantom() * np.array([1.0, 0.9, 0.75])
    cv2.arrowedLine(arrow, (40, 40), (80, 80), (255, 0, 0), 3)
    assert "marks" in line(arrow, "colour").sentence
    assert "tinted" in line(sepia.astype(np.uint8), "colour").sentence


def test_check_picture_of_coloured_noise_is_refused_for_its_colour():
    assert verdict(pictures_of_other_things()["coloured noise"], "colour") is Verdict.REFUSE
