"""Where letters stand in an X-ray, pixel by pixel."""

import cv2
import numpy as np
import pytest

from covidlab.imaging.marks import find_marks

GROUND = 90


def with_letter(*, level: int, at=(12, 30), ground: int = GROUND) -> np.ndarray:
    return cv2.putText(np.full((224, 224), ground, np.uint8), "R", at, cv2.FONT_HERSHEY_SIMPLEX, 0.7, level, 2)


@pytest.mark.parametrize(("level", "ground"), [(240, 90), (250, 205), (10, 140)])
def test_find_marks_covers_a_bright_or_dark_letter_and_little_else(level, ground):
    grey = with_letter(level=level, ground=ground)
    letter, found = grey != ground, find_marks(grey)
    assert found[letter].all()
    assert found.sum() < 4 * letter.sum()


def test_find_marks_passes_over_a_letter_in_the_middle_and_a_faint_one():
    assert not find_marks(with_letter(level=240, at=(105, 120))).any()
    assert not find_marks(with_letter(level=GROUND + 25)).any()


def test_find_marks_passes_over_a_bone_at_the_border():
    grey = np.full((224, 224), GROUND, np.uint8)
    cv2.line(grey, (0, 40), (90, 20), 180, 9)
    assert not find_marks(grey).any()
