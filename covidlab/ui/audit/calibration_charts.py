"""Calibration as Plotly figures: reliability, the decision curve, predictive values; and for each one plain sentence."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from covidlab.audit.calibrated_points import DecisionPoint
from covidlab.audit.calibrated_text import about_percent, describe_bin, percent
from covidlab.language import tr
from covidlab.prediction.prevalence import PredictiveValue
from covidlab.text import class_name, pluralize
from covidlab.ui.shared.plotly import BLUE, GREY, ORANGE, empty_figure, escaped

Found = Mapping[str, Any]

# Where the axes of thresholds and of prevalences have their ticks.
_TICKS = (0.001, 0.01, 0.1, 0.5)
_BAND = {ORANGE: "rgba(213,94,0,0.18)", BLUE: "rgba(0,114,178,0.18)"}


def reliability_chart(found: Found) -> go.Figure:
    """Share of the class against the probability, for the answers of the model and for those with the temperature."""
    figure = empty_figure(height=400)
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        name=tr("as it should be"),
        line={"color": GREY, "dash": "dot"},
        hoverinfo="skip",
    )
    after = {"color": GREY, "symbol": "circle-open", "size": 9, "line": {"width": 2}}
    _add_bins(figure, found["reliability"]["after"], name=tr("with the temperature"), marker=after, with_interval=False)
    model = {"color": ORANGE, "symbol": "diamond", "size": 11}
    _add_bins(figure, found["reliability"]["before"], name=tr("of the model"), marker=model, with_interval=True)
    bins = found["reliability"]["before"]
    figure.update_xaxes(
        range=[-0.03, 1.03],
        tickvals=[(one["low"] + one["high"]) / 2 for one in bins],
        ticktext=[
            tr("{low:.1f} to {high:.1f}<br>n = {n:.1f}", low=one["low"], high=one["high"], n=one["num_films"])
            for one in bins
        ],
        showgrid=False,
        title=tr("probability, and X-rays there in a repeat"),
    )
    figure.update_yaxes(
        range=[-0.03, 1.03], tickvals=[0, 0.25, 0.5, 0.75, 1], title=tr("share of {name} X-rays", name=_name(found))
    )
    return figure


def describe_reliability_chart(found: Found) -> str:
    """Return every bin as a sentence."""
    return " ".join(describe_bin(found, one) for one in found["reliability"]["before"])


def decision_chart(points: Sequence[DecisionPoint], after: Sequence[DecisionPoint], *, prevalence: float) -> go.Figure:
    """Net benefit against the threshold, on an axis of odds; with acting on every X-ray and on none."""
    figure = empty_figure(height=400)
    x = [_log_odds(point.threshold) for point in points]
    _add_band(figure, x, [point.model.low for point in points], [point.model.high for point in points], colour=ORANGE)
    said = [
        tr(
            "threshold {threshold}:<br>{value:.3f}<br>(95 % interval {low:.3f} to {high:.3f})",
            threshold=about_percent(point.threshold),
            value=point.model.value,
            low=point.model.low,
            high=point.model.high,
        )
        for point in points
    ]
    _add_line(figure, x, [point.model.value for point in points], name=tr("model"), colour=ORANGE, said=said)
    figure.add_scatter(
        x=[_log_odds(point.threshold) for point in after],
        y=[point.model.value for point in after],
        mode="lines",
        name=tr("with the temperature"),
        line={"color": GREY, "width": 1.5, "dash": "dash"},
        hoverinfo="skip",
    )
    on_all = [point.on_all for point in points]
    figure.add_scatter(
        x=x,
        y=on_all,
        mode="lines",
        name=tr("act on every X-ray"),
        line={"color": GREY, "dash": "dot"},
        hoverinfo="skip",
    )
    figure.add_hline(
        y=0, line={"color": GREY, "width": 1}, annotation_text=tr("act on none"), annotation_position="bottom left"
    )
    ticks = [0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99]
    figure.update_xaxes(
        range=[x[0] - 0.1, x[-1] + 0.1],
        tickvals=[_log_odds(tick) for tick in ticks],
        ticktext=[percent(tick) for tick in ticks],
        title=tr("threshold"),
    )
    figure.update_yaxes(range=[-0.4 * prevalence, 1.15 * prevalence], title=tr("net benefit"), tickformat=".2~f")
    return figure


def predictive_chart(
    prevalences: Sequence[float],
    values: Sequence[tuple[PredictiveValue, PredictiveValue]],
    *,
    name: str,
    chosen: float,
) -> go.Figure:
    """Both predictive values against the prevalence, with a line at the chosen one."""
    figure = empty_figure(height=400)
    x = [math.log10(prevalence) for prevalence in prevalences]
    lines = (
        (0, tr("PPV: resembles, and is {name}", name=name), ORANGE),
        (1, tr("NPV: does not, and is not {name}", name=name), BLUE),
    )
    for place, label, colour in lines:
        own = [pair[place] for pair in values]
        if any(math.isnan(value.value) for value in own):
            continue
        _add_band(figure, x, [value.low for value in own], [value.high for value in own], colour=colour)
        said = [
            tr(
                "prevalence {prevalence}:<br>{value:.2f}<br>(interval {low:.2f} to {high:.2f})",
                prevalence=about_percent(prevalence),
                value=value.value,
                low=value.low,
                high=value.high,
            )
            for prevalence, value in zip(prevalences, own, strict=True)
        ]
        _add_line(figure, x, [value.value for value in own], name=escaped(label), colour=colour, said=said)
    figure.add_vline(x=math.log10(chosen), line={"color": GREY, "width": 1.5, "dash": "dot"})
    figure.update_xaxes(
        range=[x[0], x[-1]],
        tickvals=[math.log10(tick) for tick in _TICKS],
        ticktext=[percent(tick) for tick in _TICKS],
        title=tr("prevalence"),
    )
    figure.update_yaxes(range=[-0.03, 1.03], tickvals=[0, 0.25, 0.5, 0.75, 1], title=tr("predictive value"))
    return figure


def _add_bins(figure: go.Figure, bins: Sequence[Found], *, name: str, marker: dict, with_interval: bool) -> None:
    shares = [one["share"] for one in bins]
    interval = {
        "type": "data",
        "symmetric": False,
        "array": [share["high"] - share["value"] for share in shares],
        "arrayminus": [share["value"] - share["low"] for share in shares],
        "thickness": 2,
        "width": 0,
    }
    figure.add_scatter(
        x=[one["mean"] for one in bins],
        y=[share["value"] for share in shares],
        mode="markers",
        name=name,
        marker=marker,
        error_y=interval if with_interval else None,
        customdata=[
            tr(
                "{name}, {low:.1f} to {high:.1f}:<br>share {value:.2f} (95 % interval {from_:.2f} to {to:.2f}),<br>"
                "{in_repeat:.1f} X-rays in a repeat, {x_rays} in all",
                name=name,
                low=one["low"],
                high=one["high"],
                value=one["share"]["value"],
                from_=one["share"]["low"],
                to=one["share"]["high"],
                in_repeat=one["num_films"],
                x_rays=pluralize(one["share"]["n"], "X-ray"),
            )
            for one in bins
        ],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )


def _add_line(
    figure: go.Figure, x: Sequence[float], y: Sequence[float], *, name: str, colour: str, said: Sequence[str]
) -> None:
    figure.add_scatter(
        x=list(x),
        y=list(y),
        mode="lines",
        name=name,
        line={"color": colour, "width": 2.5},
        customdata=list(said),
        hovertemplate="%{customdata}<extra></extra>",
    )


def _add_band(
    figure: go.Figure, x: Sequence[float], low: Sequence[float], high: Sequence[float], *, colour: str
) -> None:
    figure.add_scatter(
        x=[*x, *reversed(x)],
        y=[*high, *reversed(low)],
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=_BAND[colour],
        hoverinfo="skip",
        showlegend=False,
    )


def _log_odds(share: float) -> float:
    return math.log10(share / (1 - share))


def _name(found: Found) -> str:
    return escaped(class_name(found["positive_class"]), max_length=30)
