"""Many films as cards, to be opened with a click: one element of the page, so that a page turn is one message."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.film_table import NOT_STATED
from covidlab.data.flags import CONTRADICTIONS, flags_by_film
from covidlab.data.words import value_text
from covidlab.errors import CovidLabError
from covidlab.imaging.encode import data_address
from covidlab.language import tr
from covidlab.text import class_name, one_line
from covidlab.ui.shared.cached import current_thumbnails
from covidlab.ui.shared.components import page_component
from covidlab.ui.shared.films import Film, film_name, known_patient

_draw_cards = page_component("film_grid")
# What a card says of a film: whole rows, of 31 columns in the curated set, would take five times as long.
_COLUMNS = ("file", "class", "view_position", "patient_id", "synthetic", "offset_days")


def film_grid(
    catalog: Catalog,
    files: Sequence[str],
    *,
    key: str,
    on_open: Callable[[str], None],
    with_days: bool = False,
    marks: Mapping[str, str] | None = None,
    focused: str = "",
    said: str = "",
) -> None:
    """Draw a card for each film; a click, or Enter, calls ``on_open(file)``.

    ``with_days`` names a film by its day instead of its patient, where the day is known. ``marks``: by file, what a card says in place
    of the flags of the film. ``focused``: the file whose card the keyboard goes to, as the one that was open; "" for none.
    ``said``: how many they are, which a screen reader says once it has changed.
    """
    flags = flags_by_film(catalog) if marks is None else {}
    # Shown after a tenth of a second: pictures that are kept are there before.
    with st.spinner(tr("Making thumbnails")):
        cards = [
            film_card(film, picture, flags.get(film["file"], ()), with_day=with_days)
            | ({"flags": _marked(marks, film["file"])} if marks is not None else {})
            for film, picture in zip(catalog.rows(files, _COLUMNS), current_thumbnails(catalog, files), strict=True)
        ]
    key = f"film_grid_{key}"

    def open_film() -> None:
        # The browser says which; a name that the page has not drawn opens nothing.
        if st.session_state[key]["open"] in files:
            on_open(st.session_state[key]["open"])

    _draw_cards(key=key, data={"cards": cards, "focused": focused, "said": said}, on_open_change=open_film)


def _marked(marks: Mapping[str, str], file: str) -> list[dict]:
    return [{"label": marks[file], "strong": True}] if file in marks else []


def film_card(film: Film, picture: bytes | CovidLabError, flags: Iterable[str] = (), *, with_day: bool = False) -> dict:
    """What a card says, as the browser's part of the grid reads it; the texts are plain, not HTML.

    Parameters
    ----------
    picture : the small picture as JPEG, or why there is none
    """
    view = "" if film["view_position"] == NOT_STATED else f" · {film['view_position']}"
    day = str(film.get("offset_days", "")).strip() if with_day else ""
    who = tr("day {day}", day=day) if day else known_patient(film) or str(film["file"]).rpartition("/")[2]
    readable = isinstance(picture, bytes)
    return {
        "file": film["file"],
        "name": film_name(film),
        "kind": one_line(f"{class_name(str(film['class']))}{view}"),
        "who": one_line(who, max_length=24),
        "flags": [{"label": value_text(flag), "strong": flag in CONTRADICTIONS} for flag in flags],
        "picture": data_address(picture) if readable else "",
        "error": "" if readable else one_line(picture, max_length=200),
    }
