"""What all figures share: colours that the colour-blind tell apart, an empty figure that fits both themes, harmless text.

Backgrounds are transparent and text takes the theme's colour, so that a figure fits the light and the dark page. Axes
are fixed, so that nothing jumps while a run grows and a finger on a telephone scrolls the page instead of the chart.
"""

import html
import math
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from covidlab.language import plotly_separators, tr
from covidlab.text import one_line, plain_number

# M. Okabe and K. Ito (2008), Color universal design; black and yellow are left out, each vanishes on one of the themes
BLUE, ORANGE, GREEN, PINK, AMBER, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"
GREY = "#888888"
OTHER_CLASS_COLOURS = (BLUE, GREEN, PINK, GREY, SKY)  # the positive class is orange, as on the probability bar

# Where an axis from 0 to 1 has its lines.
QUARTERS = (0, 0.25, 0.5, 0.75, 1)

# Lines of a grid and what lies behind the data.
FAINT = "rgba(136,136,136,0.25)"


def empty_figure(*, height: int, title: str = "", margin: Mapping | None = None) -> go.Figure:
    """Figure without data; title and legend have room of their own on top, so that the axes never move for them."""
    legend = {"orientation": "h", "yref": "container", "yanchor": "top", "xanchor": "left", "x": 0}
    axis = {
        "fixedrange": True,
        "showgrid": True,
        "gridcolor": FAINT,
        "zeroline": False,
        "showline": False,
        "automargin": True,
    }
    # In one piece: Plotly looks through everything at each update, and a live run is drawn several times a second.
    layout = {
        "height": height,
        "margin": margin or {"l": 8, "r": 16, "t": 72 if title else 48, "b": 8},
        "title": {"text": title, "x": 0, "xref": "paper", "y": 1 - 6 / height, "yanchor": "top", "font": {"size": 14}},
        "legend": legend | {"y": 1 - (28 if title else 4) / height, "title": {"text": ""}},
        "showlegend": margin is None,
        "separators": plotly_separators(),
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "uirevision": "covidlab",
        "dragmode": False,
        "hovermode": "closest",
        "xaxis": axis,
        "yaxis": axis,
    }
    return go.Figure(layout=layout)


def colours_of_classes(classes: Sequence[str], positive_class: str) -> dict[str, str]:
    """Colour of each class; the positive one is orange, as in the charts of a run."""
    others = [folder for folder in classes if folder != positive_class]
    return {positive_class: ORANGE} | {
        folder: OTHER_CLASS_COLOURS[place % len(OTHER_CLASS_COLOURS)] for place, folder in enumerate(others)
    }


def number_ticks(values: Sequence[float]) -> dict[str, list]:
    """Ticks of an axis at these places, with the decimal mark of the language."""
    return {"tickvals": list(values), "ticktext": [plain_number(value) for value in values]}


def percent_ticks(values: Sequence[float]) -> dict[str, list]:
    """Ticks of an axis at these shares, as percent."""
    return {"tickvals": list(values), "ticktext": [percent_text(value) for value in values]}


def percent_text(share: float) -> str:
    """A share of 1 as people read it, e.g. "25 %"."""
    return tr("{share:.0f} %", share=100 * share)


def say(figure, text: str) -> None:
    """Write a sentence into the middle of a figure without data."""
    # Between two grid lines of either axis, so that none runs through the words.
    note(figure, 0.5, 0.62, text, xanchor="center", yanchor="middle")


def note(figure, x: float, y: float, text: str, *, xref: str = "paper", **anchors) -> None:
    """Write a text at a place of a figure, by default in parts of its width and height."""
    figure.add_annotation(x=x, y=y, text=text, xref=xref, yref="paper", showarrow=False, **anchors)


def escaped(text: str, *, max_length: int = 60) -> str:
    """Foreign text, harmless in Plotly's small HTML."""
    return html.escape(one_line(text, max_length=max_length), quote=False)


def is_number(value) -> bool:
    """Whether a value is a finite number."""
    return value is not None and math.isfinite(value)
