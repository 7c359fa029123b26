"""Browse as a whole: the filters and, below, a page of X-rays or the one in the address."""

import pandas as pd
import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.flags import flags_by_film
from covidlab.errors import CovidLabError
from covidlab.language import tr
from covidlab.text import markdown_escaped, pluralize, sentence_escaped
from covidlab.ui.about.texts import draw_contents
from covidlab.ui.browse.filters import (
    chosen_files,
    clear_filters,
    current_choices,
    draw_pager,
    files_of_page,
    film_steps,
    open_film,
    show_grid,
)
from covidlab.ui.browse.map_choice import chosen_on_map, passing_map
from covidlab.ui.browse.mapping import draw_choice, draw_map
from covidlab.ui.browse.opened import draw_opened
from covidlab.ui.browse.probing import draw_probe
from covidlab.ui.browse.set_charts import draw_set_charts
from covidlab.ui.shared.cached import prepare_thumbnails
from covidlab.ui.shared.components.film_grid import film_grid
from covidlab.ui.shared.components.into_view import into_view
from covidlab.ui.shared.films import by_day, draw_film_facts, film_name, known_patient
from covidlab.ui.shared.layout import require_catalog
from covidlab.ui.shared.navigation import page_link
from covidlab.ui.shared.unused import draw_unused

FILMS_A_PAGE = 24
# Where the keyboard goes: a number for each card that was opened, and the X-ray that was left for the cards.
_OPENED, _LEFT = "browse_opened_turn", "browse_left"


# A fragment: a filter, a page turn or a click on a film draws this anew, and not the sidebar.
@st.fragment
def browse() -> None:
    """Draw the filters and, below, the films or the one in the address."""
    catalog = require_catalog()
    file = st.query_params.get("film")
    # On top, and in sight while a chart further down is clicked.
    counts = st.container(key="browse_count")
    panels = st.container()
    # A key of its own for each state: an expander keeps the fold of its key, and a film needs the room.
    with st.expander(tr("Filters"), expanded=file is None, key=f"filters_{'all' if file is None else 'film'}"):
        filtered = chosen_files(catalog)
    files = passing_map(catalog, filtered)
    if file is None:
        # After the filters, which the charts follow; a closed panel computes nothing.
        with panels:
            contents = st.expander(
                tr("What the set holds"), key="browse_contents", on_change="rerun", bind="query-params"
            )
            charts = st.expander(tr("Charts of the set"), key="browse_charts", on_change="rerun", bind="query-params")
            telling = st.expander(
                tr("What tells the classes apart"), key="browse_probe", on_change="rerun", bind="query-params"
            )
            mapped = st.expander(tr("Map of features"), key="browse_map", on_change="rerun", bind="query-params")
        with panels:
            draw_unused(catalog)
        if contents.open:
            with contents:
                draw_contents(catalog)
        if charts.open:
            with charts:
                draw_set_charts(catalog)
        if telling.open:
            with telling:
                draw_probe(catalog)
        if mapped.open:
            with mapped:
                draw_map(catalog, filtered)
        with counts:
            draw_count(catalog, files, is_filtered=any(current_choices().values()))
        draw_films(catalog, files)
    elif file in catalog:
        draw_film(catalog, file, files.tolist())
    else:
        st.warning(tr("This set has no X-ray of that name. Received: {file}.", file=markdown_escaped(file)))
        st.button(tr("All X-rays"), on_click=show_grid, icon=":material/grid_view:")


def draw_count(catalog: Catalog, files: pd.Series, *, is_filtered: bool) -> None:
    """Draw how many films pass the filters and are chosen on the map, and the ways back to all."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_count_text(catalog, files), width="content")
        if is_filtered:
            st.button(tr("Clear filters"), on_click=clear_filters, icon=":material/filter_alt_off:")
        draw_choice(catalog)


def _count_text(catalog: Catalog, files: pd.Series) -> str:
    """How many films pass the filters, in Markdown."""
    return tr("**{num_films:,} of {x_rays}**", num_films=len(files), x_rays=pluralize(catalog.num_films, "X-ray"))


def draw_films(catalog: Catalog, files: pd.Series) -> None:
    """Draw a page of the films that pass the filters."""
    if files.empty:
        on_map = tr(" and is chosen on the map") if chosen_on_map(catalog) else ""
        nothing = tr("No X-ray passes all these filters{on_map}. Remove one of them, or clear them all.", on_map=on_map)
        st.info(nothing, icon=":material/search_off:")
        return
    shown, page, num_pages = files_of_page(files, size=FILMS_A_PAGE)
    said, focused = _count_text(catalog, files).strip("*"), st.session_state.pop(_LEFT, "")
    film_grid(catalog, shown.tolist(), key="all", on_open=_open_card, focused=focused, said=said)
    if num_pages > 1:
        draw_pager(page, num_pages)
        prepare_thumbnails(catalog, files.iloc[page * FILMS_A_PAGE : (page + 1) * FILMS_A_PAGE])


def draw_film(catalog: Catalog, file: str, filtered: list[str]) -> None:
    """Draw one film, what is known of it, and the other films of its patient."""
    film = catalog.row(file).to_dict()
    st.session_state[_LEFT] = file
    into_view(str(st.session_state.get(_OPENED, "")), name=film_name(film), key="browse_opened")
    film_steps(file, filtered if file in filtered else catalog.films["file"].tolist())
    picture, facts = st.columns([3, 2], gap="medium")
    with picture:
        try:
            draw_opened(catalog, film)
        except CovidLabError as error:
            st.error(sentence_escaped(error))
    with facts:
        read = {"label": tr("Read this X-ray with the model"), "icon": ":material/radiology:"}
        page_link("pages/4_Predict.py", **read, named={"film": file})
        draw_film_facts(film, flags=flags_by_film(catalog)[file])
    same_patient = catalog.films["patient_id"] == film["patient_id"]
    others = by_day(catalog.films[same_patient & (catalog.films["file"] != file)])
    if len(others):
        shared = tr("of this patient") if known_patient(film) else tr("with the same content")
        st.subheader(f"{pluralize(len(others), 'other X-ray')} {shared}", anchor=False)
        film_grid(catalog, others["file"].tolist(), key="patient", on_open=_open_card, with_days=True)


def forget_left() -> None:
    """Leave the keyboard where it is when the page is opened; to be called before ``browse``, once a run of the whole page."""
    st.session_state.pop(_LEFT, None)


def _open_card(file: str) -> None:
    """Open the X-ray of a card, which is gone then: the keyboard goes with it."""
    st.session_state[_OPENED] = st.session_state.get(_OPENED, 0) + 1
    open_film(file)
