"""Duplicates and leaks on the page Audit: what is twice in the set, and which patients are on both sides of a split."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from covidlab.audit.leaks_text import describe_exact, describe_folds, describe_near, describe_split, patient_rows
from covidlab.language import tr
from covidlab.text import class_name, markdown_escaped, pluralize
from covidlab.ui.audit.asking import ask_for
from covidlab.ui.audit.audited import Audited
from covidlab.ui.shared.cached import current_thumbnails

Found = Mapping[str, Any]

_SECONDS = 3.0
# Patients whose X-rays are shown; the table has all.
_MOST_SHOWN = 3
_WIDTH = 104


def draw_leaks(audited: Audited) -> None:
    """Draw the section."""
    st.subheader(tr("Duplicates and leaks"), anchor=False)
    part = audited.part("leaks")
    if part is None:
        st.markdown(tr("Which X-rays are in the set twice, and which patients are on both sides of a split."))
    ask_for(audited, ["leaks"], tr("Look again") if part else tr("Look"), key="audit_leaks", expected_seconds=_SECONDS)
    if part is None:
        return
    if part.error:
        st.warning(markdown_escaped(part.error, max_length=400))
        return
    _draw_duplicates(part.found)
    for split in part.found["splits"]:
        _draw_split(audited, split)
    if said := describe_folds(part.found):
        st.markdown(markdown_escaped(said, max_length=400))


def _draw_duplicates(found: Found) -> None:
    st.markdown(markdown_escaped(describe_exact(found), max_length=400))
    if found["exact"]:
        st.dataframe(_exact_table(found["exact"]), hide_index=True, alt=tr("X-rays with the same content"))
    st.markdown(markdown_escaped(describe_near(found), max_length=400))
    if found["near"]:
        st.dataframe(_near_table(found["near"]), hide_index=True, alt=tr("X-rays that look alike"))


def _draw_split(audited: Audited, split: Mapping[str, Any]) -> None:
    st.markdown(f"**{markdown_escaped(describe_split(split), max_length=600)}**")
    patients = split.get("patients") or []
    for each in patients[:_MOST_SHOWN]:
        _draw_patient(audited, each)
    if len(patients) > _MOST_SHOWN:
        with st.expander(tr("All {patients} on both sides", patients=pluralize(len(patients), "patient"))):
            st.dataframe(pd.DataFrame(patient_rows(split)), hide_index=True, alt=tr("Patients on both sides"))


def _draw_patient(audited: Audited, each: Mapping[str, Any]) -> None:
    """The X-rays of one patient in training, then those in validation."""
    st.markdown(markdown_escaped(tr("Patient {patient}", patient=each["patient"])))
    known = set(audited.catalog.films["file"])
    shown = [(file, side) for side in ("training", "validation") for file in each[side] if file in known]
    pictures = current_thumbnails(audited.catalog, [file for file, _ in shown])
    with st.container(horizontal=True):
        for (file, side), picture in zip(shown, pictures, strict=True):
            if isinstance(picture, bytes):
                st.image(
                    picture,
                    caption=tr("in training") if side == "training" else tr("in validation"),
                    width=_WIDTH,
                    alt=tr("Chest X-ray {file}", file=file),
                )


def _exact_table(groups: Sequence[Sequence[Mapping[str, str]]]) -> pd.DataFrame:
    rows = [
        {
            tr("Content"): number,
            tr("X-ray"): each["file"],
            tr("Class"): class_name(each["class"]),
            tr("Patient"): each["patient"],
        }
        for number, group in enumerate(groups, start=1)
        for each in group
    ]
    return pd.DataFrame(rows)


def _near_table(pairs: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            tr("X-ray"): [pair["file"] for pair in pairs],
            tr("Looks like"): [pair["other"] for pair in pairs],
            tr("Bits that differ"): [pair["bits"] for pair in pairs],
            tr("Same patient"): [_yes(pair["same_patient"]) for pair in pairs],
            tr("Same class"): [_yes(pair["same_class"]) for pair in pairs],
        }
    )


def _yes(value: bool | None) -> str:
    return tr("not known") if value is None else tr("yes") if value else tr("no")
