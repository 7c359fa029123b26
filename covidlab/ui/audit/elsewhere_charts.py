"""Charts of another hospital: each figure here and elsewhere, the share of each class that resembles the positive one, a map of both sets."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from covidlab.text import class_name, pluralize
from covidlab.ui.shared.charts import describe_metrics, metrics_chart
from covidlab.ui.shared.plotly import BLUE, GREEN, ORANGE, PINK, SKY, empty_figure, escaped

Found = Mapping[str, Any]

HERE, ELSEWHERE, ITSELF = "this set", "another hospital", "another hospital, the model itself"
_FIGURES = ("accuracy", "sensitivity", "specificity", "auc")
_MAP_HEIGHT = 420
_OTHER_COLOURS = (BLUE, GREEN, PINK, SKY)
_OTHER_SYMBOLS = ("square-open", "triangle-up-open", "cross-open", "hexagon-open", "pentagon-open")


def figures_chart(found: Found) -> go.Figure:
    """Figure of accuracy, sensitivity, specificity and AUC, here and elsewhere, each with its interval."""
    return metrics_chart(_figure_rows(found))


def describe_figures(found: Found) -> str:
    """Return the same as a sentence."""
    return describe_metrics(_figure_rows(found))


def shares_chart(found: Found) -> go.Figure:
    """Figure of the share of each class that resembles the positive class, here and elsewhere."""
    return metrics_chart(_share_rows(found))


def describe_shares(found: Found) -> str:
    """Return the same as a sentence."""
    return describe_metrics(_share_rows(found))


def both_map(found: Found) -> go.Figure:
    """Figure of the X-rays of both sets: those of the set filled, the others open; a colour for each class."""
    figure, both = empty_figure(height=_MAP_HEIGHT), found["shift"]["map"]
    positive = {row["name"] for row in found["here_classes"] if row["is_positive"]}
    # The others first, so that the few of the set lie on top.
    for place, (name, points) in enumerate(
        _by_class([row["class"] for row in found["xrays"]], both["elsewhere"]).items()
    ):
        is_positive = any(row["name"] == name and row["is_positive"] for row in found["classes"])
        marker = {
            "color": _colour(place, is_positive),
            "symbol": _symbol(place, is_positive),
            "size": 9,
            "opacity": 0.8,
        }
        _add_points(figure, f"elsewhere: {class_name(name)}", points, marker)
    for place, (name, points) in enumerate(_by_class(both["here_classes"], both["here"]).items()):
        symbol = "diamond" if name in positive else "circle"
        marker = {"color": _colour(place, name in positive), "symbol": symbol, "size": 11}
        _add_points(
            figure, f"this set: {class_name(name)}", points, marker | {"line": {"width": 1, "color": "#ffffff"}}
        )
    figure.update_xaxes(showgrid=False, showticklabels=False)
    figure.update_yaxes(showgrid=False, showticklabels=False, scaleanchor="x", scaleratio=1)
    figure.update_layout(showlegend=True, margin={"l": 8, "r": 8, "t": 84, "b": 8})
    return figure


def describe_both_map(found: Found) -> str:
    """Return what the map shows as one sentence."""
    both = found["shift"]["map"]
    return (
        f"Map of {pluralize(len(both['here']), 'X-ray')} of the set (filled) and {len(both['elsewhere']):,} of another hospital (open). "
        f"Its two directions are those in which the X-rays of the set differ most, {100 * both['share']:.0f} % of all their differences."
    )


def _figure_rows(found: Found) -> list[dict[str, Any]]:
    sources = {HERE: found["here"], ELSEWHERE: found["elsewhere"]}
    if found.get("chosen"):
        sources[ITSELF] = found["chosen"]
    return [
        {"name": name, "source": source, **figures[name]} for name in _FIGURES for source, figures in sources.items()
    ]


def _share_rows(found: Found) -> list[dict[str, Any]]:
    return [
        {"name": class_name(row["name"]), "source": source, **row["called"]}
        for source, rows in ((HERE, found["here_classes"]), (ELSEWHERE, found["classes"]))
        for row in sorted(rows, key=lambda row: row["is_positive"])
    ]


def _by_class(classes: list[str], points: list) -> dict[str, list]:
    found: dict[str, list] = {name: [] for name in sorted(set(classes))}
    for name, point in zip(classes, points, strict=True):
        found[name].append(point)
    return found


def _colour(place: int, is_positive: bool) -> str:
    return ORANGE if is_positive else _OTHER_COLOURS[place % len(_OTHER_COLOURS)]


def _symbol(place: int, is_positive: bool) -> str:
    return "diamond-open" if is_positive else _OTHER_SYMBOLS[place % len(_OTHER_SYMBOLS)]


def _add_points(figure: go.Figure, name: str, points: list, marker: Mapping[str, Any]) -> None:
    shown = f"{escaped(name)} ({len(points):,})"
    figure.add_scatter(
        x=[point[0] for point in points],
        y=[point[1] for point in points],
        mode="markers",
        name=shown,
        marker=marker,
        hovertemplate=f"{escaped(name)}<extra></extra>",
        cliponaxis=False,
    )
