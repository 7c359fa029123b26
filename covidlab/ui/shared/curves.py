"""Loss and accuracy of runs, epoch by epoch, as Plotly figures, and for each one plain sentence that says the same."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from covidlab.intervals import share_interval
from covidlab.language import number_text, tr
from covidlab.runs.curve_axes import epoch_ticks, log_ticks, loss_axis, shows_markers
from covidlab.text import metric_text
from covidlab.ui.shared.plotly import BLUE, ORANGE, empty_figure, is_number, say

STEPS_UNTIL_EPOCH = 3  # from then on the curve itself shows where a run is going
# Where an epoch takes longer, the batches of the one under way move the chart meanwhile.
SLOW_EPOCH_SECONDS = 2.0


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
    steps : columns step, epoch, loss, accuracy, position (step / steps of an epoch); see ``drawn_steps``
    """
    training = Curve(measure, tr("training"), BLUE, "circle")
    validation = Curve(f"val_{measure}", tr("validation"), ORANGE, "diamond")
    steps = drawn_steps(history, steps)
    figure = empty_figure(height=300, title=tr("Accuracy") if measure == "accuracy" else tr("Loss"))
    if measure == "accuracy":
        _add_wilson_band(figure, history, num_validation)
    if len(steps):
        _add_steps(figure, steps, measure)
    for curve in (training, validation):
        _add_curve(figure, history, curve, epochs=epochs, texts=_curve_texts(history, curve, num_validation))
    _set_epoch_axis(figure, epochs)
    _set_measure_axis(figure, measure, _loss_values([history], steps))
    if not len(history) and not len(steps):
        say(figure, tr("The first point appears after the first step."))
    return figure


def describe_history(history: pd.DataFrame, *, num_validation: int, measure: str = "accuracy") -> str:
    """Return where the validation curve stands, as one sentence."""
    if not len(history):
        return tr("No epoch is finished yet.")
    last = history.iloc[-1]
    if measure == "accuracy":
        (figure,) = _accuracy_figures(history.tail(1), num_validation)
        return tr(
            "Validation accuracy after epoch {epoch:.0f} is {metric_text}.",
            epoch=last["epoch"],
            metric_text=metric_text(figure),
        )
    return tr(
        "Validation loss after epoch {epoch:.0f} is {val_loss:.3f}, training loss {loss:.3f}.",
        epoch=last["epoch"],
        val_loss=last["val_loss"],
        loss=last["loss"],
    )


def _add_curve(figure, history, curve: Curve, *, epochs: int, texts) -> None:
    # one lone epoch has no line to show, and hundreds of markers would hide it
    show_markers = len(history) == 1 or shows_markers(epochs)
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


def _measure_name(measure: str) -> str:
    return tr("accuracy") if measure == "accuracy" else tr("loss")


def _curve_name(column: str) -> str:
    names = {
        "accuracy": tr("training accuracy"),
        "val_accuracy": tr("validation accuracy"),
        "loss": tr("training loss"),
        "val_loss": tr("validation loss"),
    }
    return names[column]


def _curve_texts(history: pd.DataFrame, curve: Curve, num_validation: int) -> list[str]:
    values = zip(history["epoch"], history[curve.column], strict=True)
    if curve.column == "val_accuracy":
        figures = _accuracy_figures(history, num_validation)
        texts = [(epoch, metric_text(figure)) for (epoch, _), figure in zip(values, figures, strict=True)]
    else:
        texts = [(epoch, number_text(value, ".3f")) for epoch, value in values]
    return [
        tr(
            "after epoch {epoch:.0f}:<br>{curve} {text}",
            epoch=epoch,
            curve=_curve_name(curve.column),
            text=text.replace(" (95", "<br>(95"),
        )
        for epoch, text in texts
    ]


def _add_wilson_band(figure, history: pd.DataFrame, num_validation: int) -> None:
    figures = zip(history["epoch"], _accuracy_figures(history, num_validation), strict=True)
    band = [(epoch, figure["low"], figure["high"]) for epoch, figure in figures if is_number(figure["low"])]
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
        name=tr("95 % (n = {num_validation})", num_validation=num_validation),
        legendrank=1001,
        hoverinfo="skip",
    )


def _add_steps(figure, steps: pd.DataFrame, measure: str) -> None:
    texts = [
        tr(
            "a batch of epoch {epoch:.0f}:<br>{measure} {value:.3f}",
            epoch=epoch,
            measure=_measure_name(measure),
            value=value,
        )
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


def _set_epoch_axis(figure, epochs: int) -> None:
    right = epochs + max(0.3, epochs / 50)
    figure.update_xaxes(range=[0, right], tickvals=epoch_ticks(epochs), title=tr("epoch"), showgrid=False)


def _set_measure_axis(figure, measure: str, losses: Sequence[float]) -> None:
    if measure == "accuracy":
        figure.update_yaxes(range=[-0.02, 1.04], tickvals=[0, 0.25, 0.5, 0.75, 1], tickformat=".2~f")
        return
    axis = loss_axis(losses)
    if axis.is_log:
        ends = [math.log10(axis.low), math.log10(axis.high)]
        figure.for_each_trace(lambda trace: trace.update(y=axis.within(trace.y)))
        figure.update_yaxes(type="log", range=ends, tickvals=log_ticks(axis), tickformat="~g")
        figure.update_layout(title_text=f"{figure.layout.title.text} ({axis.note})")
    else:
        figure.update_yaxes(type="linear", range=[axis.low, axis.high], nticks=6)


def _loss_values(histories: Sequence[pd.DataFrame], steps: pd.DataFrame | None = None) -> list[float]:
    """Values the loss axis must hold; of single steps only their middle, since one bad batch would flatten the rest."""
    columns = [history[column] for history in histories for column in ("loss", "val_loss") if column in history]
    values = [value for column in columns for value in column]
    return [*values, float(steps["loss"].median())] if steps is not None and len(steps) else values


def drawn_steps(history: pd.DataFrame, steps: pd.DataFrame | None) -> pd.DataFrame:
    """Return the batches that the chart shows: while few epochs are done all of them, later those of a slow epoch under way."""
    if steps is None or not len(steps):
        return pd.DataFrame(columns=["step", "epoch", "loss", "accuracy", "position"])
    if len(history) < STEPS_UNTIL_EPOCH:
        return steps[steps["position"] <= STEPS_UNTIL_EPOCH]
    last = history.iloc[-1]
    is_slow = last.get("seconds", 0.0) > SLOW_EPOCH_SECONDS
    return steps[steps["epoch"] > (last["epoch"] if is_slow else math.inf)]


def _accuracy_figures(history: pd.DataFrame, num_films: int) -> list[dict]:
    """Validation accuracy of each epoch with its interval, as the run wrote it down; version 0.1.0 did not."""
    columns = ("val_accuracy", "val_accuracy_low", "val_accuracy_high")
    rows = history.reindex(columns=list(columns)).itertuples(index=False, name=None)
    figures = []
    for accuracy, *written in rows:
        low, high = written if is_number(written[0]) else share_interval(accuracy, num_films)
        figures.append({"value": accuracy if is_number(accuracy) else None, "low": low, "high": high, "n": num_films})
    return figures
