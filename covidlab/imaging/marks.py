"""Where letters, side markers and lines of text stand in a prepared X-ray, pixel by pixel, so that they can be taken out.

The receipt (``text_marks``) asks whether there is text, and looks at boxes. Here a mark is to go and its surroundings are
to stay, so only the pixels of the mark are named, and what could be a rib or a clavicle is passed over.
"""

from collections.abc import Iterator

import cv2
import numpy as np

from covidlab.imaging.glyphs import likest_letter

# Shares of the side: thicker strokes, and higher or wider marks, are taken for anatomy.
_STROKE, _LARGEST = 15 / 224, 30 / 224
_LEAST_HEIGHT, _LEAST_WIDTH, _LEAST_AREA = 3, 2, 5
# Marks stand near a border. Shares of the height and width.
_TOP, _BOTTOM, _SIDE = 0.2, 0.15, 0.14
# How much brighter or darker than its ground a pixel of a mark is; less where it is white, since its ground may be bright.
_STEP, _STEP_OF_WHITE, _WHITE = 45, 20, 225
# A mark is one where it resembles a letter, or is as small as printed text, or is white and not filled like a bone.
_LIKENESS, _LETTER_HEIGHT = 0.6, 6
_TEXT_HEIGHT, _TEXT_WIDTH, _TEXT_CONTRAST = 12 / 224, 14 / 224, 70
_WHITE_MARK, _WHITE_CONTRAST, _MOST_FILLED = 235, 35, 0.75
# The soft edge of a mark.
_EDGE = 5


def find_marks(grey: np.ndarray) -> np.ndarray:
    """Return where marks stand, with their soft edges, (side, side) bool; ``grey``: (side, side) uint8."""
    covered = np.zeros(grey.shape, np.uint8)
    for bright in (True, False):
        levels = grey if bright else 255 - grey
        relief = _relief(levels)
        steps = [relief > _STEP, (relief > _STEP_OF_WHITE) & (levels >= _WHITE)] if bright else [relief > _STEP]
        for marks in steps:
            for place, mark in _candidates(marks):
                if _is_mark(mark, relief[place], levels[place], side=len(grey), bright=bright):
                    covered[place][mark] = 1
    return cv2.dilate(covered, np.ones((_EDGE, _EDGE), np.uint8)).astype(bool)


def _relief(levels: np.ndarray) -> np.ndarray:
    """What thin bright marks rise above their ground."""
    stroke = round(_STROKE * len(levels)) | 1
    padded = cv2.copyMakeBorder(levels, stroke, stroke, stroke, stroke, cv2.BORDER_REFLECT)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (stroke, stroke))
    return cv2.morphologyEx(padded, cv2.MORPH_TOPHAT, kernel)[stroke:-stroke, stroke:-stroke]


def _candidates(marks: np.ndarray) -> Iterator[tuple[tuple[slice, slice], np.ndarray]]:
    """Connected marks as small as letters and near a border: the box of each, and its pixels there, bool."""
    side = len(marks)
    _, labels, boxes, centres = cv2.connectedComponentsWithStats(marks.astype(np.uint8))
    width, height, area = boxes[:, 2], boxes[:, 3], boxes[:, 4]
    across, down = centres[:, 0] / side, centres[:, 1] / side
    fits = (height >= _LEAST_HEIGHT) & (width >= _LEAST_WIDTH) & (area >= _LEAST_AREA)
    fits &= np.maximum(height, width) <= _LARGEST * side
    fits &= (down < _TOP) | (down > 1 - _BOTTOM) | (across < _SIDE) | (across > 1 - _SIDE)
    # The first is the ground.
    fits[0] = False
    for number in np.flatnonzero(fits):
        x, y, wide, tall, _ = (int(value) for value in boxes[number])
        place = np.s_[y : y + tall, x : x + wide]
        yield place, labels[place] == number


def _is_mark(mark: np.ndarray, relief: np.ndarray, levels: np.ndarray, *, side: int, bright: bool) -> bool:
    """Whether a candidate resembles a letter, a part of a line of text, or a white marker."""
    height, width = mark.shape
    contrast, level = np.percentile(relief[mark], 90), np.percentile(levels[mark], 75)
    if height <= _TEXT_HEIGHT * side and width <= _TEXT_WIDTH * side and contrast >= _TEXT_CONTRAST:
        return True
    if bright and level >= _WHITE_MARK and contrast >= _WHITE_CONTRAST and mark.mean() < _MOST_FILLED:
        return True
    near = cv2.dilate(mark.astype(np.uint8), np.ones((3, 3), np.uint8))
    return height >= _LETTER_HEIGHT and likest_letter(np.where(near, relief, 0))[1] >= _LIKENESS
