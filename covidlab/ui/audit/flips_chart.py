"""How the answers for patients move when labels change, as a Plotly figure and as a sentence."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from covidlab.language import tr
from covidlab.text import class_name, pluralize
from covidlab.ui.shared.plotly import BLUE, FAINT, GREY, ORANGE, QUARTERS, empty_figure, escaped, number_ticks


def moves_chart(found: Mapping[str, Any]) -> go.Figure:
    """Probability of each patient before (across) and after (upwards); in the two tinted squares the answer changes."""
    figure = empty_figure(height=420)
    for x, y in ((0, 0.5), (0.5, 0)):
        figure.add_shape(
            type="rect", x0=x, x1=x + 0.5, y0=y, y1=y + 0.5, fillcolor=FAINT, line={"width": 0}, layer="below"
        )
    figure.add_shape(type="line", x0=0, x1=1, y0=0, y1=1, line={"color": GREY, "dash": "dot", "width": 1.5})
    groups = (
        (tr("answer stays"), BLUE, "circle", False),
        (tr("answer changes"), ORANGE, "diamond", True),
    )
    for name, colour, symbol, changed in groups:
        rows = [row for row in found["patients"] if row["changed"] is changed]
        figure.add_scatter(
            x=[row["before"] for row in rows],
            y=[row["after"] for row in rows],
            mode="markers",
            name=f"{name} (n = {len(rows)})",
            cliponaxis=False,
            marker={
                "color": colour,
                "symbol": symbol,
                "size": 10,
                "line": {"color": GREY, "width": [3 if row["touched"] else 0 for row in rows]},
            },
            customdata=[
                [escaped(f"{row['patient'] or row['files'][0]}, {class_name(row['class'])}"), _own(row)] for row in rows
            ],
            hovertemplate="%{customdata[0]}%{customdata[1]}<br>"
            + tr("before {before}, after {after}", before="%{x:.2f}", after="%{y:.2f}")
            + "<extra></extra>",
        )
    positive = escaped(class_name(found["positive_class"]))
    ticks = {"range": [-0.03, 1.03], **number_ticks(QUARTERS)}
    figure.update_xaxes(title=tr("probability of {positive} before", positive=positive), **ticks)
    figure.update_yaxes(title=tr("after"), **ticks)
    return figure


def describe_moves(found: Mapping[str, Any]) -> str:
    """Return how many answers change, as one sentence."""
    whom = "patient" if found["num_patients"] else "X-ray"
    return tr(
        "The answer changes for {changed} of {pluralize}.",
        changed=found["changed"],
        pluralize=pluralize(len(found["patients"]), whom),
    )


def _own(row: Mapping[str, Any]) -> str:
    return "<br>" + tr("label of its own changed") if row["touched"] else ""
