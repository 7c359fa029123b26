"""Curate: which selection is changed, made, undone or deleted; the X-rays stay as they are."""

import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.decisions import Selection
from covidlab.data.given_names import MAX_NAME_LETTERS
from covidlab.data.selections import (
    create_selection,
    delete_selection,
    load_selection,
    selection_names,
    undo_decision,
)
from covidlab.errors import CovidLabError
from covidlab.language import tr
from covidlab.services.access import Act
from covidlab.text import markdown_escaped, one_line, pluralize, sentence_escaped
from covidlab.ui.curate.selection_changes import draw_failure, try_to_change
from covidlab.ui.shared.permission import allowed, say_why_not

SELECTION_KEY = "curate_selection"


def choose_selection(catalog: Catalog) -> Selection | None:
    """Draw the choice among the saved selections and what can be done with one; None where there is none to change."""
    names = selection_names(catalog.root)
    st.markdown(
        tr(
            "A selection records which X-rays to leave out, which to count in another class, and why. It is "
            "saved beside the data under a name, and Train can use it. The X-rays themselves never change."
        )
    )
    draw_failure()
    say_why_not(Act.TRAIN)
    if not names:
        _draw_new(catalog, first=True)
        return None
    with st.container(horizontal=True, vertical_alignment="bottom", key="curate_selections"):
        name = st.selectbox(
            tr("Selection"), names, key=SELECTION_KEY, bind="query-params", format_func=one_line, width=280
        )
        with st.popover(tr("New"), icon=":material/add:"):
            _draw_new(catalog, first=False)
        selection, why_not = _loaded(catalog, name)
        _draw_undo(catalog, selection)
        if st.button(tr("Delete"), key="curate_delete", icon=":material/delete:", **allowed(Act.ADD)):
            _confirm_deletion(catalog, name, selection)
    if why_not:
        st.error(sentence_escaped(why_not))
    return selection


def _draw_new(catalog: Catalog, *, first: bool) -> None:
    with st.form("curate_new", border=False, clear_on_submit=True):
        st.text_input(
            tr("Name of the first selection") if first else tr("Name of the new selection"),
            key="curate_new_name",
            max_chars=MAX_NAME_LETTERS,
            placeholder=tr("for example: without arrows"),
            width=360,
        )
        may = allowed(Act.TRAIN)
        st.form_submit_button(
            tr("Create"), key="curate_create", type="primary", on_click=_create, args=(catalog,), **may
        )


def _create(catalog: Catalog) -> None:
    def create() -> None:
        st.session_state[SELECTION_KEY] = create_selection(catalog.root, st.session_state["curate_new_name"]).name

    try_to_change(create)


def _draw_undo(catalog: Catalog, selection: Selection | None) -> None:
    changes = selection.changes if selection else ()
    st.button(
        tr("Undo"),
        key="curate_undo",
        icon=":material/undo:",
        on_click=lambda: try_to_change(lambda: undo_decision(catalog.root, selection.name)),
        **allowed(
            Act.TRAIN,
            disabled=not changes,
            help=tr("Undoes the last change: {changes}", changes=one_line(changes[-1][0], max_length=60))
            if changes
            else tr("Nothing to undo"),
        ),
    )


def _confirm_deletion(catalog: Catalog, name: str, selection: Selection | None) -> None:
    st.dialog(tr("Delete this selection?"), icon=":material/delete:")(_ask_for_deletion)(catalog, name, selection)


def _ask_for_deletion(catalog: Catalog, name: str, selection: Selection | None) -> None:
    what = (
        tr("its {decisions} with the reasons", decisions=pluralize(len(selection.decisions), "decision"))
        if selection
        else tr("its damaged file")
    )
    st.markdown(
        tr(
            "**{name}**: {what}. The X-rays stay. Runs that used the selection keep their own copy.",
            name=markdown_escaped(name),
            what=what,
        )
    )
    delete, keep = st.columns(2)
    deleted = delete.button(
        tr("Delete"),
        key="curate_delete_confirm",
        type="primary",
        width="stretch",
        on_click=lambda: try_to_change(lambda: _delete(catalog, name), act=Act.ADD),
    )
    if deleted or keep.button(tr("Keep"), key="curate_delete_keep", width="stretch"):
        st.rerun()


def _delete(catalog: Catalog, name: str) -> None:
    delete_selection(catalog.root, name)
    # The address follows by itself: Streamlit refuses to take out a parameter that a widget is bound to.
    st.session_state.pop(SELECTION_KEY, None)


def _loaded(catalog: Catalog, name: str) -> tuple[Selection | None, str]:
    try:
        return load_selection(catalog.root, name), ""
    except CovidLabError as error:
        return None, str(error)
