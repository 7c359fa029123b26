"""Letters that stand in an X-ray: panel letters and lines of text warn, side markers do not."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from covidlab.imaging.receipt import Check, Verdict
from covidlab.imaging.small_picture import small_picture
from covidlab.imaging.text_marks import check_text

SIDE = 512


def soft_shapes() -> np.ndarray:
    """A grey picture without letters: large soft shapes, some noise."""
    coarse = np.random.default_rng(2).uniform(30, 180, (8, 8)).astype(np.float32)
    noise = np.random.default_rng(3).normal(0, 3, (SIDE, SIDE))
    return np.clip(cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) + noise, 0, 255).astype(np.uint8)


def with_text(text: str, place: tuple[int, int], *, size: int = 26, ink: int = 255, ground: int | None = None) -> Check:
    picture = Image.fromarray(soft_shapes())
    draw = ImageDraw.Draw(picture)
    if ground is not None:
        draw.rectangle((place[0] - 8, place[1] - 4, place[0] + 24, place[1] + 32), fill=ground)
    draw.text(place, text, fill=ink, font=ImageFont.load_default(size))
    return check_text(small_picture(np.dstack([np.asarray(picture)] * 3)))


def test_check_text_of_a_picture_without_letters_passes():
    assert check_text(small_picture(np.dstack([soft_shapes()] * 3))).verdict is Verdict.PASS


@pytest.mark.parametrize("letter", ["A", "B", "C", "D", "b"])
@pytest.mark.parametrize("place", [(12, 10), (470, 10), (12, 470)])
def test_check_text_of_a_panel_letter_in_a_corner_names_it(letter, place):
    found = with_text(letter, place, ground=0)
    assert found.verdict is Verdict.WARN
    assert f'"{letter.upper()}"' in found.sentence.upper()


def test_check_text_of_a_dark_panel_letter_in_a_light_box_warns():
    assert with_text("A", (12, 10), ink=0, ground=210).verdict is Verdict.WARN


def test_check_text_of_a_line_of_text_warns():
    found = with_text("first chest X-ray", (180, 20), size=20)
    assert found.verdict is Verdict.WARN
    assert "line of text" in found.sentence


@pytest.mark.parametrize("letter", ["R", "L"])
def test_check_text_of_a_side_marker_passes_with_a_word(letter):
    found = with_text(letter, (20, 20), ground=0)
    assert found.verdict is Verdict.PASS
    assert f"side marker ({letter})" in found.sentence


def test_check_text_of_a_letter_in_the_middle_passes():
    assert with_text("A", (250, 250), ground=0).verdict is Verdict.PASS


def test_check_text_of_two_letters_side_by_side_is_no_panel_letter():
    assert with_text("AP", (20, 20)).verdict is Verdict.PASS
