"""Plotly figures and, for each, one plain sentence that says the same; no Streamlit, no model.

Backgrounds are transparent and text takes the theme's colour, so that a figure fits the light and the dark page. Axes
are fixed, so that nothing jumps while a run grows and a finger on a telephone scrolls the page instead of the chart.
"""

import html
import itertools
import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from covidlab.metrics import wilson_interval
from covidlab.runs.reporting import figure_text
from covidlab.ui.words import class_name, counted, shown

# M. Okabe and K. Ito (2008), Color universal design; black and yellow are left out, each vanishes on one of the themes
BLUE, ORANGE, GREEN, PINK, AMBER, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"
GREY = "#888888"
RUN_COLOURS = (BLUE, ORANGE, GREEN, PINK, GREY, AMBER, SKY)
RUN_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
OTHER_CLASS_COLOURS = (BLUE, GREEN, PINK, GREY, SKY)  # the positive class is orange, as on the probability bar

STEPS_UNTIL_EPOCH = 3  # from then on the curve itself shows where a run is going
MARKERS_UNTIL_EPOCH = 60
LOSS_TOPS = (1, 1.5, 2, 3, 5, 8)

_FAINT = "rgba(136,136,136,0.25)"
_FIGURE_NAMES = {"auc": "AUC", "f1": "F1"}


@dataclass(frozen=True)
class Curve:
    """How a curve of the history is drawn."""

    column: str
    name: str
    colour: str
    symbol: str
    dash: str = "solid"


def history_chart(
    history: pd.DataFrame, *, epochs: int, num_validation: int, measure: str, steps: pd.DataFrame | None = None
) -> go.Figure:
    """Training and validation curve of one run, as far as it has come.

    Parameters
    ----------
    history : columns epoch, loss, accuracy, val_loss, val_accuracy; a row for each finished epoch
    epochs : epochs the run will have, the right end of the chart from the start
    num_validation : number of validation films, for Wilson's band around validation accuracy
    measure : "loss" or "accuracy"
    steps : columns step, epoch, loss, accuracy, position (step / steps of an epoch); shown while few epochs are done
    """
    training = Curve(measure, "training", BLUE, "circle")
    validation = Curve(f"val_{measure}", "validation", ORANGE, "diamond")
    steps = _first_steps(steps)
    figure = _empty_figure(height=300, title=measure.capitalize())
    if measure == "accuracy":
        _add_wilson_band(figure, history, num_validation)
    if len(steps) and len(history) < STEPS_UNTIL_EPOCH:
        _add_steps(figure, steps, measure)
    for curve in (training, validation):
        _add_curve(figure, history, curve, epochs=epochs, texts=_curve_texts(history, curve, measure, num_validation))
    _set_epoch_axis(figure, epochs)
    _set_measure_axis(figure, measure, _loss_values([history], steps))
    if not len(history) and not len(steps):
        _say(figure, "The first point comes with the first step.")
    return figure


def roc_chart(fpr: Sequence[float], tpr: Sequence[float], *, auc: Mapping) -> go.Figure:
    """ROC curve with the chance diagonal; ``auc`` is a figure's dict (value, low, high, n), shown in the legend.

    Parameters
    ----------
    fpr, tpr : false and true positive rate in [0, 1], of one length; empty where there is no curve
    """
    figure = _empty_figure(height=380)
    if len(fpr):
        figure.add_scatter(
            x=fpr,
            y=tpr,
            mode="lines+markers",
            name=f"AUC {figure_text(auc)}".replace(" (", "<br>("),
            line={"color": ORANGE, "width": 2.5},
            marker={"size": 6},
            cliponaxis=False,
            hovertemplate="finds %{y:.0%} of the positive films,<br>calls %{x:.0%} of the others positive<extra></extra>",
        )
        chance = {"color": GREY, "dash": "dot"}
        figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", name="chance", line=chance, hoverinfo="skip")
    else:
        _say(figure, "A ROC curve needs validation films<br>of the positive class and of others.")
    ticks = {"tickvals": [0, 0.25, 0.5, 0.75, 1], "ticktext": ["0", ".25", ".5", ".75", "1"]}
    figure.update_xaxes(range=[-0.02, 1.02], title="others called positive (1 − specificity)", **ticks)
    figure.update_yaxes(range=[-0.02, 1.02], title="positive films found (sensitivity)", **ticks)
    return figure


