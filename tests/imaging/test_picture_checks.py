"""What the pixels of a picture show, told on synthetic X-rays: chest, inversion, rotation, and the rest only where it is a chest."""

import numpy as np
import pytest

from covidlab.imaging.picture_checks import check_picture
from covidlab.imaging.receipt import Verdict
from tests.imaging.pictures import line, phantom, pictures_of_other_things, verdict


@pytest.mark.parametrize("number", range(4))
def test_check_picture_of_a_synthetic_x_ray_refuses_and_warns_of_nothing(number):
    said = [check for check in check_picture(phantom(number)) if check.verdict is not Verdict.PASS]
    assert said == []


def test_check_picture_of_an_inverted_x_ray_warns_and_says_that_nothing_inverts_the_file():
    found = line(255 - phantom(), "inversion")
    assert found.verdict is Verdict.WARN
    assert "The model reads the file unchanged." in found.sentence
    assert found.sentence.endswith("The viewer inverts only what you see.")


@pytest.mark.parametrize(
    ("turns", "words"), [(1, "counter-clockwise"), (2, "180 degrees"), (3, "90 degrees clockwise")]
)
def test_check_picture_of_a_turned_x_ray_names_the_turn(turns, words):
    found = line(np.ascontiguousarray(np.rot90(phantom(), turns)), "rotation")
    assert found.verdict is Verdict.WARN
    assert words in found.sentence
    assert "Save it upright with another program" in found.sentence


def test_check_picture_of_a_turned_and_inverted_x_ray_warns_of_both():
    pixels = np.ascontiguousarray(255 - np.rot90(phantom()))
    assert {verdict(pixels, "inversion"), verdict(pixels, "rotation")} == {Verdict.WARN}


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
    for found in (line(pair, "inversion"), line(pair, "rotation")):
        assert "cannot be told" in found.sentence
        assert not found.is_known
