"""What people write about a run: a note and tags, edited on the page; and the runs of a tag."""

from collections.abc import Sequence

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.language import tr
from covidlab.runs.notes import LONGEST_NOTE, LONGEST_TAG, MOST_TAGS, all_tags, load_notes
from covidlab.runs.store import Run
from covidlab.services.access import Act
from covidlab.services.actions import write_notes
from covidlab.text import markdown_escaped, sentence_escaped
from covidlab.ui.shared.permission import allowed
from covidlab.ui.shared.visitor import current_visitor

_MESSAGE = "runs_note_message"


def draw_notes(run: Run, runs: Sequence[Run]) -> None:
    """Draw the note and the tags of a run, to be changed and saved; open where there are some."""
    notes = load_notes(run)
    has_notes = bool(notes.note or notes.tags)
    with (
        st.expander(tr("Note and tags"), icon=":material/edit_note:", expanded=has_notes, key=f"runs_notes_{run.id}"),
        st.form(f"runs_note_form_{run.id}", border=False),
    ):
        note = st.text_area(
            tr("Note"),
            notes.note,
            max_chars=LONGEST_NOTE,
            key=f"runs_note_{run.id}",
            placeholder=tr("What was this run for? What did you see?"),
            help=tr("It is kept with the run, for all who use this server. Write nothing about a patient."),
        )
        tags = st.multiselect(
            tr("Tags"),
            sorted({*all_tags(runs), *notes.tags}, key=str.casefold),
            default=list(notes.tags),
            key=f"runs_tags_{run.id}",
            max_selections=MOST_TAGS,
            accept_new_options=True,
            placeholder=tr("Choose or type"),
            help=tr(
                "Short words by which the table can be filtered, at most {longest_tag} characters each.",
                longest_tag=LONGEST_TAG,
            ),
        )
        if st.form_submit_button(tr("Save"), key=f"runs_note_save_{run.id}", **allowed(Act.NOTE, run)):
            _save(run, note, tags)
    if message := st.session_state.pop(_MESSAGE, None):
        st.error(sentence_escaped(message))


def _save(run: Run, note: str, tags: Sequence[str]) -> None:
    try:
        write_notes(current_visitor(), run, note=note, tags=tags)
    except CovidLabError as error:
        st.session_state[_MESSAGE] = str(error)
    else:
        # The table above shows them.
        st.rerun()


def choose_tagged(runs: Sequence[Run]) -> list[Run]:
    """Draw the tags in use and return the runs that have one of those chosen; all runs where none is chosen or in use."""
    tags = all_tags(runs)
    if not tags:
        return list(runs)
    chosen = st.pills(
        tr("Tags"),
        tags,
        selection_mode="multi",
        format_func=markdown_escaped,
        key="runs_tag_filter",
        label_visibility="collapsed",
    )
    tagged = [run for run in runs if set(chosen or ()) & set(load_notes(run).tags)]
    return tagged if chosen else list(runs)