def confusion_chart(matrix: Sequence[Sequence[int]], classes: Sequence[str]) -> go.Figure:
    """Heat map of the confusion matrix: counts in the cells, blue where right, orange where wrong.

    Parameters
    ----------
    matrix : (num_classes, num_classes) counts, a row for each true class
    classes : folder names in the order of the matrix
    """
    counts = np.asarray(matrix, dtype=int)
    # the shade is the share of the row, so that a small class is as visible as a large one
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    names = [_name(folder) for folder in classes]
    figure = _empty_figure(height=110 + 70 * len(names), margin={"l": 8, "r": 8, "t": 64, "b": 8})
    figure.add_heatmap(
        z=np.where(np.eye(len(names), dtype=bool), share, -share),
        zmin=-1,
        zmax=1,
        colorscale=[[0, ORANGE], [0.5, "#F4F4F2"], [1, BLUE]],
        showscale=False,
        xgap=3,
        ygap=3,
        text=counts,
        texttemplate="%{text}",
        textfont={"size": 20},
        customdata=_confusion_texts(counts, names),
        hovertemplate="%{customdata}<extra></extra>",
    )
    places = {"tickvals": list(range(len(names))), "showgrid": False, "ticklabelstandoff": 4}
    said, true = ("model says<br>", "film is<br>") if len(names) <= 3 else ("", "")
    figure.update_xaxes(
        ticktext=[f"{said}<b>{_wrapped(name)}</b>" for name in classes], side="top", tickangle=0, **places
    )
    figure.update_yaxes(ticktext=[f"{true}<b>{_wrapped(name)}</b>" for name in classes], autorange="reversed", **places)
    if not said:
        figure.update_layout(xaxis_title="model says", yaxis_title="film is")
    return figure


def probability_bar(probability: float, *, threshold: float, label: str) -> go.Figure:
    """Slim bar whose middle is the operating point: left of it "less like", right of it "more like".

    Parameters
    ----------
    probability, threshold : in [0, 1]
    label : what the film is compared with, written above the bar
    """
    place = _place_on_bar(probability, threshold)
    given = f"{probability:.2f}" if math.isfinite(place) else "no number"
    title = f"{_escaped(label, max_length=42)}: {given}"
    figure = _empty_figure(height=90, title=title, margin={"l": 12, "r": 12, "t": 28, "b": 24})
    figure.add_shape(type="rect", x0=0, x1=1, y0=-0.5, y1=0.5, line={"width": 0}, fillcolor=_FAINT, layer="below")
    if math.isfinite(place):
        colour = ORANGE if probability >= threshold else BLUE
        low, high = sorted((0.5, place))
        figure.add_shape(
            type="rect", x0=low, x1=high, y0=-0.5, y1=0.5, line={"width": 0}, fillcolor=colour, layer="below"
        )
        figure.add_scatter(
            x=[place],
            y=[0],
            mode="markers",
            marker={"symbol": "diamond", "size": 18, "color": colour, "line": {"color": "white", "width": 2}},
            cliponaxis=False,
            hovertemplate=f"probability {probability:.2f}, operating point {threshold:.2f}<extra></extra>",
        )
    figure.add_shape(type="line", x0=0.5, x1=0.5, y0=-0.9, y1=0.9, line={"color": GREY, "width": 2})
    _note(figure, 0, 0, "less like", xanchor="left", yanchor="top")
    _note(figure, 0.5, 0, f"operating point {threshold:.2f}", xanchor="center", yanchor="top")
    _note(figure, 1, 0, "more like", xanchor="right", yanchor="top")
    figure.update_xaxes(range=[0, 1], visible=False)
    figure.update_yaxes(range=[-0.9, 0.9], visible=False)
    return figure


