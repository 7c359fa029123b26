"""Alterations as a page asks for them: a short text in, an alteration out; what is unknown or out of range is refused.

whole, lungs-black, ...   the name of one of ``ALTERATIONS``
rotation:-10              a scale of ``SCALES`` and an amount between the ends of its values, in its steps
box:14:10:6               a black square: centre across and down, and side, in parts of the side of the X-ray (``PARTS``)
marker:3:3                a letter R: centre across and down

Places lie on a grid, so that few answers have to be computed and kept.
"""

from functools import partial

import numpy as np

from covidlab.errors import UsageError
from covidlab.evaluation.alterations import (
    ALTERATIONS,
    SCALES,
    Alteration,
    Subject,
    blackened,
    pasted_marker,
)
from covidlab.language import tr

# 8 pixels of 224.
PARTS = 28
BOX_SIZES = (2, 14)
BOX, MARKER = "box", "marker"
_LONGEST = 40


def asked_alteration(text: str) -> Alteration:
    """Return the alteration that a text asks for; raises UsageError where there is none."""
    kind, *numbers = text[: _LONGEST + 1].split(":")
    if kind in ALTERATIONS and not numbers:
        return ALTERATIONS[kind]
    if kind in SCALES and len(numbers) == 1:
        return SCALES[kind].at(_amount(kind, numbers[0]))
    if kind == BOX and len(numbers) == 3:
        across, down, size = (*_place(numbers[:2]), _whole(numbers[2], *BOX_SIZES))
        return Alteration(
            name=f"box-{across}-{down}-{size}",
            title=tr("black box"),
            make=partial(_boxed, at=(across, down), size=size),
        )
    if kind == MARKER and len(numbers) == 2:
        across, down = _place(numbers)
        return Alteration(
            name=f"marker-{across}-{down}", title=tr("marker R"), make=partial(_marked, at=(across, down))
        )
    raise _refused(text)


def _boxed(film: np.ndarray, subject: Subject, *, at: tuple[int, int], size: int) -> np.ndarray:
    across, down = (part / PARTS for part in at)
    return blackened(film, across=across, down=down, width=size / PARTS, height=size / PARTS)


def _marked(film: np.ndarray, subject: Subject, *, at: tuple[int, int]) -> np.ndarray:
    across, down = (part / PARTS for part in at)
    return pasted_marker(film, across=across, down=down)


def _place(numbers: list[str]) -> tuple[int, int]:
    across, down = (_whole(number, 0, PARTS) for number in numbers)
    return across, down


def _whole(text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and low <= int(text) <= high):
        raise _refused(text)
    return int(text)


def _amount(name: str, text: str) -> float:
    """The amount of a scale, on the nearest of its steps."""
    scale = SCALES[name]
    try:
        value = float(text)
    except ValueError:
        raise _refused(text) from None
    low, high = scale.values[0], scale.values[-1]
    if not low <= value <= high:
        raise _refused(text)
    stepped = round(low + round((value - low) / scale.step) * scale.step, 6)
    # A whole number is written as one, so that each amount has one name.
    return int(stepped) if float(stepped).is_integer() else stepped


def _refused(text: str) -> UsageError:
    return UsageError(
        tr(
            "A change is a name ({alterations}), an amount (rotation:5) or a place (box:14:14:6, "
            "marker:3:3). Received: {text}.",
            alterations=", ".join(ALTERATIONS),
            text=text[:_LONGEST],
        )
    )
