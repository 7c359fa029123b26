"""The table in which a person changes single X-rays before they are added: whether, as which class, of which patient."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from covidlab.data.layouts import Layout
from covidlab.imaging.encode import data_address
from covidlab.intake.adding import Candidate, class_folder, classes_there
from covidlab.language import tr
from covidlab.text import one_line, pluralize
from covidlab.ui.curate.understood import UnderReview

# A picture in the table is about 6 kB; with more X-rays it would weigh more than the page.
MAX_PICTURES = 300
_KNOWN = "adding_known_classes"


def change_single_films(
    waiting: UnderReview, layout: Layout, films: Sequence[Candidate]
) -> tuple[dict[str, str], dict[str, str]]:
    """Draw the classes and the table; return class and patient, by name, of the X-rays that will be added."""
    num_without = sum(film.name not in layout.classes for film in films)
    # An answer gives them their class: nobody should give it one by one.
    asks_here = num_without and not layout.open_questions
    if asks_here:
        st.markdown(
            tr(
                "**{x_rays} without a class.** Choose it here, or for each in the table.",
                x_rays=pluralize(num_without, "X-ray"),
            )
        )
        names, fallback = _choose_classes(waiting, layout)
    with st.expander(tr("Change single X-rays")):
        if not asks_here:
            names, fallback = _choose_classes(waiting, layout)
        doubles = {pair.name for pair in waiting.review.exact}
        table = _draw_table(films, layout, doubles, names, fallback)
    return chosen_films(films, table)


def _choose_classes(waiting: UnderReview, layout: Layout) -> tuple[list[str], str | None]:
    """Draw which classes there are, and which one X-rays without a class get."""
    known = list(dict.fromkeys([*classes_there(waiting.target), *map(class_folder, layout.class_counts)]))
    if st.session_state.get(_KNOWN) != known or "adding_classes" not in st.session_state:
        # An answer has changed what the classes are, or the person has been on another page.
        st.session_state[_KNOWN] = st.session_state["adding_classes"] = known
    classes, otherwise = st.columns(2)
    names = classes.multiselect(
        tr("Classes"),
        list(dict.fromkeys([*known, "covid", "normal"])),
        accept_new_options=True,
        key="adding_classes",
        placeholder=tr("Choose or type"),
        help=tr(
            "Each class is a folder of the set. If no class is called covid, you choose the positive class "
            "when you use the set."
        ),
    )
    fallback = otherwise.selectbox(
        tr("X-rays without a class go to"),
        names,
        index=None,
        key="adding_fallback",
        placeholder=tr("no class: not added"),
    )
    return names, fallback


def _draw_table(
    films: Sequence[Candidate], layout: Layout, doubles: set[str], names: list[str], fallback: str | None
) -> pd.DataFrame:
    understood = [class_folder(layout.classes.get(film.name, "")) for film in films]
    rows = {
        "add": [film.name not in doubles for film in films],
        "name": [one_line(film.name, max_length=120) for film in films],
        "class": [name if name in names else (fallback or None) for name in understood],
        "patient": [film.patient_as(layout.patients) for film in films],
        "size": [f"{film.width} × {film.height}" for film in films],
    }
    config = st.column_config
    columns = {
        "add": config.CheckboxColumn(tr("add"), width=64),
        "name": config.TextColumn(tr("X-ray"), disabled=True),
        "class": config.SelectboxColumn(tr("class"), options=names, width=140),
        "patient": config.TextColumn(
            tr("patient"),
            help=tr("Write the same name for all X-rays of one patient. Leave it empty if the patient is not known."),
            width=140,
        ),
        "size": config.TextColumn(tr("size"), disabled=True, width=100),
    }
    if len(films) <= MAX_PICTURES:
        rows = {"picture": [data_address(film.picture) for film in films], **rows}
        columns = {"picture": config.ImageColumn("", width=64), **columns}
    return st.data_editor(
        pd.DataFrame(rows),
        column_config=columns,
        hide_index=True,
        row_height=56 if "picture" in rows else None,
        key="adding_table",
        alt=tr("The X-rays with the class and the patient of each"),
    )


def chosen_films(films: Sequence[Candidate], table: pd.DataFrame) -> tuple[dict[str, str], dict[str, str]]:
    """Class and patient by name of the films that are ticked and have a class; the table has a row for each film."""
    classes, patients = {}, {}
    for film, row in zip(films, table.to_dict("records"), strict=True):
        if row["add"] and isinstance(row["class"], str) and row["class"]:
            classes[film.name] = row["class"]
            patients[film.name] = row["patient"] if isinstance(row["patient"], str) else ""
    return classes, patients
