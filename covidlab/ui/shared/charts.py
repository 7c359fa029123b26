"""The figures of a finished run and of one film, as Plotly figures, and for each one plain sentence that says the same."""

import math
import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from covidlab.language import number_text, tr
from covidlab.prediction.answer import probability_text
from covidlab.text import class_name, metric_text, one_line, pluralize
from covidlab.ui.shared.plotly import (
    BLUE,
    FAINT,
    GREEN,
    GREY,
    ORANGE,
    PINK,
    QUARTERS,
    empty_figure,
    escaped,
    is_number,
    note,
    number_ticks,
    percent_text,
    say,
)

# A bold title of more letters would be cut at 390 pixels.
_LONGEST_ON_A_PHONE = 46


def roc_chart(fpr: Sequence[float], tpr: Sequence[float], *, auc: Mapping) -> go.Figure:
    """ROC curve with the chance diagonal; ``auc`` is a figure's dict (value, low, high, n), one_line in the legend.

    Parameters
    ----------
    fpr, tpr : false and true positive rate in [0, 1], of one length; empty where there is no curve
    """
    figure = empty_figure(height=380)
    if len(fpr):
        figure.add_scatter(
            x=fpr,
            y=tpr,
            mode="lines+markers",
            name=tr("AUC {metric_text}", metric_text=metric_text(auc)).replace(" (", "<br>("),
            line={"color": ORANGE, "width": 2.5},
            marker={"size": 6},
            cliponaxis=False,
            customdata=[(percent_text(right), percent_text(wrong)) for right, wrong in zip(tpr, fpr, strict=True)],
            hovertemplate=tr("sensitivity")
            + " %{customdata[0]},<br>"
            + tr("false-positive rate")
            + " %{customdata[1]}<extra></extra>",
        )
        chance = {"color": GREY, "dash": "dot"}
        figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", name=tr("chance"), line=chance, hoverinfo="skip")
    else:
        say(figure, tr("A ROC curve needs validation X-rays<br>of the positive class and of others."))
    ticks = number_ticks(QUARTERS)
    figure.update_xaxes(range=[-0.02, 1.02], title=tr("false-positive rate (1 − specificity)"), **ticks)
    figure.update_yaxes(range=[-0.02, 1.02], title=tr("sensitivity (true-positive rate)"), **ticks)
    return figure


def probability_bar(
    probability: float, *, threshold: float, label: str, interval: tuple[float, float] | None = None
) -> go.Figure:
    """Slim bar whose middle is the operating point: left of it "less like", right of it "more like".

    Parameters
    ----------
    probability, threshold : in [0, 1]
    label : what the film is compared with, written above the bar
    interval : low and high, drawn as a line through the value; None where it is not known
    """
    place = _place_on_bar(probability, threshold)
    given = probability_text(probability) if math.isfinite(place) else tr("no number")
    title = tr("{name}: {said}", name=escaped(label, max_length=60), said=given)
    if is_long := len(title) > _LONGEST_ON_A_PHONE:
        title = title.replace(": ", ":<br>", 1)
    top = 46 if is_long else 28
    figure = empty_figure(height=62 + top, title=title, margin={"l": 12, "r": 12, "t": top, "b": 24})
    figure.add_shape(type="rect", x0=0, x1=1, y0=-0.5, y1=0.5, line={"width": 0}, fillcolor=FAINT, layer="below")
    if math.isfinite(place):
        colour = ORANGE if probability >= threshold else BLUE
        low, high = sorted((0.5, place))
        figure.add_shape(
            type="rect", x0=low, x1=high, y0=-0.5, y1=0.5, line={"width": 0}, fillcolor=colour, layer="below"
        )
        if interval is not None:
            ends = [_place_on_bar(end, threshold) for end in interval]
            figure.add_scatter(x=ends, y=[0, 0], mode="lines", line={"color": GREY, "width": 3}, hoverinfo="skip")
        figure.add_scatter(
            x=[place],
            y=[0],
            mode="markers",
            marker={"symbol": "diamond", "size": 14, "color": colour, "line": {"color": "white", "width": 2}},
            cliponaxis=False,
            hovertemplate=tr("likeness {given}, operating point {threshold:.2f}", given=given, threshold=threshold)
            + "<extra></extra>",
        )
    figure.add_shape(type="line", x0=0.5, x1=0.5, y0=-0.9, y1=0.9, line={"color": GREY, "width": 2})
    note(figure, 0, 0, tr("less like"), xanchor="left", yanchor="top")
    note(figure, 0.5, 0, tr("operating point {threshold:.2f}", threshold=threshold), xanchor="center", yanchor="top")
    note(figure, 1, 0, tr("more like"), xanchor="right", yanchor="top")
    figure.update_xaxes(range=[0, 1], visible=False)
    figure.update_yaxes(range=[-0.9, 0.9], visible=False)
    return figure


