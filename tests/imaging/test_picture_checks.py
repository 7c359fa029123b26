"""What the pixels of a picture show, told on synthetic X-rays and on pictures of other things."""

from functools import cache

import cv2
import numpy as np
import pytest

from covidlab.imaging.picture_checks import check_picture
from covidlab.imaging.receipt import Check, Verdict
from covidlab.phantom.film import PhantomConfig, make_phantom

SIDE = 256


@cache
def phantom(number: int = 0) -> np.ndarray:
    return rgb(make_phantom(PhantomConfig(num_films=4, size=SIDE, seed=3), number).pixels)


def rgb(grey: np.ndarray) -> np.ndarray:
    pixels = np.dstack([grey] * 3).astype(np.uint8)
    pixels.setflags(write=False)
    return pixels


def line(pixels: np.ndarray, name: str) -> Check:
    return next(check for check in check_picture(pixels) if check.name == name)


def verdict(pixels: np.ndarray, name: str) -> Verdict:
    return line(pixels, name).verdict


@pytest.mark.parametrize("number", range(4))
def test_check_picture_of_a_synthetic_x_ray_refuses_and_warns_of_nothing(number):
    said = [check for check in check_picture(phantom(number)) if check.verdict is not Verdict.PASS]
    assert said == []


def test_check_picture_of_an_inverted_x_ray_warns():
    assert verdict(255 - phantom(), "inversion") is Verdict.WARN


@pytest.mark.parametrize(
    ("turns", "words"), [(1, "counter-clockwise"), (2, "180 degrees"), (3, "90 degrees clockwise")]
)
def test_check_picture_of_a_turned_x_ray_names_the_turn(turns, words):
    found = line(np.ascontiguousarray(np.rot90(phantom(), turns)), "rotation")
    assert found.verdict is Verdict.WARN
    assert words in found.sentence


def test_check_picture_of_a_turned_and_inverted_x_ray_warns_of_both():
    pixels = np.ascontiguousarray(255 - np.rot90(phantom()))
    assert {verdict(pixels, "inversion"), verdict(pixels, "rotation")} == {Verdict.WARN}


def framed(colour: int) -> np.ndarray:
    return cv2.copyMakeBorder(phantom(), 0, 60, 0, 0, cv2.BORDER_CONSTANT, value=(colour,) * 3)


@pytest.mark.parametrize("colour", [0, 255])
def test_check_picture_of_an_x_ray_with_a_border_says_where(colour):
    found = line(framed(colour), "crop")
    assert found.verdict is Verdict.WARN
    assert "at the bottom" in found.sentence


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


def pictures_of_other_things() -> dict[str, np.ndarray]:
    rng, ramp = np.random.default_rng(0), np.tile(np.arange(SIDE, dtype=np.uint8), (SIDE, 1))
    page = np.full((SIDE, SIDE), 255, np.uint8)
    for row in range(20, SIDE, 16):
        cv2.putText(page, "the report of the patient", (8, row), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 0)
    drawing = np.zeros((SIDE, SIDE), np.uint8)
    cv2.ellipse(drawing, (128, 128), (80, 110), 0, 0, 360, 255, 2)
    tiles = np.kron(np.indices((8, 8)).sum(axis=0) % 2 * 255, np.ones((32, 32)))
    return {
        "black": rgb(np.zeros((SIDE, SIDE))),
        "white": rgb(np.full((SIDE, SIDE), 255)),
        "grey": rgb(np.full((SIDE, SIDE), 128)),
        "white noise": rgb(rng.integers(0, 256, (SIDE, SIDE))),
        "coloured noise": rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8),
        "horizontal gradient": rgb(ramp),
        "vertical gradient": rgb(ramp.T),
        "checkerboard": rgb(tiles),
        "page of text": rgb(page),
        "inverted page of text": rgb(255 - page),
        "drawing": rgb(drawing),
    }


@pytest.mark.parametrize("name", pictures_of_other_things())
def test_check_picture_of_something_else_is_refused(name):
    assert verdict(pictures_of_other_things()[name], "chest") is Verdict.REFUSE


def test_check_picture_of_coloured_noise_is_refused_for_its_colour():
    assert verdict(pictures_of_other_things()["coloured noise"], "colour") is Verdict.REFUSE


def test_check_picture_of_a_chest_says_that_the_check_is_coarse():
    assert "does not mean" in line(phantom(), "chest").sentence


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 64, 3), (2, 2, 3), (64, 64, 3)])
def test_check_picture_of_a_tiny_picture_is_refused(shape):
    assert verdict(np.full(shape, 90, np.uint8), "chest") is Verdict.REFUSE


def test_check_picture_changes_no_pixel():
    pixels = phantom().copy()
    check_picture(pixels)
    assert np.array_equal(pixels, phantom())


def test_check_picture_that_is_refused_says_nothing_of_its_posture():
    names = {check.name for check in check_picture(pictures_of_other_things()["page of text"])}
    assert not names & {"inversion", "rotation", "blur", "text"}


def test_check_picture_of_two_x_rays_side_by_side_says_that_the_posture_is_unknown():
    pair = np.ascontiguousarray(np.hstack([phantom(0), phantom(1)]))
    assert verdict(pair, "chest") is Verdict.WARN
    assert "cannot be told" in line(pair, "inversion").sentence
    assert "cannot be told" in line(pair, "rotation").sentence