def figures_chart(rows: Sequence[Mapping]) -> go.Figure:
    """Figures as dots with their 95 % intervals, a line a figure, a colour and shape a source.

    Parameters
    ----------
    rows : mappings with name, value, low, high, n, source (for example "validation", "cross-validated"); undefined
        figures (None or nan) keep their line and are left out
    """
    names = list(dict.fromkeys(row["name"] for row in rows))
    sources = list(dict.fromkeys(row["source"] for row in rows))
    figure = _empty_figure(height=90 + max(1, len(names)) * (16 + 26 * max(1, len(sources))))
    for index, source in enumerate(sources):
        # sources share a line, one below the other
        offset = (index - (len(sources) - 1) / 2) * 0.36
        own = [row for row in rows if row["source"] == source and _is_number(row["value"])]
        _add_intervals(figure, own, [names.index(row["name"]) + offset for row in own], source=source, index=index)
    figure.update_xaxes(range=[-0.02, 1.02], tickvals=[0, 0.25, 0.5, 0.75, 1], ticktext=["0", ".25", ".5", ".75", "1"])
    figure.update_yaxes(
        range=[len(names) - 0.4, -0.6],
        tickvals=list(range(len(names))),
        ticktext=[_figure_name(name) for name in names],
        showgrid=False,
    )
    return figure


def overlay_chart(runs: Sequence[tuple[str, pd.DataFrame]], *, measure: str) -> go.Figure:
    """Validation curves of several runs, each with its own colour and dash.

    Parameters
    ----------
    runs : pairs of label and history (columns epoch, val_loss, val_accuracy)
    measure : "loss" or "accuracy", on the validation films
    """
    figure = _empty_figure(height=360, title=f"Validation {measure}")
    epochs = max([int(history["epoch"].max()) for _, history in runs if len(history)], default=1)
    for index, (label, history) in enumerate(runs):
        colour, dash = RUN_COLOURS[index % len(RUN_COLOURS)], RUN_DASHES[index % len(RUN_DASHES)]
        curve = Curve(f"val_{measure}", _escaped(label, max_length=40), colour, "circle", dash)
        texts = [
            f"{curve.name}<br>after epoch {row.epoch}: validation {measure} {getattr(row, curve.column):.3f}"
            for row in history.itertuples()
        ]
        _add_curve(figure, history, curve, epochs=epochs, texts=texts, markers=False)
    _set_epoch_axis(figure, epochs)
    _set_measure_axis(figure, measure, _loss_values([history for _, history in runs]))
    if not any(len(history) for _, history in runs):
        _say(figure, "Choose runs with at least one finished epoch.")
    return figure


def films_chart(predictions: pd.DataFrame, *, threshold: float = 0.5, positive_class: str | None = None) -> go.Figure:
    """Every validation film at its probability, a row a true class, with the operating point.

    Parameters
    ----------
    predictions : columns file, class, probability (of the positive class), correct; ``file`` is also the points'
        customdata, so that a click can open the film
    threshold : operating point
    positive_class : folder name, for the title of the axis
    """
    classes = sorted(predictions["class"].unique())
    others = [folder for folder in classes if folder != positive_class]
    colours = dict(zip(others, itertools.cycle(OTHER_CLASS_COLOURS), strict=False)) | {positive_class: ORANGE}
    figure = _empty_figure(height=120 + 74 * max(1, len(classes)))
    for row, folder in enumerate(classes):
        films = predictions[predictions["class"] == folder].sort_values("probability", ignore_index=True)
        # films of nearly one probability would hide each other: deal them over five lanes
        films["lane"] = row + np.array([0, 0.16, -0.16, 0.32, -0.32])[np.arange(len(films)) % 5]
        for correct, symbol in ((True, "circle"), (False, "x")):
            _add_films(figure, films[films["correct"].astype(bool) == correct], colours[folder], symbol)
    for name, symbol in (("called right", "circle"), ("called wrong", "x")):
        figure.add_scatter(x=[None], y=[None], mode="markers", name=name, marker=_film_marker(GREY, symbol))
    figure.add_vline(x=threshold, line={"color": GREY, "dash": "dash"})
    _note(figure, threshold, 1, "operating point", xref="x", xanchor="center", yanchor="bottom")
    counts = predictions["class"].value_counts()
    figure.update_xaxes(range=[-0.03, 1.03], title=f"probability of {_name(positive_class or 'the positive class')}")
    figure.update_yaxes(
        range=[max(1, len(classes)) - 0.45, -0.55],
        tickvals=list(range(len(classes))),
        ticktext=[f"<b>{_wrapped(folder)}</b><br>{counted(counts[folder], 'film')}" for folder in classes],
        showgrid=False,
    )
    figure.update_layout(clickmode="event+select")
    if not len(predictions):
        _say(figure, "No validation film has been read yet.")
    return figure


