"""What a sweep has found, as Plotly figures drawn from its files, and for each one plain sentence that says the same."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from covidlab.evaluation.luck import Luck
from covidlab.evaluation.sweep_space import DIVERGED, FINISHED, SweepConfig, Trial, significant
from covidlab.language import tr, tr_lazy
from covidlab.runs.sweep_text import NAMES, describe_trial
from covidlab.text import plain_number, pluralize
from covidlab.ui.shared.plotly import AMBER, BLUE, GREY, ORANGE, empty_figure, percent_text, percent_ticks, say

# From low to high accuracy; each is seen on both themes.
_SCALE = [[0, GREY], [0.6, AMBER], [1, ORANGE]]
_LOGARITHMIC = ("learning_rate", "batch_size")
_METHODS = {
    "fanova": (tr_lazy("all trials (fANOVA)"), BLUE),
    "ped_anova": (tr_lazy("the better trials (PED-ANOVA)"), ORANGE),
}


def trials_chart(sweep: SweepConfig, trials: Sequence[Trial]) -> go.Figure:
    """Parallel coordinates: a line a trial through its settings to its accuracy; dragging along an axis chooses lines."""
    shown = [trial for trial in trials if trial.state != DIVERGED]
    figure = empty_figure(height=380, margin={"l": 56, "r": 56, "t": 56, "b": 24})
    if not shown:
        say(figure, tr("The first lines appear after the first trials."))
        return figure
    accuracies = [trial.accuracy for trial in shown]
    low, high = _accuracy_ends(accuracies)
    figure.add_parcoords(
        line={"color": accuracies, "colorscale": _SCALE, "cmin": low, "cmax": high},
        dimensions=[*_dimensions(sweep, shown), {"label": tr("accuracy"), "values": accuracies, "range": [low, high]}],
        # Those outside a range that somebody has dragged.
        unselected={"line": {"color": GREY, "opacity": 0.12}},
        labelfont={"size": 14},
        tickfont={"size": 12},
        rangefont={"size": 1, "color": "rgba(0,0,0,0)"},
    )
    return figure


def describe_trials(trials: Sequence[Trial]) -> str:
    """Return the range of accuracies and the best trial, as one sentence."""
    finished = [trial for trial in trials if trial.state == FINISHED]
    if not finished:
        return tr("No trial has finished yet.")
    best = max(finished, key=lambda trial: trial.score)
    lowest = min(trial.accuracy for trial in finished)
    return tr(
        "{trials} finished with accuracies from {lowest:.2f} to {accuracy:.2f}; the best is trial "
        "{number}, {describe_trial}, 95 % interval {low:.2f} to {high:.2f}.",
        trials=pluralize(len(finished), "trial"),
        lowest=lowest,
        accuracy=best.accuracy,
        number=best.number,
        describe_trial=describe_trial(best.settings),
        low=best.low,
        high=best.high,
    )


def contour_chart(contour: Mapping[str, Any], trials: Sequence[Trial]) -> go.Figure:
    """Accuracy over two settings, smoothed between the trials, which are the dots."""
    finished = [trial for trial in trials if trial.state == FINISHED]
    names = (contour["x_name"], contour["y_name"])
    low, high = _accuracy_ends([trial.accuracy for trial in finished])
    colours = {"colorscale": _SCALE, "zmin": low, "zmax": high}
    figure = empty_figure(height=340, margin={"l": 8, "r": 8, "t": 16, "b": 8})
    figure.add_contour(
        x=contour["x"],
        y=contour["y"],
        z=contour["z"],
        **colours,
        ncontours=8,
        line={"width": 0.5, "color": GREY},
        opacity=0.8,
        colorbar={"title": {"text": tr("accuracy")}, "thickness": 12, "len": 0.9},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[getattr(trial.settings, names[0]) for trial in finished],
        y=[getattr(trial.settings, names[1]) for trial in finished],
        mode="markers",
        marker={
            "size": 9,
            "color": [trial.accuracy for trial in finished],
            "colorscale": _SCALE,
            "cmin": low,
            "cmax": high,
            "line": {"color": "white", "width": 1},
        },
        customdata=[
            tr(
                "trial {number}: {settings},<br>accuracy {accuracy:.2f} (95 % interval {low:.2f} to {high:.2f})",
                number=trial.number,
                settings=describe_trial(trial.settings),
                accuracy=trial.accuracy,
                low=trial.low,
                high=trial.high,
            )
            for trial in finished
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure.update_xaxes(**_axis(names[0], contour["x"]))
    figure.update_yaxes(**_axis(names[1], contour["y"]))
    return figure


def describe_contour(contour: Mapping[str, Any]) -> str:
    """Return where the smoothed accuracy is highest, as one sentence."""
    grid = np.array(contour["z"], dtype=float)
    if np.isnan(grid).all():
        return tr("There are too few trials for contours.")
    row, column = np.unravel_index(np.nanargmax(grid), grid.shape)
    x, y = contour["x"][column], contour["y"][row]
    return tr(
        "Smoothed over the trials, the accuracy is highest, {nanmax:.2f}, near {names} {decimal_text} "
        "and {names_2} {y:.0f}.",
        nanmax=np.nanmax(grid),
        names=tr(NAMES[contour["x_name"]]),
        decimal_text=plain_number(significant(x, 1)),
        names_2=tr(NAMES[contour["y_name"]]),
        y=y,
    )


def importance_chart(importance: Mapping[str, Mapping[str, float]]) -> go.Figure:
    """How much of the differences in accuracy each setting explains, by two methods."""
    names = list(next(iter(importance.values()), {}))
    figure = empty_figure(height=140 + 46 * len(names))
    for method, shares in importance.items():
        label, colour = _METHODS.get(method, (method, GREY))
        figure.add_bar(
            y=[tr(NAMES.get(name, name)) for name in names],
            x=[shares.get(name, 0.0) for name in names],
            orientation="h",
            name=tr(label),
            marker={"color": colour},
            text=[percent_text(shares.get(name, 0.0)) for name in names],
            textposition="outside",
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    figure.update_layout(barmode="group", bargap=0.3)
    figure.update_xaxes(range=[0, 1.15], **percent_ticks((0, 0.5, 1)))
    figure.update_yaxes(showgrid=False, autorange="reversed")
    return figure


def luck_chart(luck: Luck, *, best: float | None) -> go.Figure:
    """The best of all trials by chance, a dot for each time the classes were permuted, beside the best with the real classes."""
    times = len(luck.by_chance)
    rows = [tr("real classes"), tr("permuted classes,<br>{times} times", times=times)]
    figure = empty_figure(height=230)
    figure.add_scatter(
        x=list(luck.by_chance),
        y=_stacked(luck.by_chance),
        mode="markers",
        name=tr("best by luck"),
        marker={"color": GREY, "size": 11, "opacity": 0.85},
        hovertemplate=tr("best of {number} by luck", number=luck.num_trials) + ": %{x:.2f}<extra></extra>",
    )
    figure.add_scatter(
        x=[luck.best],
        y=[1.0],
        mode="markers",
        name=tr("best, learned in the same way"),
        marker={"color": ORANGE, "size": 16, "symbol": "diamond"},
        hovertemplate=tr("best of {number} with the real classes", number=luck.num_trials)
        + ": %{x:.2f}<extra></extra>",
    )
    if best is not None:
        figure.add_scatter(
            x=[best],
            y=[1.35],
            mode="markers",
            name=tr("best of the sweep"),
            marker={"color": BLUE, "size": 13, "symbol": "square-open", "line": {"width": 3}},
            hovertemplate=tr("best of the sweep") + ": %{x:.2f}<extra></extra>",
        )
    lowest = min(*luck.by_chance, luck.best, 0.4)
    figure.update_xaxes(
        range=[lowest - 0.05, 1.03], title=tr("accuracy (n = {num_films})", num_films=luck.num_films), tickformat=".2~f"
    )
    figure.update_yaxes(range=[-0.4, 1.7], tickvals=[1, 0.1], ticktext=rows, showgrid=False)
    return figure


def _stacked(values: Sequence[float]) -> list[float]:
    """Heights of dots, so that equal ones lie above each other."""
    places = [round(value, 3) for value in values]
    step = min(0.16, 0.9 / max(map(places.count, places)))
    return [-0.2 + step * places[:number].count(place) for number, place in enumerate(places)]


def _dimensions(sweep: SweepConfig, trials: Sequence[Trial]) -> list[dict]:
    dimensions = []
    if len(sweep.depths) > 1:
        places = {depth: place for place, depth in enumerate(sweep.depths)}
        values = [places[trial.settings.fine_tune] for trial in trials]
        ticks = {"tickvals": list(places.values()), "ticktext": list(places)}
        dimensions.append({"label": tr("depth"), "values": values, "range": [0, len(places) - 1], **ticks})
    low, high = np.log10(sweep.learning_rates)
    powers = [power for power in range(int(np.ceil(low - 1e-9)), int(np.floor(high + 1e-9)) + 1)]
    dimensions.append(
        {
            "label": tr("learning rate"),
            "values": [float(np.log10(trial.settings.learning_rate)) for trial in trials],
            "range": _ends(low, high),
            "tickvals": powers,
            "ticktext": [plain_number(10.0**power) for power in powers],
        }
    )
    levels = sweep.batch_levels
    dimensions.append(
        {
            "label": tr("batch size"),
            "values": [float(np.log2(trial.settings.batch_size)) for trial in trials],
            "range": _ends(np.log2(levels[0]), np.log2(levels[-1])),
            "tickvals": [float(np.log2(level)) for level in levels],
            "ticktext": [str(level) for level in levels],
        }
    )
    epochs = [trial.settings.epochs for trial in trials]
    dimensions.append({"label": tr("epochs"), "values": epochs, "range": _ends(*sweep.epochs)})
    return dimensions


def _ends(low: float, high: float) -> list[float]:
    """A range that is none where both ends are the same."""
    return [float(low), float(high)] if high > low else [float(low) - 0.5, float(high) + 0.5]


def _accuracy_ends(accuracies: Sequence[float]) -> tuple[float, float]:
    low, high = min(accuracies, default=0.0), max(accuracies, default=1.0)
    return (low, high) if high > low else (max(0.0, low - 0.05), min(1.0, high + 0.05))


def _axis(name: str, values: Sequence[float]) -> dict:
    axis: dict[str, Any] = {"title": tr(NAMES[name]), "showgrid": False}
    if name not in _LOGARITHMIC:
        return axis
    ends = np.log10([values[0], values[-1]])
    if name == "batch_size":
        ticks = [2.0**power for power in range(9) if values[0] - 1e-9 <= 2**power <= values[-1] + 1e-9]
    else:
        ticks = [10.0**power for power in range(int(np.ceil(ends[0] - 1e-9)), int(np.floor(ends[1] + 1e-9)) + 1)]
    labels = [plain_number(int(tick) if tick >= 1 else tick) for tick in ticks]
    return axis | {"type": "log", "range": list(ends), "tickvals": ticks, "ticktext": labels}
