"""A set of the person's own that is in use: rename it, or remove it once what goes is confirmed."""

from pathlib import Path

import streamlit as st

from covidlab.data.given_names import MAX_NAME_LETTERS
from covidlab.errors import CovidLabError
from covidlab.intake.adding import list_datasets
from covidlab.intake.sets import clear_removed, describe_removal, is_own
from covidlab.language import tr
from covidlab.runs.store import Run, RunStore
from covidlab.services.sets import remove_set, rename_set, why_not_set
from covidlab.text import markdown_escaped, pluralize, sentence_escaped
from covidlab.ui.shared.catalogs import invalidate
from covidlab.ui.shared.datasets import choose_next, current_folder
from covidlab.ui.shared.visitor import current_visitor

NAME_KEY = "manage_name"
_MESSAGE = "manage_message"


def draw_managing() -> None:
    """Draw, where the set in use is one of the person's own, how to rename and remove it; say what has been done."""
    clear_removed()
    if message := st.session_state.pop(_MESSAGE, None):
        st.success(message)
    folder = current_folder()
    if not is_own(folder):
        return
    with st.expander(tr("Manage this set"), icon=":material/folder_managed:"):
        if active := _active_runs(folder):
            numbers = ", ".join(str(run.number) for run in active)
            st.caption(
                tr(
                    "Run {numbers} waits or trains on this set. Stop it before you rename or remove the set.",
                    numbers=numbers,
                )
            )
        why = why_not_set(current_visitor(), folder)
        is_off = bool(active) or bool(why)
        if why:
            st.caption(f":material/lock: {why}")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            # A key for each set, so that the field holds the name of the set in use.
            name = st.text_input(
                tr("Name of this set"),
                folder.name,
                key=f"{NAME_KEY}_{folder.name}",
                max_chars=MAX_NAME_LETTERS,
                width=320,
                disabled=is_off,
            )
            unchanged = name.strip() in ("", folder.name)
            if st.button(tr("Rename"), key="manage_rename", disabled=unchanged or is_off, help=why or None):
                _rename(folder, name)
            if st.button(
                tr("Remove ..."), key="manage_remove", icon=":material/delete:", disabled=is_off, help=why or None
            ):
                _confirm_removal(folder)
        st.caption(tr("It lies in {folder}.", folder=markdown_escaped(folder, max_length=300)))


def _active_runs(folder: Path) -> list[Run]:
    """Runs that wait for this set or train on it: they would end with an error."""
    wanted = str(folder.absolute())
    return [run for run in RunStore().list() if run.status().is_active and _dataset_of(run) == wanted]


def _dataset_of(run: Run) -> str:
    try:
        return str(Path(run.load_config().dataset).absolute())
    except CovidLabError:
        return ""


def _rename(folder: Path, name: str) -> None:
    try:
        renamed = rename_set(current_visitor(), folder, name)
    except CovidLabError as error:
        st.error(sentence_escaped(error))
        return
    _go_on_with(renamed)
    st.session_state[_MESSAGE] = tr(
        "The data set {name} is now called **{name_2}**. Runs made on it before keep the earlier name.",
        name=markdown_escaped(folder.name),
        name_2=markdown_escaped(renamed.name),
    )
    st.rerun()


def _confirm_removal(folder: Path) -> None:
    st.dialog(tr("Remove this data set?"), icon=":material/delete:")(_ask_for_removal)(folder)


def _ask_for_removal(folder: Path) -> None:
    try:
        removal = describe_removal(folder)
    except CovidLabError:
        # Another visitor has removed it: the page says so.
        st.rerun()
    st.markdown("\n".join(f"- {sentence_escaped(sentence)}" for sentence in removal.sentences()))
    remove, keep = st.columns(2)
    label = tr("Remove {x_rays}", x_rays=pluralize(removal.num_films, "X-ray"))
    confirmed = remove.button(
        label, key="manage_confirm", type="primary", width="stretch", on_click=_remove, args=(folder,)
    )
    if confirmed or keep.button(tr("Keep"), key="manage_keep", width="stretch"):
        st.rerun()


def _remove(folder: Path) -> None:
    said = tr("The data set {name} is removed.", name=markdown_escaped(folder.name))
    try:
        remove_set(current_visitor(), folder)
    except CovidLabError as error:
        said = sentence_escaped(error)
        if folder.is_dir():
            # Nothing has gone, so the pages stay with it.
            st.session_state[_MESSAGE] = said
            return
    _go_on_with(None)
    if list_datasets():
        said += tr(" The pages now use {name}.", name=markdown_escaped(current_folder().name))
    st.session_state[_MESSAGE] = said


def _go_on_with(folder: Path | None) -> None:
    """Let the pages use ``folder``, or the first set there is."""
    choose_next(folder)
    invalidate()
