"""The lab of labels on the page Audit: choose X-rays, flip their labels or drop them, train again, see which patients change."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from covidlab.audit.flips_text import (
    describe_accuracy,
    describe_change,
    describe_patients,
    describe_yardstick,
    patient_rows,
)
from covidlab.language import tr, tr_lazy
from covidlab.text import class_name, markdown_escaped, pluralize, some_of
from covidlab.ui.audit.asking import ask_for
from covidlab.ui.audit.audited import Audited
from covidlab.ui.audit.flips_chart import describe_moves, moves_chart
from covidlab.ui.shared.components.film_grid import film_grid
from covidlab.ui.shared.tables import in_visitors_language

Found = Mapping[str, Any]

_CHOSEN = "audit_flips_chosen"
_FLIP, _DROP = "flip", "drop"
_MARKS = {_FLIP: tr_lazy("label flipped"), _DROP: tr_lazy("dropped")}
# What follows a click on a card.
_NEXT = {None: _FLIP, _FLIP: _DROP, _DROP: None}
_SECONDS = 10.0
_QUIET = {"displayModeBar": False}
_GRID_HEIGHT = 420
# More cards than this make the page slow; then only the X-rays of one class and some of them are offered.
_MOST_CARDS = 120


def draw_flips(audited: Audited) -> None:
    """Draw the section."""
    st.subheader(tr("Change labels"), anchor=False)
    st.markdown(
        tr(
            "Click an X-ray to flip its label, click again to drop it, and a third time to keep it. The "
            "heads then train again on the same folds. The yardstick is what another seed alone changes."
        )
    )
    chosen = _chosen(audited)
    _draw_grid(audited, chosen)
    options = {name: sorted(file for file, what in chosen.items() if what == name) for name in (_FLIP, _DROP)}
    _draw_choice(audited, options)
    part = audited.part("flips", options=options if chosen else None)
    if part is None:
        return
    if part.error:
        st.warning(markdown_escaped(part.error, max_length=400))
        return
    if not chosen:
        _name_changed(part.found)
    _draw_found(part.found)


def _chosen(audited: Audited) -> dict[str, str]:
    """What is to be done, by file, without X-rays that this set does not have."""
    known = set(audited.catalog.films["file"])
    return {file: what for file, what in st.session_state.get(_CHOSEN, {}).items() if file in known}


def _draw_grid(audited: Audited, chosen: Mapping[str, str]) -> None:
    films = audited.catalog.films
    folder = st.segmented_control(
        tr("Class"),
        list(audited.catalog.classes),
        default=audited.catalog.positive_class,
        required=True,
        format_func=class_name,
        key="audit_flips_class",
    )
    shown = films[films["class"] == folder]
    if len(shown) > _MOST_CARDS:
        st.caption(tr("The first {most_cards} of {num_shown:,} X-rays.", most_cards=_MOST_CARDS, num_shown=len(shown)))
    with st.container(height=_GRID_HEIGHT):
        film_grid(
            audited.catalog,
            shown["file"].head(_MOST_CARDS).tolist(),
            key="flips",
            on_open=_turn,
            marks={file: tr(_MARKS[what]) for file, what in chosen.items()},
        )


def _draw_choice(audited: Audited, options: Mapping[str, list[str]]) -> None:
    said = [
        f"{tr(_MARKS[name]).capitalize()}: {some_of([file.rpartition('/')[2] for file in files])}."
        for name, files in options.items()
        if files
    ]
    st.markdown(markdown_escaped(" ".join(said) or tr("Nothing is changed yet."), max_length=400))
    if not said:
        return
    with st.container(horizontal=True):
        ask_for(
            audited,
            ["flips"],
            tr("Train again"),
            key="audit_flips_train",
            expected_seconds=_SECONDS,
            options={"flips": options},
            primary=True,
        )
        st.button(tr("Keep all labels"), key="audit_flips_clear", on_click=_clear)


def _name_changed(found: Found) -> None:
    """Name what was changed when the heads last trained so."""
    said = [
        f"{tr(_MARKS[name]).capitalize()}: {some_of(found[name], most=8)}." for name in (_FLIP, _DROP) if found[name]
    ]
    st.markdown(markdown_escaped(tr("The last result. {said}", said=" ".join(said)), max_length=900))


def _draw_found(found: Found) -> None:
    st.markdown(markdown_escaped(describe_change(found), max_length=600))
    st.markdown(f"**{markdown_escaped(describe_patients(found), max_length=600)}**")
    st.markdown(markdown_escaped(f"{describe_yardstick(found)} {describe_accuracy(found)}", max_length=1200))
    st.plotly_chart(moves_chart(found), key="audit_flips_moves", config=_QUIET, alt=describe_moves(found))
    st.caption(
        tr(
            "A point is a patient. In the grey squares the answer changes. A ring: an X-ray of the patient "
            "was flipped or dropped."
        )
    )
    whom = "patient" if found["num_patients"] else "X-ray"
    with st.expander(
        tr("All {pluralize}, those that move most first", pluralize=pluralize(len(found["patients"]), whom))
    ):
        table = pd.DataFrame(patient_rows(found))
        numbers = table.select_dtypes("float").columns
        shown = in_visitors_language(table.round(2), dict.fromkeys(numbers, ".2f"))
        st.dataframe(shown, hide_index=True, alt=tr("Answers for each patient before and after"))


def _turn(file: str) -> None:
    chosen = dict(st.session_state.get(_CHOSEN, {}))
    chosen[file] = _NEXT[chosen.get(file)]
    st.session_state[_CHOSEN] = {name: what for name, what in chosen.items() if what}


def _clear() -> None:
    st.session_state[_CHOSEN] = {}
