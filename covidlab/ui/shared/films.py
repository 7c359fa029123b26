"""Film cards and what is known of a film, in plain words."""

from collections.abc import Hashable, Iterable, Mapping
from functools import partial
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from covidlab.data.film_table import NOT_STATED
from covidlab.data.flags import CONTRADICTIONS, FLAGS
from covidlab.data.patients import stated_patient
from covidlab.data.words import value_text
from covidlab.language import tr, tr_lazy
from covidlab.text import class_name, markdown_escaped, one_line

Film = Mapping[Hashable, Any]

_VIEWS = {
    "PA": tr_lazy("PA (taken from behind)"),
    "AP": tr_lazy("AP (taken from the front)"),
    "LATERAL": tr_lazy("lateral (taken from the side)"),
}
_SEXES = {"M": tr_lazy("male"), "F": tr_lazy("female")}
_YES, _NO = tr_lazy("yes"), tr_lazy("no")
_ANSWERS = {"Y": _YES, "N": _NO, "1": _YES, "0": _NO, "Unclear": tr_lazy("unclear")}

_LABELS = {
    "severity_extent_0_8": tr_lazy("Severity, extent (0 to 8)"),
    "severity_opacity_0_6": tr_lazy("Severity, opacity (0 to 6)"),
    "source_url": tr_lazy("Address"),
    "doi": "DOI",
    "location": tr_lazy("Location"),
    "source": tr_lazy("Source"),
    "licence": tr_lazy("Licence"),
    "view_metadata": tr_lazy("View metadata"),
    "mask_source": tr_lazy("Lung mask"),
}

# Where a film comes from, in this order; what is known of the patient and the picture stands apart from it.
_ORIGIN = ("location", "source", "doi", "source_url", "licence", "mask_source")

# Columns that are put into words below, or that say nothing to a person.
_WORDED = {
    *("file", "class", "finding", "patient_id", "age_years", "age_group", "sex", "view_position", "view_metadata"),
    *(
        "view_printed_on_image",
        "rt_pcr_positive",
        "offset_days",
        "intubated",
        "text_on_image",
        "panel_letter_or_caption",
    ),
    *("width", "height", "channels", "bytes", "sha256", "mask", "notes", "synthetic"),
    *("opacity_mask", "shortcut_present"),
}


def film_name(film: Film) -> str:
    """The text that stands for the picture of a film, e.g. "Chest X-ray, class COVID-19, PA, patient cohen-11"."""
    folder = str(film["class"])
    named = class_name(folder, with_folder=folder == "normal")
    view = "" if film["view_position"] == NOT_STATED else f", {value_text(film['view_position'])}"
    who = (
        tr("patient {patient}", patient=patient)
        if (patient := known_patient(film))
        else tr("file {file_name}", file_name=_file_name(film))
    )
    what = tr("Synthetic chest X-ray") if is_synthetic_film(film) else tr("Chest X-ray")
    return one_line(
        tr("{what}, class {named}{view}, {who}", what=what, named=named, view=view, who=who), max_length=160
    )


def known_patient(film: Film) -> str:
    """The patient as stated in metadata.csv, "" where the catalog only knows the film by its content."""
    return stated_patient(film["patient_id"])


def is_synthetic_film(film: Film) -> bool:
    """Whether the film is computed, of no patient."""
    return _text(film, "synthetic") == "1"


