"""The filters of Browse: one list of choices for each thing films differ in, kept in the address of the page."""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache, partial

import pandas as pd
import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.flags import flag_table, with_groups
from covidlab.data.words import value_text
from covidlab.language import tr, tr_lazy
from covidlab.ui.browse.map_choice import forget_choice
from covidlab.ui.shared.bound import draw_bound

FLAG_FILTER = "browse_flag"
# Not a list but a text: a part of the file's name.
FILE_SEARCH = "browse_file"
# The browser goes through all options of a list at every click: thousands of patients would cost it a tenth of a second.
MOST_LISTED = 200
_PAGER = "browse_pager"
# Widget key (which is also the name in the address): label, column.
FILTERS = {
    "browse_class": (tr_lazy("Class (folder)"), "class"),
    "browse_finding": (tr_lazy("Finding"), "finding"),
    "browse_view": (tr_lazy("View"), "view_position"),
    "browse_age_group": (tr_lazy("Age group"), "age_group"),
    "browse_size": (tr_lazy("Size (longer side)"), "size_group"),
    "browse_colour": (tr_lazy("Colour mode"), "colour_mode"),
    "browse_patient": (tr_lazy("Patient"), "patient_id"),
    FLAG_FILTER: (tr_lazy("Flag"), ""),
}
_HELP = {
    "browse_class": tr_lazy(
        "The folder an X-ray lies in. In the curated set `normal` holds the non-COVID X-rays, many with pneumonia."
    ),
    "browse_view": tr_lazy(
        "PA: taken from behind; AP: from the front. Text printed on an X-ray counts more than its metadata."
    ),
    "browse_colour": tr_lazy("How the file is stored: a grey picture may be kept in three colour channels (RGB)."),
    FLAG_FILTER: tr_lazy(
        "Properties to check: an X-ray contradicts its set or class, shows text or arrows, or shares its "
        "patient with another."
    ),
}


def chosen_files(catalog: Catalog) -> pd.Series:
    """Draw the filters and return the files of the films that pass all of them; choices within one filter are alternatives.

    Files only, Series of str with the index of ``catalog.films``: of 50,000 whole rows the copy would take a tenth of a click.
    """
    offered = filter_options(catalog)
    st.text_input(
        tr("File name"),
        key=FILE_SEARCH,
        bind="query-params",
        type="search",
        placeholder=tr("A part of the name"),
        max_chars=200,
        on_change=show_grid,
    )
    choices = {FILE_SEARCH: _asked_name()}
    with st.grid(min_column_width=150, gap=12, key="filters"):
        for key, options in offered.items():
            listed = listed_options(catalog, key)
            whole = len(listed) == len(options)
            rest = tr(
                "The list holds the {num_listed} with the most X-rays, of {num_options:,}. Type any other.",
                num_listed=len(listed),
                num_options=len(options),
            )
            choices[key] = draw_bound(
                st.multiselect,
                tr(FILTERS[key][0]),
                listed,
                format_func=partial(option_name, key),
                name_of=str.__str__,
                key=key,
                default=[],
                help=tr(_HELP[key]) if whole and key in _HELP else None if whole else rest,
                placeholder=tr("All") if whole else tr("Choose or type"),
                accept_new_options=not whole,
                on_change=show_grid,
            )
    files, kept = catalog.films["file"], passing(catalog, choices)
    return files if kept.all() else files[kept]


def option_name(key: str, value: str) -> str:
    """Return a value of a filter as people read it; folders and patients are called what they are."""
    return value if key in ("browse_class", "browse_patient") else value_text(value)


# Every click asks; a catalog never changes.
@lru_cache(maxsize=2)
def filter_options(catalog: Catalog) -> dict[str, list[str]]:
    """What can be chosen in each filter, by its key; a filter that would not tell films apart is left out."""
    films = with_groups(catalog)
    offered = {key: sorted(films[column].unique()) for key, (_, column) in FILTERS.items() if column}
    if not catalog.patients_known:
        del offered["browse_patient"]
    offered = {key: options for key, options in offered.items() if len(options) > 1}
    flags = [label for label in flag_table(catalog).columns if flag_table(catalog)[label].any()]
    return offered | ({FLAG_FILTER: flags} if flags else {})


