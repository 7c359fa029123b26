"""What a selection leaves of the set, what stands against it, and the list of its decisions."""

from collections import Counter
from functools import partial

import pandas as pd
import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.decisions import Selection, apply_selection, changed_films, missing_films
from covidlab.data.selections import change_decision, selection_path
from covidlab.data.splits import require_two_patients
from covidlab.errors import CovidLabError
from covidlab.language import number_text, tr
from covidlab.text import class_name, markdown_escaped, pluralize, sentence_escaped
from covidlab.ui.curate.film_decision import reason_words
from covidlab.ui.curate.selection_changes import try_to_change


def draw_effect(catalog: Catalog, selection: Selection) -> None:
    """Say what the selection leaves of the set, what stands against it, and list its decisions."""
    st.markdown(describe_selection(catalog, selection))
    try:
        require_two_patients(apply_selection(catalog, selection))
    except CovidLabError as error:
        st.warning(sentence_escaped(error))
    for kind, files, what in (
        ("changed", changed_films(catalog, selection), _about_changed),
        ("missing", missing_films(catalog, selection), _about_missing),
    ):
        if files:
            forget = partial(_forget, catalog, selection.name, files)
            st.warning(what(pluralize(len(files), "X-ray"), markdown_escaped(", ".join(files), max_length=200)))
            st.button(
                tr("Forget the {decisions}", decisions=pluralize(len(files), "decision")),
                key=f"forget_{kind}",
                on_click=forget,
            )
    if selection.decisions:
        with st.expander(tr("{decisions}, with reasons", decisions=pluralize(len(selection.decisions), "decision"))):
            st.dataframe(decisions_table(selection), hide_index=True, alt=tr("The decisions of this selection"))
            path = selection_path(catalog.root, selection.name)
            st.caption(tr("Kept in {path}.", path=markdown_escaped(path, max_length=300)))


def _about_changed(x_rays: str, files: str) -> str:
    return tr("{x_rays} changed since the decision: {files}.", x_rays=x_rays, files=files)


def _about_missing(x_rays: str, files: str) -> str:
    return tr("{x_rays} missing from the folder: {files}.", x_rays=x_rays, files=files)


def describe_selection(catalog: Catalog, selection: Selection) -> str:
    """Return in Markdown how many films are dropped and relabelled, and how many of each class are left."""
    dropped = [file for file in selection.excluded if file in catalog]
    moved = [file for file in selection.relabelled if file in catalog]
    left = Counter(catalog.films["class"].tolist())
    left.subtract(catalog.value(file, "class") for file in (*dropped, *moved))
    left.update(selection.decisions[file].new_class for file in moved)
    kinds = [f"{number_text(left[name])} {markdown_escaped(class_name(name))}" for name in catalog.classes]
    return tr(
        "**{num_dropped:,} dropped, {num_moved:,} relabelled.** {num_left:,} of {x_rays} are left: {kinds}.",
        num_dropped=len(dropped),
        num_moved=len(moved),
        num_left=catalog.num_films - len(dropped),
        x_rays=pluralize(catalog.num_films, "X-ray"),
        kinds=", ".join(kinds),
    )


def decisions_table(selection: Selection) -> pd.DataFrame:
    """Return a row a decision: film, decision, reason."""
    words = {"include": tr("keep"), "exclude": tr("drop")}
    rows = [
        (
            file,
            words.get(made.action, tr("relabel as {class_name}", class_name=class_name(made.new_class))),
            reason_words(made.reason),
        )
        for file, made in sorted(selection.decisions.items())
    ]
    return pd.DataFrame(rows, columns=[tr("X-ray"), tr("decision"), tr("reason")])


def _forget(catalog: Catalog, name: str, files: list[str]) -> None:
    for file in files:
        try_to_change(lambda file=file: change_decision(catalog.root, name, file, None))
