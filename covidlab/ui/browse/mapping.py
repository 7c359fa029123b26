"""The map of features on Browse: which X-rays the model in use finds alike, and a lasso that filters the page."""

import pandas as pd
import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.language import tr, tr_many
from covidlab.runs.exposure import is_of_set
from covidlab.runs.names import short_name
from covidlab.runs.store import Run
from covidlab.text import markdown_escaped, pluralize
from covidlab.ui.browse.filters import show_grid
from covidlab.ui.browse.map_choice import choose_on_map, chosen_on_map, forget_choice
from covidlab.ui.shared.active_model import visitors_model
from covidlab.ui.shared.bound import draw_bound
from covidlab.ui.shared.cached import current_thumbnails
from covidlab.ui.shared.feature_map import CLASS, FeatureMap, chosen_files, describe_map, map_caption
from covidlab.ui.shared.known_map import NO_FEATURES, has_map, load_map
from covidlab.ui.shared.map_figure import MOST_PICTURES, PICTURE_SIDE, map_figure
from covidlab.ui.shared.navigation import TRAIN, page_link

_CHART = "browse_map_chart"
_TOOLS = {"displayModeBar": True, "modeBarButtons": [["lasso2d", "select2d"]], "doubleClick": False}


def draw_map(catalog: Catalog, filtered: pd.Series) -> None:
    """Draw the map of the model in use, with a choice of colours; what is chosen on it filters the page.

    Parameters
    ----------
    filtered : files of the films that pass the filters; the others are faint
    """
    run = visitors_model()
    if why := why_no_map(run, catalog):
        st.markdown(why)
        page_link(TRAIN, label=tr("Train a model on this set"), icon=":material/model_training:")
        return
    known_map = load_map(run, catalog, key="browse_map")
    if known_map is None:
        return
    known_map = known_map.here()
    if not known_map.num_films:
        st.markdown(tr("None of the X-rays that the model in use knows are in this set any more."))
        return
    _draw_chart(catalog, known_map, filtered)


def why_no_map(run: Run | None, catalog: Catalog) -> str:
    """Why the model in use has no map of this set, in Markdown; "" where it has one. Asks no other process."""
    if run is None:
        return tr("The map needs a model, and there is none yet.")
    if not has_map(run):
        return tr(
            "{capitalize}, the model in use, {no_features}",
            capitalize=markdown_escaped(short_name(run)),
            no_features=NO_FEATURES,
        )
    if not is_of_set(run, catalog):
        learned = markdown_escaped(run.load_facts().get("data", {}).get("name", tr("another set")))
        return tr(
            "The model in use learned from {learned}. The map of this set needs a model that learned from it.",
            learned=learned,
        )
    return ""


def draw_choice(catalog: Catalog) -> None:
    """Say how many X-rays are chosen on the map, with the way back to all; nothing where none are."""
    if chosen := chosen_on_map(catalog):
        st.markdown(
            tr_many(
                "{number:,} of {x_rays} is chosen on the map",
                "{number:,} of {x_rays} are chosen on the map",
                len(chosen),
                x_rays=pluralize(catalog.num_films, "X-ray"),
            ),
            width="content",
        )
        st.button(tr("Clear the map"), key="browse_map_clear", on_click=_clear, icon=":material/deselect:")


def _draw_chart(catalog: Catalog, known_map: FeatureMap, filtered: pd.Series) -> None:
    colour_by, pictures = _draw_settings(catalog, known_map)
    chosen, shown = chosen_on_map(catalog), set(filtered.tolist())
    figure = map_figure(known_map, colour_by=colour_by, bright=shown & chosen if chosen else shown, pictures=pictures)
    if is_phone():
        # A finger scrolls the page until it has chosen a tool (style.css).
        figure.update_layout(dragmode="pan")
    st.plotly_chart(
        figure,
        key=_CHART,
        on_select=lambda: take_selection(catalog, known_map),
        selection_mode=("lasso", "box", "points"),
        config=_TOOLS,
        alt=describe_map(known_map, colour_by=colour_by),
    )
    st.caption(
        tr(
            "Choose the lasso or the box above the map, then draw around X-rays, and the page shows these alone. The "
            "map needs a mouse or a finger; from the keyboard, the filters below choose by the same properties."
        )
        if is_phone()
        else tr(
            "Draw around X-rays, and the page shows these alone. The map needs a mouse or a finger; from the "
            "keyboard, the filters below choose by the same properties."
        )
    )
    st.caption(map_caption(known_map, colour_by=colour_by))
    if known_map.num_films < catalog.num_films:
        st.caption(
            tr_many(
                "{number:,} X-ray of the set is not on the map: the model in use kept no features of it.",
                "{number:,} X-rays of the set are not on the map: the model in use kept no features of them.",
                catalog.num_films - known_map.num_films,
            )
        )


def take_selection(catalog: Catalog, known_map: FeatureMap) -> None:
    """Turn what was drawn around into a filter (to be called by the chart)."""
    points = st.session_state[_CHART]["selection"]["points"]
    choose_on_map(catalog, chosen_files(known_map, points))
    show_grid()


def is_phone() -> bool:
    """Whether the browser says that it is on a telephone or a tablet."""
    agent = st.context.headers.get("User-Agent", "")
    return "Mobi" in agent or "Android" in agent


def _draw_settings(catalog: Catalog, known_map: FeatureMap) -> tuple[str, dict[str, bytes]]:
    """Draw what the map is coloured by and whether it shows pictures; return the colour and the pictures by file."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        colour_by = draw_bound(
            st.selectbox,
            tr("Colour by"),
            known_map.offered,
            format_func=tr,
            key="browse_map_colour",
            default=known_map.offered[0],
            width=220,
        )
        wants_pictures = known_map.num_films <= MOST_PICTURES and st.toggle(
            tr("Small pictures"), key="browse_map_pictures", bind="query-params"
        )
    files = list(known_map.films["file"]) if wants_pictures else []
    found = zip(files, current_thumbnails(catalog, files, side=PICTURE_SIDE), strict=True)
    return colour_by or CLASS, {file: picture for file, picture in found if isinstance(picture, bytes)}


def _clear() -> None:
    forget_choice()
    show_grid()