def describe_history(history: pd.DataFrame, *, num_validation: int, measure: str = "accuracy") -> str:
    """Return where the validation curve stands, as one sentence."""
    if not len(history):
        return "No epoch is finished yet."
    last = history.iloc[-1]
    if measure == "accuracy":
        figure = _accuracy_figure(last["val_accuracy"], num_validation)
        return f"Validation accuracy after epoch {last['epoch']:.0f} is {figure_text(figure)}."
    return (
        f"Validation loss after epoch {last['epoch']:.0f} is {last['val_loss']:.3f}, training loss {last['loss']:.3f}."
    )


def describe_roc(auc: Mapping) -> str:
    """Return the area under the ROC curve as one sentence."""
    if not _is_number(auc.get("value")):
        return "There is no ROC curve: it needs validation films of the positive class and of others."
    return f"The area under the ROC curve is {figure_text(auc)}."


def describe_confusion(matrix: Sequence[Sequence[int]], classes: Sequence[str]) -> str:
    """Return how many films of each class the model calls right, as one sentence."""
    counts = np.asarray(matrix, dtype=int)
    rows = [f"{counts[k, k]} of {counts[k].sum()} {shown(class_name(folder))}" for k, folder in enumerate(classes)]
    return f"The model calls {np.trace(counts)} of {counted(counts.sum(), 'film')} right: {', '.join(rows)}."


def describe_probability(probability: float, *, threshold: float, label: str) -> str:
    """Return on which side of the operating point a film lies, as one sentence."""
    if not math.isfinite(probability):
        return f"{label}: the model gives no number."
    side = "at or above" if probability >= threshold else "below"
    return f"{label}: {probability:.2f}, {side} the operating point of {threshold:.2f}."


def describe_figures(rows: Sequence[Mapping]) -> str:
    """Return the figures of each source as one sentence."""
    sources = dict.fromkeys(row["source"] for row in rows)
    parts = [
        f"{source}: "
        + ", ".join(f"{_figure_name(row['name'])} {figure_text(row)}" for row in rows if row["source"] == source)
        for source in sources
    ]
    return "; ".join(parts) + "." if parts else "There are no figures yet."


def describe_overlay(runs: Sequence[tuple[str, pd.DataFrame]], *, measure: str) -> str:
    """Return where the validation curve of each run ends, as one sentence."""
    ends = [
        f"{label} {history.iloc[-1][f'val_{measure}']:.3f} after epoch {history.iloc[-1]['epoch']:.0f}"
        for label, history in runs
        if len(history)
    ]
    return f"Validation {measure}: {', '.join(ends)}." if ends else "No run has finished an epoch yet."


def describe_films(predictions: pd.DataFrame, *, threshold: float = 0.5) -> str:
    """Return on which side of the operating point the films of each class lie, as one sentence."""
    if not len(predictions):
        return "No validation film has been read yet."
    parts = [
        f"{(films['probability'] >= threshold).sum()} of {counted(len(films), f'{shown(class_name(folder))} film')}"
        for folder, films in predictions.groupby("class")
    ]
    return f"{' and '.join(parts)} lie at or above the operating point of {threshold:.2f}."


def _empty_figure(*, height: int, title: str = "", margin: Mapping | None = None) -> go.Figure:
    """Figure without data; title and legend have room of their own on top, so that the axes never move for them."""
    figure = go.Figure()
    legend = {"orientation": "h", "yref": "container", "yanchor": "top", "xanchor": "left", "x": 0}
    figure.update_layout(
        height=height,
        margin=margin or {"l": 8, "r": 16, "t": 72 if title else 48, "b": 8},
        title={"text": title, "x": 0, "xref": "paper", "y": 1 - 6 / height, "yanchor": "top", "font": {"size": 14}},
        legend=legend | {"y": 1 - (28 if title else 4) / height, "title": {"text": ""}},
        showlegend=margin is None,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        uirevision="covidlab",
        dragmode=False,
        hovermode="closest",
    )
    axes = {
        "fixedrange": True,
        "showgrid": True,
        "gridcolor": _FAINT,
        "zeroline": False,
        "showline": False,
        "automargin": True,
    }
    figure.update_xaxes(**axes)
    figure.update_yaxes(**axes)
    return figure


