"""A small pad on which a person draws how validation accuracy will go; afterwards what happened lies over it."""

import math
from collections.abc import Sequence
from typing import Any

import streamlit as st

from covidlab.language import tr, tr_lazy
from covidlab.ui.shared.components import page_component

POINTS = 11

_HINT = tr_lazy("Draw the curve here")
_draw_pad = page_component("curve_sketch")


def draw_pad(*, key: str, subject: str, epochs: int) -> tuple[float, ...] | None:
    """Draw an empty pad for a curve over so many epochs; return what is drawn on it, ``POINTS`` values from 0 to 1, or None.

    ``subject``: with another one the pad is empty again.
    """
    alt = tr("Pad for a sketch of validation accuracy. Left and right arrow keys choose a point, up and down move it.")
    _draw_pad(key=key, data=_data(None, subject, epochs, alt, editable=True), on_sketch_change=lambda: None)
    return checked_sketch((st.session_state.get(key) or {}).get("sketch"))


def draw_sketch(
    sketch: Sequence[float], actual: Sequence[tuple[float, float]], *, key: str, epochs: int, alt: str
) -> None:
    """Draw a sketch with what happened: ``actual`` are pairs of place (0 first epoch, 1 last) and value."""
    shown = [[float(place), float(value)] for place, value in actual if math.isfinite(value)]
    _draw_pad(key=key, data=_data(list(sketch), key, epochs, alt, editable=False) | {"actual": shown})


def checked_sketch(values: Any) -> tuple[float, ...] | None:
    """Return what a browser sent where it is a whole sketch; None where it is not."""
    if not isinstance(values, list | tuple) or len(values) != POINTS:
        return None
    if not all(isinstance(value, int | float) and 0 <= value <= 1 for value in values):
        return None
    return tuple(map(float, values))


def _data(sketch: list[float] | None, subject: str, epochs: int, alt: str, *, editable: bool) -> dict[str, Any]:
    return {
        "sketch": sketch,
        "actual": None,
        "points": POINTS,
        "editable": editable,
        "subject": subject,
        "epochs": epochs,
        "first": tr("epoch {epochs}", epochs=1),
        "last": tr("epoch {epochs}", epochs=epochs),
        "hint": _HINT,
        "alt": alt,
    }
