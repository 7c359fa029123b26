"""Marks in a picture that could be letters: small, of one brightness, on a ground of another; and which letter they resemble."""

import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

# Pixels of the small picture. Strokes are thinner than the first, so that an opening of this size removes them.
_STROKE_SIDE = 31
_HEIGHTS, _WIDTHS, _LEAST_AREA = (7, 64), (3, 64), 14
# How much brighter or darker than its ground a pixel of a letter is, and a letter as a whole.
_PIXEL_STEP, LEAST_CONTRAST = 45, 60
# Letters stand near a border. Shares of the height and width.
_TOP, _BOTTOM, _SIDE = 0.2, 0.15, 0.14
_TEMPLATE_SIDE, _DRAWN_SIDE = 20, 120
# Logarithm of the largest ratio between the shapes (width over height) of a mark and of the letter it is taken for.
_SHAPE_TOLERANCE = 0.35
# Shapes that are no letters, but would be taken for F, C or D: the arrow and the filled ellipse of X-ray markers.
ARROW, ELLIPSE = "^", "*"
_LETTERS = string.ascii_uppercase + "abcdefgh"


@dataclass(frozen=True)
class Glyph:
    """A mark that could be a letter.

    x, y, width, height: its box in the small picture. filled: share of the box. bright: brighter than its ground, else darker.
    contrast: to its ground, in grey levels. letter: the one it resembles most. likeness: correlation with it, at most 1.
    """

    x: int
    y: int
    width: int
    height: int
    filled: float
    bright: bool
    contrast: float
    letter: str
    likeness: float

    def gap(self, other: "Glyph") -> tuple[int, int]:
        """Pixels between two marks across and down; negative where they overlap."""
        across = max(self.x, other.x) - min(self.x + self.width, other.x + other.width)
        down = max(self.y, other.y) - min(self.y + self.height, other.y + other.height)
        return across, down

    def height_ratio(self, other: "Glyph") -> float:
        """The larger height over the smaller."""
        return max(self.height, other.height) / min(self.height, other.height)


def find_glyphs(grey: np.ndarray) -> list[Glyph]:
    """Return the marks near the borders of a small picture that could be letters; ``grey`` (height, width) uint8."""
    glyphs = [*_glyphs(grey, bright=True), *_glyphs(255 - grey, bright=False)]
    return [glyph for glyph in glyphs if glyph.contrast >= LEAST_CONTRAST]


def _glyphs(grey: np.ndarray, *, bright: bool) -> Iterator[Glyph]:
    """The bright marks of ``grey``."""
    relief = _relief(grey)
    marks = (relief > _PIXEL_STEP).astype(np.uint8)
    _, labels, boxes, centres = cv2.connectedComponentsWithStats(marks)
    for number in np.flatnonzero(_could_be_letters(boxes, centres, grey.shape)):
        x, y, width, height, area = (int(value) for value in boxes[number])
        around = np.s_[max(0, y - 3) : y + height + 3, max(0, x - 3) : x + width + 3]
        mark = (labels[around] == number).astype(np.uint8)
        near = cv2.dilate(mark, np.ones((3, 3), np.uint8))
        ground = grey[around][cv2.dilate(mark, np.ones((7, 7), np.uint8)) > near]
        contrast = float(np.percentile(grey[around][mark > 0], 90) - np.median(ground)) if ground.size else 0.0
        # Neighbours are cut away; the soft edge of the mark is kept.
        inside = np.s_[
            y - around[0].start : y - around[0].start + height, x - around[1].start : x - around[1].start + width
        ]
        letter, likeness = likest_letter(np.where(near, relief[around], 0)[inside])
        yield Glyph(x, y, width, height, area / (width * height), bright, contrast, letter, likeness)


def _relief(grey: np.ndarray) -> np.ndarray:
    """What thin bright marks rise above their ground."""
    edge = _STROKE_SIDE // 2 + 1
    padded = cv2.copyMakeBorder(grey, edge, edge, edge, edge, cv2.BORDER_REFLECT)
    ground = cv2.morphologyEx(padded, cv2.MORPH_OPEN, np.ones((_STROKE_SIDE, _STROKE_SIDE), np.uint8))
    return cv2.subtract(padded, ground)[edge:-edge, edge:-edge]


