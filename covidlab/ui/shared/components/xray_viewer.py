"""X-rays to be looked at closely, alone or side by side, with their heat maps: the browser does all the work."""

from collections.abc import Sequence
from dataclasses import dataclass

from covidlab.imaging.encode import data_address
from covidlab.prediction.overlay import colour_steps
from covidlab.text import one_line
from covidlab.ui.shared.components import page_component

DEFAULT_HEIGHT = 560

_draw_viewer = page_component("xray_viewer", with_scripts=["xray_pane"])


@dataclass(frozen=True)
class Pane:
    """One X-ray of a viewer.

    picture: JPEG. title: also its name for a screen reader. caption: plain text, a line for each line. overlay: PNG with
    transparency that covers the picture, as ``prediction.overlay.overlay_png`` makes it, None where there is no heat map.
    overlay_title: what the heat map shows. alt: what stands for the picture, by default its title.
    """

    picture: bytes
    title: str
    caption: str = ""
    overlay: bytes | None = None
    overlay_title: str = ""
    alt: str = ""


def viewer(panes: Sequence[Pane], *, key: str, height: int = DEFAULT_HEIGHT) -> None:
    """Draw X-rays side by side; zoom, place, grey values and map are those of all of them.

    The browser keeps these for each ``key``, so another caption or a heat map that comes later changes none of them.
    The server sends the pictures with the first run of the page; while nothing of the viewer changes, Streamlit sends
    the later runs a reference of a few bytes.

    Parameters
    ----------
    height : of each X-ray in CSS pixels, at most; less on a low screen
    """
    data = {"key": key, "height": height, "colours": colour_steps(), "panes": [pane_data(pane) for pane in panes]}
    _draw_viewer(key=key, data=data)


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