def film_facts(film: Film) -> list[tuple[str, str]]:
    """What is known of a film as pairs of label and plain text, what is not stated left out.

    The texts come from files: escape them for the place where they are one_line.
    """
    text = partial(_text, film)
    further = [str(column) for column in film if column not in _WORDED and column not in _ORIGIN]
    return _stated(
        (tr("Class"), class_name(text("class"), with_folder=True)),
        (tr("Synthetic"), _answer(text("synthetic"))),
        (tr("Finding"), value_text(text("finding"))),
        (tr("Patient"), known_patient(film)),
        (tr("Age"), _age(text("age_years"), text("age_group"))),
        (tr("Sex"), _SEXES.get(text("sex"), text("sex"))),
        (tr("View"), _view(text("view_position"), text("view_printed_on_image"), text("view_metadata"))),
        (
            tr("Day"),
            tr("{text}, counted from the first symptoms or the admission", text=text("offset_days"))
            if text("offset_days") and not is_synthetic_film(film)
            else "",
        ),
        (tr("PCR positive"), _answer(text("rt_pcr_positive"))),
        (tr("Intubated"), _answer(text("intubated"))),
        (tr("Notes"), "" if is_synthetic_film(film) else text("notes")),
        (tr("Planted shortcut"), _answer(text("shortcut_present"))),
        (tr("On the X-ray"), text("text_on_image")),
        (tr("Panel letter or caption"), _answer(text("panel_letter_or_caption"))),
        *((_label(column), text(column)) for column in further),
    )


def film_origin(film: Film) -> list[tuple[str, str]]:
    """Where a film comes from and how it is stored, as pairs of label and plain text."""
    origin = [(_label(column), _text(film, column)) for column in _ORIGIN]
    computed = (tr("Computed with"), _text(film, "notes") if is_synthetic_film(film) else "")
    return _stated(*origin, computed, (tr("Picture"), _picture(film)), (tr("File"), _text(film, "file")))


def facts_html(facts: Iterable[tuple[str, str]]) -> str:
    """A definition list of ``film_facts``; every text escaped, web addresses not made into links."""
    items = "".join(f"<div><dt>{escape(label)}</dt><dd>{escape(words)}</dd></div>" for label, words in facts)
    return f'<dl class="film-facts">{items}</dl>'


def flag_badges(flags: Iterable[str]) -> str:
    """Small labels for flags, as Markdown."""
    return " ".join(f":{'orange' if flag in CONTRADICTIONS else 'gray'}-badge[{value_text(flag)}]" for flag in flags)


def draw_film_facts(film: Film, *, flags: Iterable[str]) -> None:
    """Draw the flags of a film, each with the sentence that explains it, and all that is known of the film."""
    for flag in flags:
        st.markdown(f":small[{flag_badges([flag])} {markdown_escaped(FLAGS[flag], max_length=160)}]")
    st.html(facts_html(film_facts(film)))
    with st.expander(tr("Origin and file")):
        st.html(facts_html(film_origin(film)))


def by_day(films: pd.DataFrame) -> pd.DataFrame:
    """Films in order of their day; those without one come last, in their order."""
    if "offset_days" not in films:
        return films
    days = pd.to_numeric(films["offset_days"], errors="coerce")
    return films.loc[days.sort_values(kind="stable", na_position="last").index]


def _text(film: Film, column: str) -> str:
    return str(film.get(column, "")).strip()


def _file_name(film: Film) -> str:
    return str(film["file"]).rpartition("/")[2]


def _stated(*facts: tuple[str, str]) -> list[tuple[str, str]]:
    return [(str(label), one_line(words, max_length=600)) for label, words in facts if words and words != NOT_STATED]


def _answer(letter: str) -> str:
    return str(_ANSWERS.get(letter, letter))


def _age(years: str, group: str) -> str:
    group = value_text(group)
    return tr("{years} years ({group})", years=years, group=group) if years and group else years or group


def _view(position: str, printed: str, recorded: str) -> str:
    words = str(_VIEWS.get(position, position))
    if printed and recorded and not recorded.startswith(printed):
        return tr("{words}, as printed on the X-ray; its metadata says {recorded}", words=words, recorded=recorded)
    return words


def _picture(film: Film) -> str:
    colours = tr("grey") if film["channels"] == 1 else tr("{channels} channels", channels=film["channels"])
    return tr(
        "{width} × {height} pixels, {colours}, {bytes:,.0f} kB",
        width=film["width"],
        height=film["height"],
        colours=colours,
        bytes=film["bytes"] / 1000,
    )


def _label(column: str) -> str:
    words = column.replace("_", " ")
    return _LABELS.get(column) or (words[:1].upper() + words[1:])
