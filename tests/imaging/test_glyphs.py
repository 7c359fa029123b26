"""Marks that could be letters are found with their place, their contrast and the letter they resemble."""

import cv2
import numpy as np
import pytest

from covidlab.imaging.glyphs import ELLIPSE, find_glyphs


def plain(grey: int = 100) -> np.ndarray:
    return np.full((400, 400), grey, np.uint8)


@pytest.mark.parametrize(("ink", "bright"), [(255, True), (0, False)])
def test_find_glyphs_of_a_letter_says_where_and_which(ink, bright):
    drawn = cv2.putText(plain(), "B", (20, 50), cv2.FONT_HERSHEY_SIMPLEX, 1.0, ink, 3)
    found = next(glyph for glyph in find_glyphs(drawn) if glyph.bright == bright)
    assert (found.letter, found.x, found.y) == ("B", pytest.approx(22, abs=4), pytest.approx(28, abs=4))
    assert found.likeness > 0.8
    assert found.contrast > 90


def test_find_glyphs_of_a_filled_ellipse_is_no_letter():
    drawn = cv2.ellipse(plain(), (40, 40), (14, 18), 0, 0, 360, 255, -1)
    assert [glyph.letter for glyph in find_glyphs(drawn)] == [ELLIPSE]


def test_find_glyphs_of_a_faint_letter_a_large_shape_and_the_middle_finds_nothing():
    faint = cv2.putText(plain(), "B", (20, 50), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 130, 3)
    shape = cv2.rectangle(plain(), (0, 0), (150, 150), 255, -1)
    middle = cv2.putText(plain(), "B", (200, 200), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 255, 3)
    assert [find_glyphs(each) for each in (faint, shape, middle)] == [[], [], []]
