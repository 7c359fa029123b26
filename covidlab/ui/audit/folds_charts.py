"""What cross-validation found, as Plotly figures, and for each one plain sentence that says the same."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from covidlab.language import number_text, tr, tr_lazy
from covidlab.text import class_name, pluralize
from covidlab.ui.shared.plotly import (
    BLUE,
    FAINT,
    GREY,
    ORANGE,
    QUARTERS,
    colours_of_classes,
    empty_figure,
    escaped,
    number_ticks,
)

Found = Mapping[str, Any]

_BY_PATIENT, _ONE_OUT, _BY_IMAGE = tr_lazy("folds by patient"), tr_lazy("one patient out"), tr_lazy("80/20 by image")


def comparison_chart(found: Found) -> go.Figure:
    """Accuracy by patient with its interval, above what each seed of a split by image says: a circle for each accuracy."""
    rows = [(_BY_PATIENT, found["figures"]["accuracy"])]
    if found.get("one_out"):
        rows.append((_ONE_OUT, found["one_out"]["figures"]["accuracy"]))
    accuracies = found["by_image"]["accuracies"]
    figure = empty_figure(height=110 + 56 * (len(rows) + 1), margin={"l": 8, "r": 24, "t": 12, "b": 8})
    for place, (name, metric) in enumerate(rows):
        _add_interval(figure, metric, place, name)
    _add_seeds(figure, accuracies, len(rows))
    names = [*(str(name) for name, _ in rows), str(_BY_IMAGE)]
    low = min(0.5, min(accuracies) - 0.05, *(metric["low"] - 0.02 for _, metric in rows))
    figure.update_xaxes(range=[low, 1.06], title=tr("accuracy"), tickformat=".1f", dtick=0.1)
    figure.update_yaxes(
        range=[len(names) - 0.4, -0.6], tickvals=list(range(len(names))), ticktext=names, showgrid=False
    )
    return figure


def describe_comparison(found: Found) -> str:
    """Return the accuracies of the chart as one sentence."""
    metric, accuracies = found["figures"]["accuracy"], found["by_image"]["accuracies"]
    return tr(
        "Accuracy with patients kept together {value:.2f}, from {low:.2f} to {high:.2f}; split by image "
        "{mean:.2f} on average over {num_accuracies} seeds, from {accuracies:.2f} to {accuracies_2:.2f}.",
        value=metric["value"],
        low=metric["low"],
        high=metric["high"],
        mean=float(np.mean(accuracies)),
        num_accuracies=len(accuracies),
        accuracies=min(accuracies),
        accuracies_2=max(accuracies),
    )


def xrays_chart(found: Found) -> go.Figure:
    """Held-out probability of each X-ray, the mean over repeats with its range; X-rays of one patient side by side.

    A point's customdata begins with the file.
    """
    rows = ordered(found)
    folders = list(dict.fromkeys(row["class"] for row in rows))
    colours = colours_of_classes(folders, found["positive_class"])
    figure = empty_figure(height=360)
    _add_patients(figure, rows)
    for folder in folders:
        places = [place for place, row in enumerate(rows) if row["class"] == folder]
        _add_xrays(figure, [rows[place] for place in places], places, folder, colours[folder])
    figure.add_hline(y=0.5, line={"color": GREY, "width": 1.5, "dash": "dash"})
    title = tr("probability of {escaped}", escaped=escaped(class_name(found["positive_class"])))
    figure.update_yaxes(range=[-0.03, 1.03], title=title, **number_ticks(QUARTERS))
    figure.update_xaxes(
        range=[-1, len(rows)], showticklabels=False, showgrid=False, title=tr("X-rays, by class and patient")
    )
    return figure


def describe_xrays(found: Found) -> str:
    """Return how many X-rays are called right, by class, as one sentence."""
    said = []
    for folder in dict.fromkeys(row["class"] for row in ordered(found)):
        own = [row["right"] > 0.5 for row in found["xrays"] if row["class"] == folder]
        said.append(
            tr("{own} of {num_own} {class_name}", own=sum(own), num_own=len(own), class_name=class_name(folder))
        )
    return tr("In most repeats the held-out answer is right for {said} X-rays.", said=", ".join(said))


def ordered(found: Found) -> list[Mapping[str, Any]]:
    """Return the X-rays of the positive class first, patients together, those with the highest probability first."""
    rows = found["xrays"]
    of_patient: dict[str, list[float]] = {}
    for row in rows:
        of_patient.setdefault(_patient(row), []).append(row["mean"])
    height = {patient: float(np.mean(means)) for patient, means in of_patient.items()}
    order = sorted(
        rows,
        key=lambda row: (
            row["class"] != found["positive_class"],
            row["class"],
            -height[_patient(row)],
            _patient(row),
            -row["mean"],
        ),
    )
    return list(order)


def permutation_chart(found: Found) -> go.Figure:
    """How often permuted classes give each balanced accuracy, with a line at that of the real classes."""
    test = found["permutation"]
    counts, edges = np.histogram(test["by_chance"], bins=np.linspace(0, 1, 41))
    figure = empty_figure(height=220, margin={"l": 8, "r": 16, "t": 28, "b": 8})
    figure.add_bar(
        x=(edges[:-1] + edges[1:]) / 2,
        y=counts,
        width=0.021,
        marker={"color": BLUE},
        hovertemplate=tr("{number} of the permutations", number="%{y}") + "<extra></extra>",
    )
    figure.add_vline(x=test["value"], line={"color": ORANGE, "width": 3})
    right = test["value"] > 0.75
    figure.add_annotation(
        x=test["value"],
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor="right" if right else "left",
        text=tr("real classes: {value:.2f}", value=test["value"]),
        showarrow=False,
    )
    figure.update_xaxes(range=[0, 1.02], title=tr("balanced accuracy"), **number_ticks(QUARTERS))
    figure.update_yaxes(title=tr("permutations"), rangemode="tozero")
    return figure


def _add_interval(figure: go.Figure, metric: Mapping[str, Any], place: int, name: str) -> None:
    figure.add_scatter(
        x=[metric["value"]],
        y=[place],
        mode="markers+text",
        marker={"color": ORANGE, "symbol": "diamond", "size": 12},
        text=[number_text(metric["value"], ".2f")],
        textposition="top center",
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [metric["high"] - metric["value"]],
            "arrayminus": [metric["value"] - metric["low"]],
            "thickness": 2.5,
            "width": 0,
        },
        hovertemplate=(
            tr(
                "{name}: {value:.2f}<br>95 % interval {low:.2f} to {high:.2f}, n = {n}",
                name=name,
                value=metric["value"],
                low=metric["low"],
                high=metric["high"],
                n=metric["n"],
            )
            + "<extra></extra>"
        ),
    )


def _add_seeds(figure: go.Figure, accuracies: Sequence[float], place: int) -> None:
    """A circle for each accuracy that seeds gave, with their number."""
    counts = sorted(Counter(accuracies).items())
    figure.add_scatter(
        x=[value for value, _ in counts],
        y=[place] * len(counts),
        mode="markers+text",
        marker={
            "color": GREY,
            "size": [12 + 22 * (number / len(accuracies)) ** 0.5 for _, number in counts],
            "line": {"width": 0},
        },
        text=[str(number) for _, number in counts],
        textfont={"color": "white", "size": 11},
        cliponaxis=False,
        hovertemplate=tr("{number} seeds: accuracy {value}", number="%{text}", value="%{x:.2f}") + "<extra></extra>",
    )


def _add_patients(figure: go.Figure, rows: Sequence[Mapping[str, Any]]) -> None:
    """A band behind the X-rays of each patient with several."""
    start = 0
    while start < len(rows):
        end = start
        while end + 1 < len(rows) and _patient(rows[end + 1]) == _patient(rows[start]):
            end += 1
        if end > start:
            figure.add_vrect(x0=start - 0.45, x1=end + 0.45, fillcolor=FAINT, line={"width": 0}, layer="below")
        start = end + 1


def _add_xrays(
    figure: go.Figure, rows: Sequence[Mapping[str, Any]], places: Sequence[int], folder: str, colour: str
) -> None:
    means = [row["mean"] for row in rows]
    figure.add_scatter(
        x=list(places),
        y=means,
        mode="markers",
        name=escaped(f"{class_name(folder)} (n = {len(rows)})"),
        marker={"color": colour, "size": 8},
        cliponaxis=False,
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [row["highest"] - row["mean"] for row in rows],
            "arrayminus": [row["mean"] - row["lowest"] for row in rows],
            "thickness": 1.2,
            "width": 0,
        },
        customdata=[[row["file"], escaped(_who(row)), row["lowest"], row["highest"]] for row in rows],
        hovertemplate="%{customdata[1]}<br>"
        + tr(
            "{mean}, over repeats {lowest} to {highest}",
            mean="%{y:.2f}",
            lowest="%{customdata[2]:.2f}",
            highest="%{customdata[3]:.2f}",
        )
        + "<extra></extra>",
    )


def _patient(row: Mapping[str, Any]) -> str:
    return row["patient"] or row["file"]


def _who(row: Mapping[str, Any]) -> str:
    name = str(row["file"]).rpartition("/")[2]
    return tr("{name}, patient {patient}", name=name, patient=row["patient"]) if row["patient"] else name


def describe_permutations(found: Found) -> str:
    """Return the test of the chart as one sentence."""
    test = found["permutation"]
    return tr(
        "{permutations} of the classes give a balanced accuracy of up to {by_chance:.2f}; the real "
        "classes give {value:.2f}.",
        permutations=pluralize(test["permutations"], "permutation"),
        by_chance=max(test["by_chance"]),
        value=test["value"],
    )