@lru_cache(maxsize=16)
def listed_options(catalog: Catalog, key: str) -> list[str]:
    """What a filter lists: all it offers, or of very many those with the most films, in order."""
    options = filter_options(catalog)[key]
    if len(options) <= MOST_LISTED:
        return options
    return sorted(with_groups(catalog)[FILTERS[key][1]].value_counts().index[:MOST_LISTED])


def current_choices() -> dict[str, list[str]]:
    """What is chosen now in each filter, by its key; to be asked once the filters are drawn."""
    return {FILE_SEARCH: _asked_name(), **{key: list(st.session_state.get(key) or []) for key in FILTERS}}


def passing(
    catalog: Catalog, choices: Mapping[str, Collection[str]], *, leaving_out: Collection[str] = ()
) -> pd.Series:
    """Which films pass the chosen filters, Series of bool as ``catalog.films``.

    Parameters
    ----------
    choices : chosen values by key of a filter, of FILE_SEARCH parts of the name; none means all
    leaving_out : keys of filters that are not asked
    """
    films = with_groups(catalog)
    kept = pd.Series(True, index=films.index)
    for key, chosen in choices.items():
        if not chosen or key in leaving_out:
            continue
        if key == FILE_SEARCH:
            for part in chosen:
                kept &= films["file"].str.contains(part, case=False, regex=False)
            continue
        kept &= (
            flag_table(catalog)[list(chosen)].any(axis=1) if key == FLAG_FILTER else films[FILTERS[key][1]].isin(chosen)
        )
    return kept


def _asked_name() -> list[str]:
    """The part of a file name that is asked for; none where nothing is."""
    asked = str(st.session_state.get(FILE_SEARCH) or "").strip()
    return [asked] if asked else []


def clear_filters() -> None:
    """Forget every choice (to be called from a button)."""
    # The browser draws anew what is set, and once more when it no longer is: only what holds a choice.
    for key in FILTERS:
        if st.session_state.get(key):
            st.session_state[key] = []
    if st.session_state.get(FILE_SEARCH):
        st.session_state[FILE_SEARCH] = ""
    forget_choice()
    show_grid()


def open_film(file: str) -> None:
    """Put a film into the address, which shows it large."""
    st.query_params["film"] = file


def draw_pager(page: int, num_pages: int) -> None:
    """Draw the way to the other pages of films; a turn puts its page into the address."""
    # The address has the say: a filter, or the way back from a film, may have changed the page since.
    st.session_state[_PAGER] = page
    st.pagination(num_pages, key=_PAGER, on_change=_turn_page)


def show_films_of_page() -> None:
    """Go back from one film to the page of films it was opened from."""
    st.query_params.pop("film", None)


def show_grid() -> None:
    """Go to the first page of films."""
    for name in ("film", "page"):
        st.query_params.pop(name, None)


def files_of_page(files: pd.Series, *, size: int) -> tuple[pd.Series, int, int]:
    """Films of the page that the address asks for, its number and the number of pages; any other number is mended."""
    num_pages = -(-len(files) // size)
    asked = st.query_params.get("page", "1")
    page = min(int(asked), num_pages) if asked.isdecimal() and int(asked) > 0 else 1
    if asked != str(page):
        _put_page(page)
    return files.iloc[(page - 1) * size : page * size], page, num_pages


def film_steps(file: str, neighbours: Sequence[str]) -> None:
    """Draw the way from one film back to all, to the one before and to the one after; the last is followed by the first."""
    position = neighbours.index(file)
    with st.container(horizontal=True, vertical_alignment="center", key="film_steps"):
        st.button(tr("All X-rays"), on_click=show_films_of_page, icon=":material/grid_view:", shortcut="Esc")
        before, after = neighbours[position - 1], neighbours[(position + 1) % len(neighbours)]
        st.button(tr("Previous"), on_click=open_film, args=(before,), icon=":material/chevron_left:", shortcut="Left")
        st.button(
            tr("Next"),
            on_click=open_film,
            args=(after,),
            icon=":material/chevron_right:",
            icon_position="right",
            shortcut="Right",
        )
        st.markdown(
            tr("X-ray {position:,} of {num_neighbours:,}", position=position + 1, num_neighbours=len(neighbours)),
            width="content",
        )


def _turn_page() -> None:
    _put_page(st.session_state[_PAGER])


def _put_page(page: int) -> None:
    """Put a page into the address; the first page needs none."""
    if page == 1:
        st.query_params.pop("page", None)
    else:
        st.query_params["page"] = page
