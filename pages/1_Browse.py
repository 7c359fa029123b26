"""Browse: the films of the set, filtered, in pages; one of them large with what is known of it."""

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.ui.films import facts_html, film_facts, film_grid, film_name, film_origin, known_patient
from covidlab.ui.filters import chosen_films, clear_filters, open_film, show_films_of_page, show_grid, turn_page
from covidlab.ui.layout import require_catalog, start_page
from covidlab.ui.readers import current_large_film
from covidlab.ui.words import HELP, counted, markdown_escaped, sentence_escaped

FILMS_A_PAGE = 24

start_page("Browse")
catalog = require_catalog()
file = st.query_params.get("film")
films_of_set = catalog.films.set_index("file", drop=False)

# A key of its own for each state: an expander keeps the fold of its key, and a film needs the room.
with st.expander("Filters", expanded=file is None, key=f"filters_{'all' if file is None else 'film'}"):
    films = chosen_films(catalog)

if file is None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{len(films):,} of {counted(catalog.num_films, 'film')}**", width="content")
        if len(films) < catalog.num_films:
            st.button("Clear filters", on_click=clear_filters, icon=":material/filter_alt_off:")
    if films.empty:
        st.info(
            "No film passes all these filters. Take one of them back, or clear them all.", icon=":material/search_off:"
        )
        st.stop()
    num_pages = -(-len(films) // FILMS_A_PAGE)
    asked = st.query_params.get("page", "1")
    page = min(int(asked), num_pages) if asked.isdecimal() and int(asked) > 0 else 1
    film_grid(catalog, films.iloc[(page - 1) * FILMS_A_PAGE : page * FILMS_A_PAGE], key="all", on_open=open_film)
    if num_pages > 1:
        key = f"browse_page_{page}"
        st.pagination(num_pages, default=page, key=key, on_change=turn_page, args=(page, key))
    st.stop()

if file not in films_of_set.index:
    st.warning(f"This set has no film of that name. Received: {markdown_escaped(file)}.")
    st.button("All films", on_click=show_grid, icon=":material/grid_view:")
    st.stop()

film = films_of_set.loc[file].to_dict()
neighbours = list(films["file"]) if file in set(films["file"]) else list(films_of_set.index)
position = neighbours.index(file)
with st.container(horizontal=True, vertical_alignment="center", key="film_steps"):
    st.button("All films", on_click=show_films_of_page, icon=":material/grid_view:", shortcut="Esc")
    before, after = neighbours[position - 1], neighbours[(position + 1) % len(neighbours)]
    st.button("Previous", on_click=open_film, args=(before,), icon=":material/chevron_left:", shortcut="Left")
    st.button(
        "Next",
        on_click=open_film,
        args=(after,),
        icon=":material/chevron_right:",
        icon_position="right",
        shortcut="Right",
    )
    st.markdown(f"{position + 1:,} of {counted(len(neighbours), 'film')}", width="content")

picture, facts = st.columns([3, 2], gap="medium")
with picture:
    has_mask = bool(film["mask"])
    mask_help = HELP["lung mask"] if has_mask else "There is no lung mask for this film."
    with_mask = st.toggle(
        "Show the lungs", key="browse_mask", bind="query-params", disabled=not has_mask, help=mask_help
    )
    try:
        pixels = current_large_film(catalog, file, with_mask=with_mask and has_mask)
        name = film_name(film) + (", lungs marked" if with_mask and has_mask else "")
        with st.container(key="large_film"):
            st.image(pixels, width="stretch", output_format="JPEG", alt=name)
    except CovidLabError as error:
        st.error(sentence_escaped(error))
with facts:
    st.html(facts_html(film_facts(film)))
    with st.expander("Origin and file"):
        st.html(facts_html(film_origin(film)))

others = catalog.films[(catalog.films["patient_id"] == film["patient_id"]) & (catalog.films["file"] != file)]
if len(others):
    shared = "of this patient" if known_patient(film) else "with the same content"
    st.subheader(f"{counted(len(others), 'other film')} {shared}", anchor=False)
    film_grid(catalog, others, key="patient", on_open=open_film)
