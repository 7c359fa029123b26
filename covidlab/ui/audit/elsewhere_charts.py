"""Charts of another hospital: each figure here and elsewhere, the share of each class that resembles the positive one, a map of both sets."""

from collections.abc import Mapping
from itertools import cycle
from typing import Any

import plotly.graph_objects as go

from covidlab.audit.elsewhere_text import FIGURE_TITLES
from covidlab.language import tr, tr_lazy
from covidlab.text import class_name, pluralize
from covidlab.ui.shared.charts import describe_metrics, metrics_chart
from covidlab.ui.shared.plotly import AMBER, BLUE, GREEN, GREY, ORANGE, PINK, SKY, empty_figure, escaped

Found = Mapping[str, Any]

HERE, ELSEWHERE = tr_lazy("this set"), tr_lazy("another hospital")
_FIGURES = ("accuracy", "sensitivity", "specificity", "auc")
_MAP_HEIGHT = 420
# Colour and shape of the positive class, then of the others in turn; the set is filled, the other hospital open.
_HERE_STYLES = ((ORANGE, "diamond"), (BLUE, "circle"), (SKY, "square"), (GREY, "triangle-up"))
_ELSEWHERE_STYLES = (
    (ORANGE, "diamond-open"),
    (GREEN, "triangle-up-open"),
    (PINK, "cross-open"),
    (AMBER, "square-open"),
    (GREY, "hexagon-open"),
)


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
    positive = {row["name"] for row in (*found["classes"], *found["here_classes"]) if row["is_positive"]}
    sides = (
        # The others first, so that the few of the set lie on top.
        (tr("elsewhere"), [row["class"] for row in found["xrays"]], both["elsewhere"], _ELSEWHERE_STYLES),
        (tr("this set"), both["here_classes"], both["here"], _HERE_STYLES),
    )
    for side, classes, points, (of_positive, *of_others) in sides:
        by_class = _by_class(classes, points)
        others = cycle(of_others)
        for name, own in by_class.items():
            colour, symbol = of_positive if name in positive else next(others)
            marker = {"color": colour, "symbol": symbol, "size": 9 if symbol.endswith("open") else 11}
            _add_points(figure, f"{side}: {class_name(name)}", own, marker)
    figure.update_xaxes(showgrid=False, showticklabels=False)
    figure.update_yaxes(showgrid=False, showticklabels=False, scaleanchor="x", scaleratio=1)
    figure.update_layout(showlegend=True, margin={"l": 8, "r": 8, "t": 84, "b": 8})
    return figure


def describe_both_map(found: Found) -> str:
    """Return what the map shows as one sentence."""
    both = found["shift"]["map"]
    return tr(
        "Map of {x_rays} of the set (filled) and {num_elsewhere:,} of another hospital (open). Its two "
        "directions are those in which the X-rays of the set differ most, {value:.0f} % of all their "
        "differences.",
        x_rays=pluralize(len(both["here"]), "X-ray"),
        num_elsewhere=len(both["elsewhere"]),
        value=100 * both["share"],
    )


def _figure_rows(found: Found) -> list[dict[str, Any]]:
    sources = {HERE: found["here"], ELSEWHERE: found["elsewhere"]}
    return [
        {"name": str(FIGURE_TITLES[name]), "source": tr(source), **figures[name]}
        for name in _FIGURES
        for source, figures in sources.items()
    ]


def _share_rows(found: Found) -> list[dict[str, Any]]:
    return [
        {"name": class_name(row["name"]), "source": tr(source), **row["called"]}
        for source, rows in ((HERE, found["here_classes"]), (ELSEWHERE, found["classes"]))
        for row in sorted(rows, key=lambda row: row["is_positive"])
    ]


def _by_class(classes: list[str], points: list) -> dict[str, list]:
    found: dict[str, list] = {name: [] for name in sorted(set(classes))}
    for name, point in zip(classes, points, strict=True):
        found[name].append(point)
    return found


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
