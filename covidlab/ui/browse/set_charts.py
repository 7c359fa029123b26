"""Charts of the set: how many films of each class have each property; a click on a bar filters the films."""

import html
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.flags import flag_table, is_synthetic, with_groups
from covidlab.data.words import value_text
from covidlab.language import number_text, tr
from covidlab.text import class_name, in_sentence, one_line, pluralize
from covidlab.ui.browse.filters import (
    FILTERS,
    FLAG_FILTER,
    current_choices,
    filter_options,
    option_name,
    passing,
    show_grid,
)
from covidlab.ui.shared.plotly import colours_of_classes

MOST_BARS = 7

_QUIET = {"displayModeBar": False, "doubleClick": False}
_CLICKS = "set_chart_clicks_"
_ROW_PIXELS = 38
# An unchosen bar stays readable and clickable.
_FADED = 0.3


def draw_set_charts(catalog: Catalog) -> None:
    """Draw a small chart for each filter that the set offers, each of the films that pass all the other filters."""
    choices, colours = current_choices(), class_colours(catalog)
    st.caption(
        tr(
            "Each bar counts X-rays, coloured by class. Click a bar to filter by it; click it again to "
            "remove the filter."
        )
    )
    if synthetic := int(is_synthetic(catalog.films).sum()):
        st.caption(
            tr(
                "{synthetic:,} of {x_rays} are **synthetic**: covidlab computed them, and they show no patient.",
                synthetic=synthetic,
                x_rays=pluralize(catalog.num_films, "X-ray"),
            )
        )
    with st.grid(min_column_width=168, gap=(8, 24), key="set_charts"):
        for key, options in filter_options(catalog).items():
            counts = facet_counts(catalog, key, options, choices)
            with st.container(gap=None):
                st.markdown(f"**{tr(FILTERS[key][0])}**")
                # The browser keeps the selection of a key, and would take the next click on that bar for letting it go.
                chart_key = f"chart_{key}_{st.session_state.get(_CLICKS + key, 0)}"
                st.plotly_chart(
                    facet_chart(counts, colours, chosen=choices[key], classes=choices["browse_class"], key=key),
                    key=chart_key,
                    on_select=lambda chart_key=chart_key, key=key, counts=counts: take_click(chart_key, key, counts),
                    selection_mode="points",
                    config=_QUIET,
                    alt=describe_facet(counts, label=tr(FILTERS[key][0])),
                )


def facet_counts(
    catalog: Catalog, key: str, options: Sequence[str], choices: Mapping[str, Collection[str]]
) -> pd.DataFrame:
    """Number of films of each value (rows, the most frequent first) and class (columns) of one filter.

    Only films count that pass every filter save this one and the class, so that what is not chosen can still be
    compared, and chosen instead.
    """
    kept = passing(catalog, choices, leaving_out=(key, "browse_class")).to_numpy()
    classes = catalog.labels
    if key == FLAG_FILTER:
        flags = flag_table(catalog)
        numbers = [np.bincount(classes[kept & flags[label]], minlength=len(catalog.classes)) for label in options]
    else:
        numbers = _numbers(_places(catalog, key)[kept], classes[kept], (len(options), len(catalog.classes)))
    counts = pd.DataFrame(np.array(numbers), index=list(options), columns=list(catalog.classes))
    if key == "browse_size":
        return counts.loc[sorted(options, key=_size_order)]
    return counts.loc[counts.sum(axis=1).sort_values(ascending=False, kind="stable").index]


# A set may have tens of thousands of patients, and each click counts them.
@lru_cache(maxsize=16)
def _places(catalog: Catalog, key: str) -> np.ndarray:
    """Of each film the place of its value among the options of a filter, (films,) int."""
    return pd.Index(filter_options(catalog)[key]).get_indexer(with_groups(catalog)[FILTERS[key][1]])


