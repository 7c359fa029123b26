"""X-rays to be looked at closely, alone or side by side, with what lies over them: the browser does all the work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from covidlab.imaging.encode import data_address
from covidlab.prediction.overlay import colour_steps
from covidlab.text import one_line
from covidlab.ui.shared.components import page_component

DEFAULT_HEIGHT = 560

_draw_viewer = page_component("xray_viewer", with_scripts=["xray_pane"])


@dataclass(frozen=True)
class Pane:
    """One X-ray of a viewer.

    picture: JPEG. title: also its name for a screen reader, "" where the page has one. caption: plain text, a line for each
    line. overlay: PNG with transparency that covers the picture, as ``prediction.overlay.overlay_png`` makes it, None where
    nothing lies over it. overlay_title: what the overlay shows. alt: what stands for the picture, by default its title.
    """

    picture: bytes
    title: str
    caption: str = ""
    overlay: bytes | None = None
    overlay_title: str = ""
    alt: str = ""


@dataclass(frozen=True)
class Layer:
    """What the overlays of a viewer are.

    name: of their switch. has_scale: whether their colours stand for little to much. opacity: at first, in percent.
    is_shown: as long as nobody has switched.
    """

    name: str = "Map"
    has_scale: bool = True
    opacity: int = 50
    is_shown: bool = True


HEAT_MAP = Layer()


def viewer(
    panes: Sequence[Pane],
    *,
    key: str,
    state: str = "",
    height: int = DEFAULT_HEIGHT,
    layer: Layer = HEAT_MAP,
    subject: str = "",
    on_switch: Callable[[bool], None] | None = None,
) -> None:
    """Draw X-rays side by side; zoom, place, grey values and overlay are those of all of them.

    The browser keeps these, so another caption or a heat map that comes later changes none of them.
    The server sends the pictures with the first run of the page; while nothing of the viewer changes, Streamlit sends
    the later runs a reference of a few bytes.

    Parameters
    ----------
    state : name under which zoom, place and grey values are kept, by default ``key``; viewers with the same name and subject
        follow each other. Whether the overlays are shown, and their opacity, is kept for each ``key``.
    height : of each X-ray in CSS pixels, at most; less on a low screen
    subject : with another one, zoom, place and grey values begin afresh
    on_switch : called with whether the overlays are shown, when somebody has switched; then the page runs again
    """
    tells = on_switch is not None
    data = viewer_data(panes, key=key, state=state, height=height, layer=layer, subject=subject, tells=tells)
    if on_switch is None:
        _draw_viewer(key=key, data=data)
    else:
        _draw_viewer(key=key, data=data, on_overlay_change=lambda: _take_switch(key, on_switch))


def viewer_data(
    panes: Sequence[Pane],
    *,
    key: str,
    state: str = "",
    height: int = DEFAULT_HEIGHT,
    layer: Layer = HEAT_MAP,
    subject: str = "",
    tells: bool = False,
) -> dict[str, Any]:
    """What the browser is given of a viewer; ``tells``: whether it reports that the overlays were switched."""
    return {
        "key": key,
        "state": state or key,
        "height": height,
        "colours": colour_steps() if layer.has_scale else [],
        "subject": subject,
        "layer": {"name": layer.name, "opacity": layer.opacity, "shown": layer.is_shown, "tells": tells},
        "panes": [pane_data(pane) for pane in panes],
    }


def pane_data(pane: Pane) -> dict[str, str]:
    """What the browser is given of an X-ray; the texts are plain, not HTML."""
    title = one_line(pane.title, max_length=160)
    return {
        "title": title,
        "caption": "\n".join(one_line(line, max_length=200) for line in pane.caption.splitlines()),
        "alt": one_line(pane.alt, max_length=300) or title,
        "picture": data_address(pane.picture),
        "overlay": data_address(pane.overlay, kind="png") if pane.overlay else "",
        "overlay_title": one_line(pane.overlay_title, max_length=160),
    }


def _take_switch(key: str, on_switch: Callable[[bool], None]) -> None:
    shown = st.session_state[key]["overlay"]
    if shown is not None:
        on_switch(shown)
