"""What stands on a film beside the patient: collimation and side marker by chance, and one shortcut that is planted."""

from dataclasses import dataclass

import cv2
import numpy as np

# A shortcut is a mark that has nothing to do with disease and yet may tell the classes apart.
SHORTCUTS = ("none", "letter", "border", "brightness", "jpeg_colour")

_BRIGHTNESS_OFFSET = 30
_BORDER_SHARE = 0.03
_BORDER_GREY = 225


@dataclass(frozen=True)
class Marks:
    """What chance put on a film, independent of its class.

    collimation: width of the dark band at the left, upper, right and lower side as a share of the film, 0 for none.
    """

    collimation: tuple[float, float, float, float]
    collimation_tilt: float
    has_marker: bool
    marker_at: tuple[float, float]
    marker_tilt: float
    stored_in_colour: bool

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Marks":
        """Dark bands on a third of the films, a side marker on two thirds, JPEG in colour on half."""
        bands = rng.uniform(0.01, 0.06, 4) * (rng.random(4) < 0.6) * (rng.random() < 0.35)
        return cls(
            collimation=tuple(float(width) for width in bands),
            collimation_tilt=float(rng.normal(0, 0.008)),
            has_marker=bool(rng.random() < 0.65),
            marker_at=(float(rng.uniform(0.86, 0.92)), float(rng.uniform(0.1, 0.2))),
            marker_tilt=float(rng.normal(0, 8)),
            stored_in_colour=bool(rng.random() < 0.5),
        )


def shortcut_present(rng: np.random.Generator, *, positive: bool, strength: float) -> bool:
    """Whether a film gets the shortcut: with probability (1 + strength) / 2 where the film is positive, else with
    (1 - strength) / 2. Strength 0 is independent of the class; at 1 all positive films have it and no other."""
    return bool(rng.random() < (1 + strength if positive else 1 - strength) / 2)


def collimated(film: np.ndarray, marks: Marks) -> tuple[np.ndarray, np.ndarray]:
    """Film with its dark bands, uint8 (size, size), and the field that the beam reached, bool (size, size)."""
    size = len(film)
    left, top, right, low = marks.collimation
    if not any(marks.collimation):
        return film, np.ones(film.shape, bool)
    corners = np.array([(left, top), (1 - right, top), (1 - right, 1 - low), (left, 1 - low)]) * size - 0.5
    # A side without a band lies far outside, so that the tilt does not cut a wedge from it.
    outside = np.array([(left, top), (right, top), (right, low), (left, low)]) == 0
    corners += np.where(outside, np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * size, 0)
    turn = np.array([[1, -marks.collimation_tilt], [marks.collimation_tilt, 1]])
    corners = (corners - size / 2) @ turn.T + size / 2
    field = np.zeros_like(film)
    cv2.fillPoly(field, [np.rint(corners * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    share = field.astype(np.float32) / 255
    return np.rint(film * share + 4 * (1 - share)).astype(np.uint8), field > 127


def with_side_marker(film: np.ndarray, marks: Marks) -> np.ndarray:
    """Film with the lead letter of the patient's left side, where chance put one."""
    if not marks.has_marker:
        return film
    return _with_letter(film, "L", at=marks.marker_at, height=0.05, tilt=marks.marker_tilt, grey=245)[0]


def with_shortcut(film: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Film with a shortcut, and the pixels it covers (none for what changes the whole film or its file only).

    "letter": a panel letter in the upper left corner, as journals print it. "border": a light frame. "brightness": every
    pixel 30 grey values brighter. "jpeg_colour": no pixel changes; the file has three channels instead of one.

    Parameters
    ----------
    film : ndarray of shape (size, size), uint8
    name : one of ``SHORTCUTS``

    Returns
    -------
    ndarray of shape (size, size), uint8; ndarray of shape (size, size), bool
    """
    nothing = np.zeros(film.shape, bool)
    if name == "letter":
        return _with_letter(film, "A", at=(0.07, 0.08), height=0.075, tilt=0.0, grey=255)
    if name == "border":
        width = max(2, round(_BORDER_SHARE * len(film)))
        covered = ~nothing
        covered[width:-width, width:-width] = False
        return np.where(covered, np.uint8(_BORDER_GREY), film), covered
    if name == "brightness":
        return cv2.add(film, np.full_like(film, _BRIGHTNESS_OFFSET)), nothing
    return film, nothing


def _with_letter(
    film: np.ndarray, letter: str, *, at: tuple[float, float], height: float, tilt: float, grey: int
) -> tuple[np.ndarray, np.ndarray]:
    """Film with a letter centred on ``at`` (shares of the side), and the pixels it covers."""
    size = len(film)
    font, thickness = cv2.FONT_HERSHEY_SIMPLEX, max(1, round(size * height / 7))
    scale = size * height / 21.0
    (wide, tall), _ = cv2.getTextSize(letter, font, scale, thickness)
    centre = (at[0] * size, at[1] * size)
    drawn = np.zeros_like(film)
    origin = (round(centre[0] - wide / 2), round(centre[1] + tall / 2))
    cv2.putText(drawn, letter, origin, font, scale, 255, thickness, cv2.LINE_AA)
    if tilt:
        drawn = cv2.warpAffine(drawn, cv2.getRotationMatrix2D(centre, tilt, 1.0), (size, size))
    share = drawn.astype(np.float32) / 255
    return np.rint(film + (grey - film.astype(np.float32)) * share).astype(np.uint8), drawn > 0
