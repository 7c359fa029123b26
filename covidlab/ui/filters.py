"""The filters of Browse: one list of choices for each thing films differ in, kept in the address of the page."""

import pandas as pd
import streamlit as st

from covidlab.data.catalog import Catalog

# Widget key (which is also the name in the address): label, column.
FILTERS = {
    "browse_class": ("Class (folder)", "class"),
    "browse_finding": ("Finding", "finding"),
    "browse_view": ("View", "view_position"),
    "browse_age_group": ("Age group", "age_group"),
    "browse_patient": ("Patient", "patient_id"),
}
_HELP = {
    "browse_class": "The folder a film lies in. In the curated set `normal` holds the non-COVID films, many with pneumonia.",
    "browse_view": "PA: taken from behind; AP: from the front. What is printed on a film counts more than its metadata.",
}


def chosen_films(catalog: Catalog) -> pd.DataFrame:
    """Draw the filters and return the films that pass all of them; choices within one filter are alternatives."""
    films = catalog.films
    kept = pd.Series(True, index=films.index)
    with st.grid(min_column_width=150, gap=12, key="filters"):
        for key, (label, column) in FILTERS.items():
            options = sorted(films[column].unique())
            if len(options) < 2 or (column == "patient_id" and not catalog.patients_known):
                continue
            chosen = st.multiselect(
                label,
                options,
                key=key,
                bind="query-params",
                help=_HELP.get(key),
                placeholder="All",
                on_change=show_grid,
            )
            kept &= films[column].isin(chosen) if chosen else True
    return films[kept]


def clear_filters() -> None:
    """Forget every choice (to be called from a button)."""
    for key in FILTERS:
        if key in st.session_state:
            st.session_state[key] = []
    show_grid()


def open_film(file: str) -> None:
    """Put a film into the address, which shows it large."""
    st.query_params["film"] = file


def turn_page(page: int, key: str) -> None:
    """Put the number chosen in the pager of ``page`` into the address; the first page needs none."""
    # The browser reports an untouched pager once more when it is drawn again: that is no turn.
    if (chosen := st.session_state[key]) == page:
        return
    if chosen == 1:
        st.query_params.pop("page", None)
    else:
        st.query_params["page"] = chosen


def show_films_of_page() -> None:
    """Go back from one film to the page of films it was opened from."""
    st.query_params.pop("film", None)


def show_grid() -> None:
    """Go to the first page of films."""
    for name in ("film", "page"):
        st.query_params.pop(name, None)