def _could_be_letters(boxes: np.ndarray, centres: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Which of the connected marks are as large as letters and near a border; the first is the ground."""
    width, height, area = boxes[:, 2], boxes[:, 3], boxes[:, 4]
    across, down = centres[:, 0] / shape[1], centres[:, 1] / shape[0]
    fits = (height >= _HEIGHTS[0]) & (height <= _HEIGHTS[1]) & (width >= _WIDTHS[0]) & (width <= _WIDTHS[1])
    near = (down < _TOP) | (down > 1 - _BOTTOM) | (across < _SIDE) | (across > 1 - _SIDE)
    fits &= near & (area >= _LEAST_AREA)
    fits[0] = False
    return fits


def likest_letter(mark: np.ndarray) -> tuple[str, float]:
    """Return the letter that a mark resembles most, and the correlation with it; ``mark``: (height, width), brighter than its ground."""
    letters, shapes, drawn = _templates()
    likeness = drawn @ _normalized(mark)
    likeness[np.abs(shapes - np.log(mark.shape[1] / mark.shape[0])) > _SHAPE_TOLERANCE] = -1.0
    best = int(likeness.argmax())
    return letters[best], float(likeness[best])


def _normalized(mark: np.ndarray) -> np.ndarray:
    """The mark in a square, as a vector of mean 0 and length 1."""
    side = (_TEMPLATE_SIDE, _TEMPLATE_SIDE)
    values = cv2.resize(mark.astype(np.float32), side, interpolation=cv2.INTER_AREA).ravel()
    values -= values.mean()
    return values / (np.linalg.norm(values) + 1e-6)


@cache
def _templates() -> tuple[list[str], np.ndarray, np.ndarray]:
    """Letters as they are drawn in several fonts and weights: which, the logarithm of their shape, and their vectors."""
    drawings = [(letter, drawing) for letter in _LETTERS for drawing in (*_printed(letter), *_plotted(letter))]
    drawings += [(ARROW, _arrow(half)) for half in (7, 10, 13)]
    drawings += [(ELLIPSE, _ellipse(half)) for half in (30, 40, 52)]
    cut = [(letter, _cut_out(drawing)) for letter, drawing in drawings]
    shapes = np.log([mark.shape[1] / mark.shape[0] for _, mark in cut])
    return [letter for letter, _ in cut], shapes, np.array([_normalized(mark) for _, mark in cut])


def _printed(letter: str) -> Iterator[np.ndarray]:
    """The letter in the font that Pillow brings, in three weights."""
    canvas = Image.new("L", (_DRAWN_SIDE, _DRAWN_SIDE))
    ImageDraw.Draw(canvas).text((30, 30), letter, fill=255, font=ImageFont.load_default(60))
    for weight in (1, 5, 9):
        yield cv2.dilate(np.asarray(canvas), np.ones((weight, weight), np.uint8))


def _plotted(letter: str) -> Iterator[np.ndarray]:
    """The letter in the fonts that OpenCV brings, without and with serifs, in three weights."""
    for font in (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_COMPLEX):
        for weight in (4, 8, 12):
            yield cv2.putText(_canvas(), letter, (20, 90), font, 2.5, 255, weight)


def _arrow(half: int) -> np.ndarray:
    """An arrow that points up, with a shaft of twice ``half``."""
    right = [(60, 15), (90, 50), (60 + half, 50), (60 + half, 100)]
    left = [(120 - x, y) for x, y in reversed(right[1:])]
    return cv2.fillPoly(_canvas(), [np.array(right + left)], 255)


def _ellipse(half: int) -> np.ndarray:
    """A filled ellipse."""
    return cv2.ellipse(_canvas(), (60, 60), (half, 40), 0, 0, 360, 255, -1)


def _canvas() -> np.ndarray:
    """An empty square to draw in."""
    return np.zeros((_DRAWN_SIDE, _DRAWN_SIDE), np.uint8)


def _cut_out(drawing: np.ndarray) -> np.ndarray:
    """The drawing without its empty surroundings."""
    x, y, width, height = cv2.boundingRect((drawing > _PIXEL_STEP).astype(np.uint8))
    return drawing[y : y + height, x : x + width]