def _add_curve(figure, history, curve: Curve, *, epochs: int, texts, markers: bool = True) -> None:
    # one lone epoch has no line to show, and hundreds of markers would hide it
    show_markers = len(history) == 1 or (markers and epochs <= MARKERS_UNTIL_EPOCH)
    figure.add_scatter(
        # a trace without points would have no place in the legend, and the legend would grow later
        x=history["epoch"] if len(history) else [None],
        y=history[curve.column] if len(history) else [None],
        mode="lines+markers" if show_markers else "lines",
        name=curve.name,
        line={"color": curve.colour, "width": 2.5, "dash": curve.dash},
        marker={"symbol": curve.symbol, "size": 7},
        customdata=texts,
        hovertemplate="%{customdata}<extra></extra>",
    )


def _curve_texts(history: pd.DataFrame, curve: Curve, measure: str, num_validation: int) -> list[str]:
    values = zip(history["epoch"], history[curve.column], strict=True)
    if curve.column == "val_accuracy":
        texts = [(epoch, figure_text(_accuracy_figure(value, num_validation))) for epoch, value in values]
    else:
        texts = [(epoch, f"{value:.3f}") for epoch, value in values]
    return [
        f"after epoch {epoch:.0f}:<br>{curve.name} {measure} {text}".replace(" (95", "<br>(95") for epoch, text in texts
    ]


def _add_wilson_band(figure, history: pd.DataFrame, num_validation: int) -> None:
    bounds = [wilson_interval(_num_right(value, num_validation), num_validation) for value in history["val_accuracy"]]
    band = [(epoch, *bound) for epoch, bound in zip(history["epoch"], bounds, strict=True) if _is_number(bound[0])]
    epoch, low, high = np.array(band or [(np.nan, np.nan, np.nan)], dtype=float).T
    if len(band) == 1:  # an area needs two epochs
        epoch, low, high = np.r_[epoch - 0.15, epoch + 0.15], low.repeat(2), high.repeat(2)
    figure.add_scatter(
        x=np.r_[epoch, epoch[::-1]],
        y=np.r_[high, low[::-1]],
        mode="lines",
        fill="toself",
        fillcolor="rgba(213,94,0,0.16)",
        line={"width": 0},
        name=f"95 % (n = {num_validation})",
        legendrank=1001,
        hoverinfo="skip",
    )


def _add_steps(figure, steps: pd.DataFrame, measure: str) -> None:
    texts = [
        f"a batch of epoch {epoch:.0f}:<br>{measure} {value:.3f}"
        for epoch, value in zip(steps["epoch"], steps[measure], strict=True)
    ]
    figure.add_scatter(
        x=steps["position"],
        y=steps[measure],
        mode="markers",
        marker={"color": BLUE, "size": 6, "opacity": 0.6},
        showlegend=False,
        customdata=texts,
        hovertemplate="%{customdata}<extra></extra>",
    )