def _numbers(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """How many films lie in each row and column, int of that shape."""
    return np.bincount(rows * shape[1] + columns, minlength=shape[0] * shape[1]).reshape(shape)


def facet_chart(
    counts: pd.DataFrame, colours: Mapping[str, str], *, chosen: Collection[str], classes: Collection[str], key: str
) -> go.Figure:
    """Horizontal bars, a row for each value with its name and number above, stacked by class.

    Parameters
    ----------
    counts : as ``facet_counts`` gives them
    chosen, classes : values and classes that are filtered for now; the other bars are faint
    """
    top = shown_rows(counts, chosen)
    wholes = top.sum(axis=1)
    longest = max(1, wholes.max()) if len(top) else 1
    figure = go.Figure()
    for folder in counts.columns:
        named = key == "browse_class"
        bright = [
            (not chosen or value in chosen) and (named or not classes or folder in classes) for value in top.index
        ]
        name = _escaped(class_name(folder))
        figure.add_bar(
            x=top[folder],
            y=list(range(len(top))),
            orientation="h",
            name=name,
            width=0.42,
            marker={"color": colours[folder], "opacity": [1 if on else _FADED for on in bright]},
            customdata=[[place, folder] for place in counts.index.get_indexer(top.index)],
            # White on a bright bar that is wide enough; the whole stands above, and every part under the pointer.
            text=[
                number_text(part) if on and part >= longest / 8 and part < whole else ""
                for part, whole, on in zip(top[folder], wholes, bright, strict=True)
            ],
            constraintext="none",
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": "#ffffff", "size": 11},
            hovertext=[
                f"{_value_name(value, key)}<br>"
                + tr("{x_rays} of {name}", x_rays=pluralize(number, "X-ray"), name=name)
                for value, number in top[folder].items()
            ],
            hovertemplate="%{hovertext}<extra></extra>",
            # Streamlit would fade the rest by itself as well.
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )
    for place, (value, number) in enumerate(wholes.items()):
        _write(figure, place, f"{_value_name(value, key)} <b>{number_text(number)}</b>")
    hidden = counts[~counts.index.isin(top.index)].sum(axis=1)
    hidden = hidden[hidden > 0]
    if len(hidden):
        _write(
            figure,
            len(top),
            tr(
                "and {num_hidden:,} more, {x_rays}",
                num_hidden=len(hidden),
                x_rays=pluralize(int(hidden.sum()), "X-ray"),
            ),
        )
    rows = len(top) + (0.5 if len(hidden) or not len(top) else 0)
    figure.update_layout(
        barmode="stack",
        height=round(_ROW_PIXELS * rows) + 8,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        showlegend=False,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        dragmode=False,
        hovermode="closest",
        clickmode="event+select",
    )
    figure.update_xaxes(visible=False, fixedrange=True, range=[0, longest])
    figure.update_yaxes(visible=False, fixedrange=True, range=[rows - 0.4, -0.75])
    return figure


def shown_rows(counts: pd.DataFrame, chosen: Collection[str]) -> pd.DataFrame:
    """The rows that have a bar: the first ``MOST_BARS``, without empty ones where there are more, and the chosen ones."""
    filled = counts.to_numpy().any(axis=1) | (len(counts) <= MOST_BARS)
    return counts[(filled & (np.arange(len(counts)) < MOST_BARS)) | counts.index.isin(list(chosen))]


def describe_facet(counts: pd.DataFrame, *, label: str) -> str:
    """Return the numbers of one chart as a sentence."""
    rows = [
        f"{one_line(value_text(value))} {number_text(row.sum())} ("
        + ", ".join(f"{number_text(number)} {one_line(class_name(folder))}" for folder, number in row.items())
        + ")"
        for value, row in shown_rows(counts, ()).iterrows()
    ]
    return tr("X-rays by {label}: {rows}.", label=in_sentence(label), rows="; ".join(rows))


def class_colours(catalog: Catalog) -> dict[str, str]:
    """Colour of each class of a set."""
    return colours_of_classes(catalog.classes, catalog.positive_class)


def take_click(chart_key: str, key: str, counts: pd.DataFrame) -> None:
    """Turn the bar that was clicked into choices of the filters (to be called by the chart)."""
    points = st.session_state[chart_key]["selection"]["points"]
    if not points:
        return
    st.session_state[_CLICKS + key] = st.session_state.get(_CLICKS + key, 0) + 1
    place, folder = points[0]["customdata"]
    for name, chosen in after_click(current_choices(), key, counts.index[int(place)], folder).items():
        st.session_state[name] = chosen
    show_grid()


def after_click(choices: Mapping[str, list[str]], key: str, value: str, folder: str) -> dict[str, list[str]]:
    """The choices that a click on the bar of a value and a class leads to, by key of a filter.

    The class of the clicked part is kept too; the same click once more takes both back.
    """
    wanted = {key: [value]} if key == "browse_class" else {key: [value], "browse_class": [folder]}
    if all(choices[name] == chosen for name, chosen in wanted.items()):
        return {name: [] for name in wanted}
    return wanted


def _size_order(group: str) -> tuple[bool, int]:
    first = group.split(maxsplit=1)[0]
    return (first.isdecimal(), int(first) if first.isdecimal() else 0)


def _value_name(value: str, key: str) -> str:
    return _escaped(class_name(value) if key == "browse_class" else option_name(key, value))


def _escaped(text: str) -> str:
    return html.escape(one_line(text, max_length=26), quote=False)


def _write(figure: go.Figure, place: int, text: str) -> None:
    anchors = {"xanchor": "left", "yanchor": "middle", "align": "left", "showarrow": False, "borderpad": 0}
    figure.add_annotation(x=0, xref="paper", y=place - 0.47, text=text, font={"size": 12}, **anchors)
