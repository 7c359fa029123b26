"""Figures with intervals about maps, as Plotly figures, and for each one plain sentence that says the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from covidlab.audit.attention_text import methods
from covidlab.audit.exam_text import level_name
from covidlab.audit.planted_options import CONDITIONS
from covidlab.audit.planted_text import CHANCE
from covidlab.language import tr
from covidlab.prediction.explanation import METHOD_NAMES, Method
from covidlab.ui.shared.plotly import (
    BLUE,
    GREY,
    ORANGE,
    PINK,
    QUARTERS,
    empty_figure,
    is_number,
    percent_text,
    percent_ticks,
)

Found = Mapping[str, Any]

_STYLES = ((ORANGE, "diamond"), (GREY, "circle"), (BLUE, "square"))
_METHOD_STYLES = {
    Method.GRAD_CAM: (BLUE, "circle"),
    Method.GRAD_CAM_PLUS_PLUS: (PINK, "square"),
    Method.OCCLUSION: (ORANGE, "diamond"),
}


@dataclass(frozen=True)
class Series:
    """Figures that belong together: name in the legend, and a figure {value, low, high, ...} or None for each row."""

    name: str
    figures: Sequence[Found | None]


def interval_chart(
    rows: Sequence[str], series: Sequence[Series], *, reference: float | None, x: Mapping[str, Any]
) -> go.Figure:
    """Dots with their 95 % intervals, a line a row, a colour and shape a series; ``reference``: chance, a dashed line."""
    figure = empty_figure(height=76 + len(rows) * (20 + 26 * len(series)))
    for place, each in enumerate(series):
        colour, symbol = _STYLES[place % len(_STYLES)]
        offset = (place - (len(series) - 1) / 2) * 0.32
        known = [(row + offset, found) for row, found in enumerate(each.figures) if found and is_number(found["value"])]
        _add_dots(figure, known, name=each.name, marker={"color": colour, "symbol": symbol, "size": 10})
    if reference is not None:
        figure.add_vline(x=reference, line={"color": GREY, "width": 1.5, "dash": "dash"})
    figure.update_xaxes(**x)
    figure.update_yaxes(
        range=[len(rows) - 0.4, -0.6], tickvals=list(range(len(rows))), ticktext=list(rows), showgrid=False
    )
    return figure


def exam_chart(found: Found) -> go.Figure:
    """How often each method points at the tag, when the model uses it and when it does not."""
    known = methods(found)
    series = [
        Series(tr("the model uses the tag"), [found["methods"][str(method)]["power"] for method in known]),
        Series(tr("the model does not"), [found["methods"][str(method)]["wrong"] for method in known]),
    ]
    return interval_chart(
        [str(METHOD_NAMES[method]) for method in known], series, reference=found["chance"], x=_share_axis()
    )


def levels_chart(found: Found) -> go.Figure:
    """How often each method points at the tag, for each share of phantoms that had it while the model learned."""
    figure = empty_figure(height=300)
    levels = found["levels"]
    for shift, (method, (colour, symbol)) in enumerate(_METHOD_STYLES.items()):
        figures = [level["points"][str(method)] for level in levels]
        figure.add_scatter(
            x=[place + 0.08 * (shift - 1) for place in range(len(levels))],
            y=[each["value"] for each in figures],
            mode="markers",
            name=str(METHOD_NAMES[method]),
            marker={"color": colour, "symbol": symbol, "size": 9},
            error_y=_reach(figures),
            customdata=[_hover(each) for each in figures],
            hovertemplate="%{customdata}<extra></extra>",
            cliponaxis=False,
        )
    figure.add_hline(y=found["chance"], line={"color": GREY, "width": 1.5, "dash": "dash"})
    names = [
        tr("half of<br>both") if isinstance(level["share"], str) else percent_text(level["share"]) for level in levels
    ]
    figure.update_xaxes(
        tickvals=list(range(len(levels))),
        ticktext=names,
        title=tr("phantoms of the class with the tag"),
        showgrid=False,
    )
    figure.update_yaxes(**_share_axis())
    return figure


def describe_levels(found: Found) -> str:
    """Return the shares of ``levels_chart`` in a sentence."""
    parts = (
        tr("tag {level_name}: ", level_name=level_name(level["share"]))
        + ", ".join(
            f"{METHOD_NAMES[Method(name)]} {percent_text(each['value'])}" for name, each in level["points"].items()
        )
        for level in found["levels"]
    )
    return tr("How often each map points at the tag; {parts}.", parts="; ".join(parts))


def lungs_chart(found: Found) -> go.Figure:
    """Heat inside the lungs over chance, by method, of trained heads and of heads with random weights."""
    known = methods(found)
    series = [
        Series(tr("trained heads"), [found["methods"][str(method)]["ratio"] for method in known]),
        Series(tr("random weights"), [found["random_heads"].get(str(method)) for method in known]),
    ]
    return interval_chart(
        [str(METHOD_NAMES[method]) for method in known], series, reference=1.0, x={"rangemode": "normal"}
    )


def randomisation_chart(found: Found) -> go.Figure:
    """Rank correlation of maps with those of another trained head, of a random head, and of a random last block."""
    known = [method for method in methods(found) if str(method) in found["randomisation"]]
    series = [
        Series(name, [found["randomisation"][str(method)].get(key) for method in known])
        for key, name in (
            ("repeats", tr("trained again")),
            ("random", tr("random head")),
            ("block", tr("random last block")),
        )
    ]
    x = {"range": [-0.35, 1.03], "dtick": 0.25}
    return interval_chart([str(METHOD_NAMES[method]) for method in known], series, reference=0.0, x=x)


def planted_chart(found: Found) -> go.Figure:
    """Accuracy on held-out phantoms with the mark as learned, removed and swapped."""
    series = [Series(tr("accuracy"), [found["accuracy"][condition] for condition in CONDITIONS])]
    figure = interval_chart([str(name) for name in CONDITIONS.values()], series, reference=CHANCE, x=_share_axis())
    figure.update_layout(showlegend=False)
    return figure


def epochs_chart(found: Found) -> go.Figure:
    """The same accuracies after each epoch."""
    figure = empty_figure(height=260)
    for (condition, name), (colour, _) in zip(CONDITIONS.items(), _STYLES, strict=True):
        values = found["epochs"][condition]
        figure.add_scatter(
            x=list(range(len(values))),
            y=values,
            mode="lines",
            name=str(name),
            line={"color": colour, "width": 2.5},
            hovertemplate=tr("{name}: {value} after epoch {epoch}", name=name, value="%{y:.2f}", epoch="%{x}")
            + "<extra></extra>",
        )
    figure.add_hline(y=CHANCE, line={"color": GREY, "width": 1.5, "dash": "dash"})
    figure.update_xaxes(title=tr("epoch"), showgrid=False)
    figure.update_yaxes(**_share_axis())
    return figure


def _add_dots(figure: go.Figure, known: Sequence[tuple[float, Found]], *, name: str, marker: Mapping[str, Any]) -> None:
    figures = [found for _, found in known]
    figure.add_scatter(
        x=[found["value"] for found in figures],
        y=[place for place, _ in known],
        mode="markers",
        name=name,
        marker=marker,
        error_x=_reach(figures),
        customdata=[f"{name}<br>{_hover(found)}" for found in figures],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )


def _reach(figures: Sequence[Found]) -> dict[str, Any]:
    """Plotly's description of the intervals."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [found["high"] - found["value"] if is_number(found["high"]) else 0 for found in figures],
        "arrayminus": [found["value"] - found["low"] if is_number(found["low"]) else 0 for found in figures],
        "thickness": 2.5,
        "width": 0,
    }


def _hover(found: Found) -> str:
    if not is_number(found["value"]):
        return tr("not defined")
    return tr(
        "{value:.2f}, {low:.2f} to {high:.2f}<br>n = {n}",
        value=found["value"],
        low=found["low"],
        high=found["high"],
        n=found["n"],
    )


def _share_axis() -> dict[str, Any]:
    return {"range": [-0.03, 1.03], **percent_ticks(QUARTERS)}