def metrics_chart(rows: Sequence[Mapping]) -> go.Figure:
    """Figures as dots with their 95 % intervals, a line a figure, a colour and shape a source.

    Parameters
    ----------
    rows : mappings with name, value, low, high, n, source (for example "validation", "cross-validated"); undefined
        figures (None or nan) keep their line and are left out
    """
    names = list(dict.fromkeys(row["name"] for row in rows))
    sources = list(dict.fromkeys(row["source"] for row in rows))
    figure = empty_figure(height=90 + max(1, len(names)) * (16 + 26 * max(1, len(sources))))
    for index, source in enumerate(sources):
        # sources share a line, one below the other
        offset = (index - (len(sources) - 1) / 2) * 0.36
        own = [row for row in rows if row["source"] == source and is_number(row["value"])]
        _add_intervals(figure, own, [names.index(row["name"]) + offset for row in own], source=source, index=index)
    figure.update_xaxes(range=[-0.02, 1.02], **number_ticks(QUARTERS))
    figure.update_yaxes(
        range=[len(names) - 0.4, -0.6],
        tickvals=list(range(len(names))),
        ticktext=[_metric_name(name) for name in names],
        showgrid=False,
    )
    return figure


def describe_roc(auc: Mapping) -> str:
    """Return the area under the ROC curve as one sentence."""
    if not is_number(auc.get("value")):
        return tr("There is no ROC curve: it needs validation X-rays of the positive class and of others.")
    return tr("The area under the ROC curve is {metric_text}.", metric_text=metric_text(auc))


def describe_confusion(matrix: Sequence[Sequence[int]], classes: Sequence[str]) -> str:
    """Return how many films of each class the model calls right, as one sentence."""
    counts = np.asarray(matrix, dtype=int)
    rows = [
        tr(
            "{counts} of {sum} {class_name}",
            counts=counts[k, k],
            sum=counts[k].sum(),
            class_name=one_line(class_name(folder)),
        )
        for k, folder in enumerate(classes)
    ]
    return tr(
        "The model is right on {trace} of {x_rays}: {rows}.",
        trace=np.trace(counts),
        x_rays=pluralize(counts.sum(), "X-ray"),
        rows=", ".join(rows),
    )


def describe_probability(probability: float, *, threshold: float, label: str) -> str:
    """Return on which side of the operating point a film lies, as one sentence."""
    if not math.isfinite(probability):
        return tr("{label}: the model gives no number.", label=label)
    said = {"label": label, "probability_text": probability_text(probability), "threshold": threshold}
    if probability >= threshold:
        return tr("{label}: {probability_text}, at or above the operating point of {threshold:.2f}.", **said)
    return tr("{label}: {probability_text}, below the operating point of {threshold:.2f}.", **said)


def describe_metrics(rows: Sequence[Mapping]) -> str:
    """Return the figures of each source as one sentence."""
    sources = dict.fromkeys(row["source"] for row in rows)
    parts = [
        f"{source}: "
        + ", ".join(f"{_metric_name(row['name'])} {metric_text(row)}" for row in rows if row["source"] == source)
        for source in sources
    ]
    return "; ".join(parts) + "." if parts else tr("There are no metrics yet.")


def _add_intervals(figure, rows: Sequence[Mapping], places: Sequence[float], *, source: str, index: int) -> None:
    colour, symbol = ((ORANGE, "diamond"), (GREEN, "circle"), (BLUE, "square"), (PINK, "triangle-up"))[index % 4]
    values = [row["value"] for row in rows]
    figure.add_scatter(
        x=values,
        y=list(places),
        mode="markers+text",
        name=escaped(source),
        marker={"color": colour, "symbol": symbol, "size": 10},
        text=[number_text(value, ".2f") for value in values],
        textposition="top center",
        textfont={"size": 11},
        cliponaxis=False,
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [row["high"] - row["value"] for row in rows],
            "arrayminus": [row["value"] - row["low"] for row in rows],
            "thickness": 2.5,
            "width": 0,
        },
        customdata=[
            f"{_metric_name(row['name'])}, {escaped(source)}:<br>{metric_text(row)}".replace(" (95", "<br>(95")
            for row in rows
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _place_on_bar(probability: float, threshold: float) -> float:
    """Place in [0, 1] with the threshold at 0.5: linear from 0 to it and from it to 1."""
    if not math.isfinite(probability):
        return math.nan
    if probability >= threshold:
        return 0.5 + 0.5 * (probability - threshold) / (1 - threshold) if threshold < 1 else 0.5
    return 0.5 * probability / threshold


def _metric_name(name: str) -> str:
    return {"auc": "AUC", "f1": "F1"}.get(name, name[:1].upper() + name[1:])


def _name(folder: str, *, max_length: int = 40) -> str:
    return escaped(class_name(folder), max_length=max_length)


def _wrapped(folder: str) -> str:
    """Name of a class on at most two short lines, for the ticks of a narrow screen."""
    lines = textwrap.wrap(one_line(class_name(folder)), width=12, max_lines=2, placeholder="…")
    return "<br>".join(escaped(line) for line in lines)