def _add_intervals(figure, rows: Sequence[Mapping], places: Sequence[float], *, source: str, index: int) -> None:
    colour, symbol = ((ORANGE, "diamond"), (GREEN, "circle"), (BLUE, "square"), (PINK, "triangle-up"))[index % 4]
    values = [row["value"] for row in rows]
    figure.add_scatter(
        x=values,
        y=list(places),
        mode="markers+text",
        name=_escaped(source),
        marker={"color": colour, "symbol": symbol, "size": 10},
        text=[f"{value:.2f}" for value in values],
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
            f"{_figure_name(row['name'])}, {_escaped(source)}:<br>{figure_text(row)}".replace(" (95", "<br>(95")
            for row in rows
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _add_films(figure, films: pd.DataFrame, colour: str, symbol: str) -> None:
    figure.add_scatter(
        x=films["probability"],
        y=films["lane"],
        mode="markers",
        marker=_film_marker(colour, symbol),
        customdata=films["file"],
        text=[_escaped(file) for file in films["file"]],
        hovertemplate="%{text}<br>probability %{x:.2f}<extra></extra>",
        showlegend=False,
    )


def _film_marker(colour: str, symbol: str) -> dict:
    return {"color": colour, "symbol": symbol, "size": 11, "opacity": 0.95}


def _confusion_texts(counts: np.ndarray, names: Sequence[str]) -> list[list[str]]:
    return [
        [f"{counted(count, 'film')} of {true}<br>called {said}" for said, count in zip(names, row, strict=True)]
        for true, row in zip(names, counts, strict=True)
    ]


def _set_epoch_axis(figure, epochs: int) -> None:
    spacing = next((step for step in (1, 5, 10, 25, 50, 100) if epochs <= 10 * step), 100)
    ticks = sorted({1, *range(spacing, epochs + 1, spacing)})
    figure.update_xaxes(range=[0, epochs + max(0.3, epochs / 50)], tickvals=ticks, title="epoch", showgrid=False)


def _set_measure_axis(figure, measure: str, losses: Sequence[float]) -> None:
    if measure == "accuracy":
        figure.update_yaxes(range=[-0.02, 1.04], tickvals=[0, 0.25, 0.5, 0.75, 1], tickformat=".2~f")
    else:
        figure.update_yaxes(range=[0, _loss_top(losses)], nticks=6)


def _loss_values(histories: Sequence[pd.DataFrame], steps: pd.DataFrame | None = None) -> list[float]:
    """Values the loss axis must hold; of single steps only their middle, since one bad batch would flatten the rest."""
    columns = [history[column] for history in histories for column in ("loss", "val_loss") if column in history]
    values = [value for column in columns for value in column]
    return [*values, float(steps["loss"].median())] if steps is not None and len(steps) else values


def _loss_top(values: Sequence[float]) -> float:
    """Return the next of 1, 1.5, 2, 3, 5, 8, 10, 15 ... above all values, so that the axis seldom moves."""
    highest = max([value for value in values if math.isfinite(value)], default=0) * 1.04
    scale = 10 ** max(0, math.floor(math.log10(max(1, highest))))
    return next(top for top in (*(step * scale for step in LOSS_TOPS), 10 * scale) if top >= highest)


def _first_steps(steps: pd.DataFrame | None) -> pd.DataFrame:
    if steps is None or not len(steps):
        return pd.DataFrame(columns=["step", "epoch", "loss", "accuracy", "position"])
    return steps[steps["position"] <= STEPS_UNTIL_EPOCH]


def _accuracy_figure(accuracy: float, num_films: int) -> dict:
    low, high = wilson_interval(_num_right(accuracy, num_films), num_films)
    return {"value": accuracy if _is_number(accuracy) else None, "low": low, "high": high, "n": num_films}


def _num_right(accuracy: float, num_films: int) -> float:
    """Number of films behind an accuracy; a whole one, since Keras' float32 mean is off in the seventh place."""
    return round(accuracy * num_films) if _is_number(accuracy) else math.nan


def _place_on_bar(probability: float, threshold: float) -> float:
    """Place in [0, 1] with the threshold at 0.5: linear from 0 to it and from it to 1."""
    if not math.isfinite(probability):
        return math.nan
    if probability >= threshold:
        return 0.5 + 0.5 * (probability - threshold) / (1 - threshold) if threshold < 1 else 0.5
    return 0.5 * probability / threshold


def _figure_name(name: str) -> str:
    return _FIGURE_NAMES.get(name, name[:1].upper() + name[1:])


def _name(folder: str, *, max_length: int = 40) -> str:
    return _escaped(class_name(folder), max_length=max_length)


def _wrapped(folder: str) -> str:
    """Name of a class on at most two short lines, for the ticks of a narrow screen."""
    lines = textwrap.wrap(shown(class_name(folder)), width=12, max_lines=2, placeholder="…")
    return "<br>".join(_escaped(line) for line in lines)


def _escaped(text: str, *, max_length: int = 60) -> str:
    """Foreign text, harmless in Plotly's small HTML."""
    return html.escape(shown(text, max_length=max_length), quote=False)


def _is_number(value) -> bool:
    return value is not None and math.isfinite(value)


def _say(figure, text: str) -> None:
    # Between two grid lines of either axis, so that none runs through the words.
    _note(figure, 0.5, 0.62, text, xanchor="center", yanchor="middle")


def _note(figure, x: float, y: float, text: str, *, xref: str = "paper", **anchors) -> None:
    figure.add_annotation(x=x, y=y, text=text, xref=xref, yref="paper", showarrow=False, **anchors)
