"""Shares of frame and lungs as one bar, and the sentence that says the same."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from covidlab.language import tr
from covidlab.ui.shared.plotly import BLUE, FAINT, GREY, ORANGE, empty_figure, note, percent_text


def shares_bar(frame: Mapping[str, Any], *, guess: float | None = None) -> go.Figure:
    """One bar from 0 to 100 %: the frame from the left, the lungs from the right, the interval of their border, and a guess.

    Parameters
    ----------
    frame : value, low and high of the share of the frame; what lies outside 0 to 1 is drawn at the end
    guess : share of the frame that somebody guessed
    """
    figure = empty_figure(height=120, margin={"l": 8, "r": 8, "t": 24, "b": 24})
    border = _inside(frame["value"])
    box = {"type": "rect", "y0": -0.4, "y1": 0.4, "line": {"width": 0}, "layer": "below"}
    figure.add_shape(**box, x0=0, x1=border, fillcolor=BLUE)
    figure.add_shape(**box, x0=border, x1=1, fillcolor=FAINT)
    low, high = _inside(frame["low"]), _inside(frame["high"])
    figure.add_scatter(
        x=[low, high], y=[0, 0], mode="lines", line={"color": ORANGE, "width": 4}, hoverinfo="skip", cliponaxis=False
    )
    figure.add_scatter(
        x=[border],
        y=[0],
        mode="markers",
        marker={"symbol": "diamond", "size": 14, "color": ORANGE, "line": {"color": "white", "width": 2}},
        hovertemplate=tr(
            "frame {frame}, lungs {lungs}", frame=_percent(frame["value"]), lungs=_percent(1 - frame["value"])
        )
        + "<extra></extra>",
        cliponaxis=False,
    )
    note(
        figure,
        0,
        1.02,
        tr("frame {percent}", percent=_percent(frame["value"])),
        xanchor="left",
        yanchor="bottom",
        font={"size": 14},
    )
    lungs = _percent(1 - frame["value"])
    note(figure, 1, 1.02, tr("lungs {lungs}", lungs=lungs), xanchor="right", yanchor="bottom", font={"size": 14})
    if guess is not None:
        _add_guess(figure, guess)
    figure.update_xaxes(range=[0, 1], visible=False)
    figure.update_yaxes(range=[-0.8, 0.45], visible=False)
    return figure


def describe_bar(frame: Mapping[str, Any]) -> str:
    """Return the shares as one sentence."""
    return tr(
        "Frame {percent}, lungs {percent_2}; 95 % interval of the frame {percent_3} to {percent_4}.",
        percent=_percent(frame["value"]),
        percent_2=_percent(1 - frame["value"]),
        percent_3=_percent(frame["low"]),
        percent_4=_percent(frame["high"]),
    )


def _add_guess(figure: go.Figure, guess: float) -> None:
    figure.add_scatter(
        x=[guess],
        y=[-0.5],
        mode="markers",
        marker={"symbol": "triangle-up", "size": 13, "color": GREY},
        hovertemplate=tr("guess {percent}", percent=_percent(guess)) + "<extra></extra>",
        cliponaxis=False,
    )
    anchor = "left" if guess < 0.15 else "right" if guess > 0.85 else "center"
    note(figure, guess, -0.02, tr("guess {percent}", percent=_percent(guess)), xanchor=anchor, yanchor="top")


def _inside(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def _percent(share: float) -> str:
    return percent_text(share).replace("-", "−")
