"""The rungs of the ladder as a Plotly figure, and one plain sentence that says the same."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from covidlab.audit.ladder_text import BY_REGRESSION, rung_title
from covidlab.language import number_text, tr, tr_lazy
from covidlab.text import metric_text
from covidlab.ui.shared.plotly import BLUE, GREY, ORANGE, empty_figure, escaped

Found = Mapping[str, Any]

_ROW = 40
_KINDS = (
    (True, BLUE, "square", tr_lazy("logistic regression")),
    (False, ORANGE, "circle", tr_lazy("VGG16 and a head")),
)


def ladder_chart(found: Found) -> go.Figure:
    """Accuracy of each rung with its interval, the least input on top, and a line where chance is."""
    rungs = [rung for rung in found["rungs"] if rung["accuracy"]["value"] is not None]
    figure = empty_figure(height=112 + _ROW * len(rungs), margin={"l": 8, "r": 24, "t": 56, "b": 8})
    figure.update_layout(showlegend=True)
    for is_read, colour, symbol, name in _KINDS:
        places = [place for place, rung in enumerate(rungs) if (rung["name"] in BY_REGRESSION) == is_read]
        _add(figure, [rungs[place] for place in places], places, colour=colour, symbol=symbol, name=str(name))
    figure.add_vline(x=found["chance"], line={"color": GREY, "width": 1.5, "dash": "dash"})
    low = min(found["chance"], *(rung["accuracy"]["low"] for rung in rungs)) - 0.04
    figure.update_xaxes(
        range=[low, 1.04], title=tr("accuracy (dashed: always the largest class)"), tickformat=".1f", dtick=0.1
    )
    figure.update_yaxes(
        range=[len(rungs) - 0.4, -0.6],
        tickvals=list(range(len(rungs))),
        ticktext=[_label(rung_title(rung)) for rung in rungs],
        showgrid=False,
    )
    return figure


def describe_ladder(found: Found) -> str:
    """Return the accuracies of the chart as one sentence."""
    said = [f"{rung_title(rung)} {metric_text(rung['accuracy'])}" for rung in found["rungs"] if rung["accuracy"]["n"]]
    return tr(
        "Accuracy, from the least input to the whole X-ray: {said}. Chance is {chance:.2f}.",
        said="; ".join(said),
        chance=found["chance"],
    )


def _label(title: str) -> str:
    """A title on two lines where it is long, for a narrow screen."""
    words, lines = title.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > 17 and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(escaped(line) for line in lines)


def _add(figure: go.Figure, rungs: list, places: list[int], *, colour: str, symbol: str, name: str) -> None:
    figures = [rung["accuracy"] for rung in rungs]
    figure.add_scatter(
        x=[each["value"] for each in figures],
        y=places,
        mode="markers+text",
        name=name,
        text=[number_text(each["value"], ".2f") for each in figures],
        textposition="top center",
        textfont={"size": 11},
        marker={"color": colour, "symbol": symbol, "size": 10},
        cliponaxis=False,
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [each["high"] - each["value"] for each in figures],
            "arrayminus": [each["value"] - each["low"] for each in figures],
            "thickness": 2.5,
            "width": 0,
        },
        customdata=[f"{escaped(rung_title(rung))}<br>{metric_text(rung['accuracy'])}" for rung in rungs],
        hovertemplate="%{customdata}<extra></extra>",
    )
