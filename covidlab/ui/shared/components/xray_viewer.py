"""X-rays to be looked at closely, alone or side by side, with what lies over them: the browser does all the work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from covidlab.imaging.encode import data_address
from covidlab.language import tr_lazy
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

    name: str = tr_lazy("Map")
    has_scale: bool = True
    opacity: int = 50
    is_shown: bool = True


HEAT_MAP = Layer()


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """X-rays side by side; zoom, place, grey values and overlay are those of all of them.

    The browser keeps these, so another caption or a heat map that comes later changes none of them.
    The server sends the pictures with the first run of the page; while nothing of the viewer changes, Streamlit sends
    the later runs a reference of a few bytes.

    key: of the element. state: name under which zoom, place and grey values are kept, by default ``key``; viewers with the
    same name and subject follow each other. Whether the overlays are shown, and their opacity, is kept for each ``key``.
    height: of each X-ray in CSS pixels, at most; less on a low screen. layer: what the overlays are. subject: with another one,
    zoom, place and grey values begin afresh. on_switch: called with whether the overlays are shown, when somebody has switched;
    then the page runs again.
    """

    key: str
    state: str = ""
    height: int = DEFAULT_HEIGHT
    layer: Layer = HEAT_MAP
    subject: str = ""
    on_switch: Callable[[bool], None] | None = None

    def draw(self, panes: Sequence[Pane]) -> None:
        """Draw the X-rays."""
        told = {} if self.on_switch is None else {"on_overlay_change": self._take_switch}
        _draw_viewer(key=self.key, data=self.data(panes), **told)

    def data(self, panes: Sequence[Pane]) -> dict[str, Any]:
        """Return what the browser is given."""
        layer = self.layer
        return {
            "key": self.key,
            "state": self.state or self.key,
            "height": self.height,
            "colours": colour_steps() if layer.has_scale else [],
            "subject": self.subject,
            "layer": {
                "name": layer.name,
                "opacity": layer.opacity,
                "shown": layer.is_shown,
                "tells": self.on_switch is not None,
            },
            "panes": [pane_data(pane) for pane in panes],
        }

    def _take_switch(self) -> None:
        shown = st.session_state[self.key]["overlay"]
        if shown is not None:
            self.on_switch(shown)


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
