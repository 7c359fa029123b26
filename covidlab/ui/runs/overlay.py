"""Curves of several runs over each other: the honest one thick with its band, that of the one split thin. No Streamlit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from covidlab.language import number_text, tr
from covidlab.runs.curve_axes import LossAxis, epoch_ticks, log_ticks, loss_axis
from covidlab.ui.shared.plotly import AMBER, BLUE, GREEN, GREY, ORANGE, PINK, SKY, empty_figure, escaped, say

RUN_COLOURS = (BLUE, ORANGE, GREEN, PINK, GREY, AMBER, SKY)
RUN_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")

HEIGHT = 400
# More bands over each other show nothing.
MOST_BANDS = 4
_LOWEST_LOSS = 1e-4


@dataclass(frozen=True, kw_only=True, eq=False)
class Overlaid:
    """What is drawn of one run, or of the repeats of one.

    honest: columns epoch, accuracy, low, high; empty where there is none. split: columns epoch, val_accuracy, val_loss.
    num_films: X-rays behind the honest curve, whose low and high are then its 95 % interval; 0 for repeats, where these are their range.
    """

    label: str
    honest: pd.DataFrame
    split: pd.DataFrame
    num_films: int = 0


def accuracy_chart(runs: Sequence[Overlaid], *, smoothing: float = 0.0) -> go.Figure:
    """Cross-validated accuracy of each run with its band, and beside it the accuracy of the one split."""
    figure = empty_figure(height=HEIGHT, title=_title(tr("Accuracy"), smoothing))
    for place, run in enumerate(runs):
        if len(runs) <= MOST_BANDS:
            _add_band(figure, run.honest, _colour(place), smoothing)
    for place, run in enumerate(runs):
        honest, split = len(run.honest) > 0, len(run.split) > 0
        if split:
            _add_line(
                figure,
                run,
                run.split,
                "val_accuracy",
                tr("the one split"),
                place,
                smoothing,
                thin=True,
                named=not honest,
            )
        if honest:
            _add_line(figure, run, run.honest, "accuracy", tr("cross-validated"), place, smoothing)
    _set_epochs(figure, runs)
    figure.update_yaxes(range=[-0.02, 1.04], tickvals=[0, 0.25, 0.5, 0.75, 1], tickformat=".2~f")
    return figure


def loss_chart(runs: Sequence[Overlaid], *, smoothing: float = 0.0, is_log: bool = False) -> go.Figure:
    """Validation loss of each run on the one split, on a logarithmic axis if asked or where one flattens the rest."""
    losses = [float(value) for run in runs for value in run.split["val_loss"]]
    axis = _log_axis(losses) if is_log else loss_axis(losses)
    note = tr("logarithmic axis") if axis.is_log else ""
    figure = empty_figure(height=HEIGHT, title=_title(tr("Validation loss"), smoothing, note))
    for place, run in enumerate(runs):
        if len(run.split):
            _add_line(figure, run, run.split, "val_loss", tr("the one split"), place, smoothing)
    _set_epochs(figure, runs)
    if axis.is_log:
        figure.for_each_trace(lambda trace: trace.update(y=axis.within(trace.y)))
        ends = [math.log10(axis.low), math.log10(axis.high)]
        figure.update_yaxes(type="log", range=ends, tickvals=log_ticks(axis), tickformat="~g")
    else:
        figure.update_yaxes(type="linear", range=[axis.low, axis.high], nticks=6)
    return figure


def describe_accuracy(runs: Sequence[Overlaid]) -> str:
    """Return where each curve of the accuracy ends, as one sentence."""
    ends = [
        f"{run.label} {_end(run.honest, 'accuracy')}{_interval(run, run.honest.iloc[-1])}"
        for run in runs
        if len(run.honest)
    ]
    ends += [
        tr("{label} {end} on the one split", label=run.label, end=_end(run.split, "val_accuracy"))
        for run in runs
        if len(run.split)
    ]
    return (
        tr("Cross-validated accuracy: {ends}.", ends=", ".join(ends))
        if ends
        else tr("No run has finished an epoch yet.")
    )


def describe_loss(runs: Sequence[Overlaid]) -> str:
    """Return where each curve of the loss ends, as one sentence."""
    ends = [f"{run.label} {_end(run.split, 'val_loss')}" for run in runs if len(run.split)]
    return tr("Validation loss: {ends}.", ends=", ".join(ends)) if ends else tr("No run has finished an epoch yet.")


def smoothed(values: pd.Series, smoothing: float) -> pd.Series:
    """Return a mean of each value and those before it, which weigh ``smoothing`` times less with each epoch back; 0 changes nothing."""
    return values.ewm(alpha=1 - smoothing).mean() if smoothing else values


def _add_line(
    figure: go.Figure,
    run: Overlaid,
    table: pd.DataFrame,
    column: str,
    what: str,
    place: int,
    smoothing: float,
    *,
    thin: bool = False,
    named: bool = True,
) -> None:
    label, drawn = escaped(run.label, max_length=60), smoothed(table[column], smoothing)
    intervals = [_interval(run, row) if column == "accuracy" else "" for _, row in table.iterrows()]
    texts = [
        f"{label}<br>{what}, {_when(epoch)}: {number_text(value, '.3f')}{interval}"
        + (tr("<br>smoothed: {mean:.3f}", mean=mean) if smoothing else "")
        for epoch, value, interval, mean in zip(table["epoch"], table[column], intervals, drawn, strict=True)
    ]
    figure.add_scatter(
        x=table["epoch"],
        y=drawn,
        # One lone epoch has no line to show.
        mode="lines" if len(table) > 1 else "lines+markers",
        name=label,
        legendgroup=str(place),
        showlegend=named,
        opacity=0.75 if thin else 1,
        line={
            "color": _colour(place),
            "width": 1.2 if thin else 3,
            "dash": RUN_DASHES[place % len(RUN_DASHES)],
        },
        customdata=texts,
        hovertemplate="%{customdata}<extra></extra>",
    )


def _add_band(figure: go.Figure, honest: pd.DataFrame, colour: str, smoothing: float) -> None:
    honest = honest.dropna(subset=["low", "high"])
    if len(honest) < 2:
        return
    low, high, epoch = smoothed(honest["low"], smoothing), smoothed(honest["high"], smoothing), honest["epoch"]
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    figure.add_scatter(
        x=np.r_[epoch, epoch[::-1]],
        y=np.r_[high, low[::-1]],
        mode="lines",
        fill="toself",
        fillcolor=f"rgba({red},{green},{blue},0.14)",
        line={"width": 0},
        showlegend=False,
        hoverinfo="skip",
    )


def _set_epochs(figure: go.Figure, runs: Sequence[Overlaid]) -> None:
    tables = [table for run in runs for table in (run.honest, run.split) if len(table)]
    epochs = max([int(table["epoch"].max()) for table in tables], default=1)
    # The 1 would stand too near to the 0.
    ticks = [0, *(tick for tick in epoch_ticks(epochs) if tick > 1 or epochs <= 10)]
    figure.update_xaxes(range=[0, epochs + max(0.3, epochs / 50)], tickvals=ticks)
    figure.update_xaxes(title=tr("epoch"), showgrid=False)
    if not tables:
        say(figure, tr("Choose runs with at least one finished epoch."))


def _log_axis(losses: Sequence[float]) -> LossAxis:
    finite = [value for value in losses if math.isfinite(value) and value > 0] or [1.0]
    low = 10 ** math.floor(math.log10(max(_LOWEST_LOSS, min(finite))))
    return LossAxis(is_log=True, low=low, high=max(loss_axis(finite).high, 10 * low))


def _title(name: str, smoothing: float, note: str = "") -> str:
    said = ", ".join(filter(None, (tr("smoothed by {smoothing:.1f}", smoothing=smoothing) if smoothing else "", note)))
    return f"{name} ({said})" if said else name


def _end(table: pd.DataFrame, column: str) -> str:
    last = table.iloc[-1]
    return f"{number_text(float(last[column]), '.3f')} {_when(last['epoch'])}"


def _interval(run: Overlaid, row: pd.Series) -> str:
    """The interval of a point of the honest curve, "" where its ends are no interval or not known."""
    if not run.num_films or pd.isna(row["low"]) or pd.isna(row["high"]):
        return ""
    ends = {"low": float(row["low"]), "high": float(row["high"])}
    return " " + tr("(95 % interval {low:.2f} to {high:.2f}, n = {n:,})", n=run.num_films, **ends)


def _when(epoch: float) -> str:
    return tr("after epoch {epoch:.0f}", epoch=epoch) if epoch else tr("before learning")


def _colour(place: int) -> str:
    return RUN_COLOURS[place % len(RUN_COLOURS)]
