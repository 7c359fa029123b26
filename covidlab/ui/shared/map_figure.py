"""The figure of a feature map: a dot or a small picture for each X-ray, and an upload among them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from covidlab.data.film_table import NOT_STATED
from covidlab.data.words import value_text
from covidlab.imaging.encode import data_address
from covidlab.language import number_text, tr, tr_lazy
from covidlab.text import class_name
from covidlab.ui.shared.feature_map import (
    ANSWER,
    CLASS,
    MOST_GROUPS,
    NOT_CROSS_VALIDATED,
    OTHERS,
    RIGHT,
    WRONG,
    FeatureMap,
    group_name,
)
from covidlab.ui.shared.plotly import (
    AMBER,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PINK,
    SKY,
    colours_of_classes,
    empty_figure,
    escaped,
)

HEIGHT = 460
# More pictures would lie upon each other.
MOST_PICTURES = 150
PICTURE_SIDE = 96
UPLOAD_NAME = tr_lazy("this X-ray")

_COLOURS = (BLUE, AMBER, GREEN, PINK, SKY, ORANGE)
_SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "triangle-down", "pentagon", "hexagon")
_ANSWERS = {RIGHT: (BLUE, "circle"), WRONG: (ORANGE, "x"), NOT_CROSS_VALIDATED: (GREY, "circle-open")}
_REST = {NOT_STATED: (GREY, "circle-open"), OTHERS: (GREY, "hexagon")}
_DOT_SIZE, _STAR_SIZE = 11, 20
_FADED = 0.2
# Parts of the longer side of the map.
_PICTURE_PART, _EDGE_PART = 0.09, 0.06


@dataclass(frozen=True)
class Place:
    """Where an X-ray of a visitor lies on the map (x, y), and the files of its nearest X-rays."""

    point: tuple[float, float]
    neighbours: tuple[str, ...] = ()


def map_figure(
    known_map: FeatureMap,
    *,
    colour_by: str,
    bright: Collection[str] | None = None,
    pictures: Mapping[str, bytes] | None = None,
    upload: Place | None = None,
) -> go.Figure:
    """Figure of the map; a colour and a shape for each group, equal scales, no numbers at the axes.

    Parameters
    ----------
    colour_by : one of ``feature_map.COLOURS``
    bright : files of the X-rays that are not faint; None for all
    pictures : small JPEGs by file, drawn above the dots
    upload : an X-ray of a visitor, a star with lines to its neighbours
    """
    figure = empty_figure(height=HEIGHT)
    span = _set_axes(figure, known_map.points, upload, has_pictures=bool(pictures))
    if pictures:
        _add_pictures(figure, known_map, pictures, size=_PICTURE_PART * span, bright=bright)
    if upload is not None:
        _add_lines(figure, known_map, upload)
    groups, is_bright = known_map.groups(colour_by), _is_bright(known_map, bright)
    styles = group_styles(known_map, colour_by)
    # Faint ones first, below all others.
    for bright_ones in (False, True):
        for value, (colour, symbol) in styles.items():
            is_of_group = (groups == value).to_numpy()
            name = f"{escaped(group_name(colour_by, value))} ({number_text(is_of_group.sum())})"
            places = np.flatnonzero(is_of_group & (is_bright == bright_ones))
            marker = {"color": colour, "symbol": symbol, "opacity": 1 if bright_ones else _FADED}
            _add_dots(figure, known_map, places, name=name, marker=marker, in_legend=bright_ones)
    if upload is not None:
        _add_star(figure, upload)
    # A group alone is worth its name too.
    figure.update_layout(showlegend=True, clickmode="event+select", dragmode="lasso")
    figure.update_layout(modebar={"bgcolor": "rgba(0,0,0,0)", "color": GREY, "activecolor": BLUE})
    return figure


def group_styles(known_map: FeatureMap, colour_by: str) -> dict[str, tuple[str, str]]:
    """Colour and shape of each group that is on the map, in the order of the legend."""
    counts = known_map.groups(colour_by).value_counts()
    if colour_by == CLASS:
        colours = colours_of_classes(known_map.classes, known_map.positive_class)
        styles = {
            folder: (colour, _SYMBOLS[place % len(_SYMBOLS)]) for place, (folder, colour) in enumerate(colours.items())
        }
        # A class that is rare on the map is drawn with the others.
        styles[OTHERS] = _REST[OTHERS]
    elif colour_by == ANSWER:
        styles = dict(_ANSWERS)
    else:
        named = [value for value in counts.index if value not in _REST][:MOST_GROUPS]
        styles = dict(zip(named, zip(_COLOURS, _SYMBOLS, strict=False), strict=False)) | _REST
    return {value: style for value, style in styles.items() if value in counts.index}


def _set_axes(figure: go.Figure, points: np.ndarray, upload: Place | None, *, has_pictures: bool) -> float:
    """Let the axes hold everything, with the same scale; return the longer side."""
    shown = points if upload is None else np.vstack([points, upload.point])
    low, high = shown.min(axis=0), shown.max(axis=0)
    span = float(max((high - low).max(), 1e-6))
    edge = _EDGE_PART * span
    # A picture stands upon its dot.
    top = high[1] + edge + (_PICTURE_PART * span if has_pictures else 0)
    figure.update_xaxes(range=[low[0] - edge, high[0] + edge], showgrid=False, showticklabels=False)
    figure.update_yaxes(range=[low[1] - edge, top], showgrid=False, showticklabels=False)
    figure.update_yaxes(scaleanchor="x", scaleratio=1)
    return span


def _is_bright(known_map: FeatureMap, bright: Collection[str] | None) -> np.ndarray:
    """Which X-rays are not faint, (n,) bool."""
    return np.array([bright is None or file in bright for file in known_map.films["file"]], dtype=bool)


def _add_dots(
    figure: go.Figure,
    known_map: FeatureMap,
    places: np.ndarray,
    *,
    name: str,
    marker: Mapping[str, Any],
    in_legend: bool,
) -> None:
    """Add the dots of a group; the legend shows a group that has none too, since others of it may be faint."""
    points = known_map.points[places] if len(places) else [[None, None]] * in_legend
    figure.add_scatter(
        x=[point[0] for point in points],
        y=[point[1] for point in points],
        mode="markers",
        name=name,
        legendgroup=name,
        showlegend=in_legend,
        marker={"size": _DOT_SIZE, "line": {"width": 1, "color": "#ffffff"}, **marker},
        customdata=[[int(place)] for place in places],
        hovertext=[_hover(film) for film in known_map.films.iloc[places].to_dict("records")],
        hovertemplate="%{hovertext}<extra></extra>",
        cliponaxis=False,
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": _FADED}},
    )


def _add_pictures(
    figure: go.Figure,
    known_map: FeatureMap,
    pictures: Mapping[str, bytes],
    *,
    size: float,
    bright: Collection[str] | None,
) -> None:
    """Stand the pictures upon their dots, all at once: Plotly looks through all of them with each that is added."""
    same = {"xref": "x", "yref": "y", "sizex": size, "sizey": size, "xanchor": "center", "yanchor": "bottom"}
    images = [
        {
            **same,
            "source": data_address(pictures[file]),
            "x": x,
            "y": y,
            "layer": "below",
            "opacity": 1 if bright is None or file in bright else _FADED,
        }
        for file, (x, y) in zip(known_map.films["file"], known_map.points, strict=True)
        if file in pictures
    ]
    figure.update_layout(images=images)


def _add_lines(figure: go.Figure, known_map: FeatureMap, upload: Place) -> None:
    x, y = upload.point
    near = known_map.points[known_map.films["file"].isin(upload.neighbours)]
    figure.add_scatter(
        x=[value for point in near for value in (x, point[0], None)],
        y=[value for point in near for value in (y, point[1], None)],
        mode="lines",
        line={"color": GREY, "width": 1.5},
        hoverinfo="skip",
        showlegend=False,
    )


def _add_star(figure: go.Figure, upload: Place) -> None:
    figure.add_scatter(
        x=[upload.point[0]],
        y=[upload.point[1]],
        mode="markers",
        name=tr(UPLOAD_NAME),
        marker={"symbol": "star", "size": _STAR_SIZE, "color": PINK, "line": {"width": 1.5, "color": "#ffffff"}},
        hovertemplate=f"{UPLOAD_NAME}<extra></extra>",
        cliponaxis=False,
    )


def _hover(film: Mapping[Any, Any]) -> str:
    """What is known of an X-ray, without a name that may be a patient's."""
    view = value_text(film["view_position"])
    lines = [
        class_name(str(film["class"])),
        tr("Age group: {age_group}", age_group=value_text(film["age_group"])),
        tr("View: {view}", view=view),
    ]
    if film["answer"] != NOT_CROSS_VALIDATED:
        lines.append(
            tr(
                "Cross-validated: {answer} ({out_of_fold:.2f})",
                answer=group_name(ANSWER, film["answer"]),
                out_of_fold=film["out_of_fold"],
            )
        )
    return "<br>".join(escaped(line) for line in lines)
