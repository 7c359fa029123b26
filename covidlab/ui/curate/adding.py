"""Add X-rays in three steps on one page: what is this, what is asked, what will be added; then all of them or none."""

import time
from pathlib import Path

import streamlit as st

from covidlab.data.given_names import MAX_NAME_LETTERS
from covidlab.errors import AccessError, CovidLabError
from covidlab.imaging.sandbox import shared_sandbox
from covidlab.intake.adding import (
    Brought,
    Review,
    datasets_folder,
    from_files,
    from_folder,
    list_datasets,
    own_dataset,
    review_brought,
)
from covidlab.language import tr
from covidlab.services.access import Act, why_not
from covidlab.services.sets import why_not_set
from covidlab.text import one_line, sentence_escaped
from covidlab.ui.curate.copying import draw_copying, start_copying
from covidlab.ui.curate.pace import Pace
from covidlab.ui.curate.plan import draw_plan
from covidlab.ui.curate.questions import answers_given, draw_questions, forget_answers
from covidlab.ui.curate.understood import UnderReview, draw_understood
from covidlab.ui.shared.visitor import current_visitor

MAX_UPLOAD_MEGABYTES = 500
INTO_KEY, NAME_KEY, FILES_KEY, FOLDER_KEY = "adding_into", "adding_name", "adding_files", "adding_folder"

_NEW = ""
_UNDER_REVIEW, _ROUND = "adding_review", "adding_round"
_BAR_STEP_SECONDS = 0.1


def draw_adding() -> None:
    """Draw the way of X-rays into a data set of the person's own, at the step it has come to; why not, where they may not."""
    if why := why_not(current_visitor(), Act.ADD):
        st.info(why, icon=":material/lock:")
        return
    if not draw_copying(when_done=_begin_again):
        return
    waiting = st.session_state.get(_UNDER_REVIEW)
    if waiting is None:
        # Their processes start while the person looks for the files.
        shared_sandbox().warm_up()
        _ask_for_films()
    else:
        _draw_steps(waiting)


def _draw_steps(waiting: UnderReview) -> None:
    try:
        layout = waiting.layout(answers_given())
    except CovidLabError as error:
        st.error(sentence_escaped(error))
        st.button(tr("Choose other X-rays"), key="adding_cancel", on_click=_choose_others, args=(waiting,))
        return
    draw_understood(waiting, layout)
    draw_questions(layout.questions)
    plan = draw_plan(waiting, layout)
    with st.container(horizontal=True):
        start = plan is not None and st.button(plan.label, key="adding_add", type="primary", disabled=not plan.is_ready)
        st.button(
            tr("Cancel") if plan else tr("Choose other X-rays"),
            key="adding_cancel",
            on_click=_choose_others,
            args=(waiting,),
        )
    if start:
        try:
            start_copying(waiting, plan)
        except CovidLabError as error:
            st.error(sentence_escaped(error))
            return
        st.rerun()


def _ask_for_films() -> None:
    st.subheader(tr("1. What is this?"), anchor=False)
    st.markdown(
        tr(
            "Add your own X-rays to a data set of your own. covidlab looks first and says what it has "
            "understood; nothing is added before you have seen that. The files stay on this machine and are "
            "copied byte for byte, so remove the names of patients and the dates from them first. Of a DICOM "
            "file the picture is kept, with view, modality, age group and a hash in place of the patient's "
            "id."
        )
    )
    turn = st.session_state.setdefault(_ROUND, 0)
    own = [name for name, path in list_datasets() if path.parent == datasets_folder().absolute()]
    name = _ask_for_name(own)
    # Every kind of file is taken here, so that what is no X-ray is named afterwards.
    files = st.file_uploader(
        tr("X-rays, or ZIP files of folders"),
        accept_multiple_files=True,
        max_upload_size=MAX_UPLOAD_MEGABYTES,
        key=f"{FILES_KEY}_{turn}",
        help=tr(
            "Folders in a ZIP give the classes, or a table in it does. One ZIP for each class works too: its "
            "name is the class. A table with a column for the file and one for the patient says which X-rays "
            "show the same patient."
        ),
    )
    folder = st.text_input(
        tr("Or a folder on this machine"), key=FOLDER_KEY, placeholder=tr("/path/to/X-rays"), width=420
    )
    ready = bool(name and (files or folder.strip()))
    if st.button(tr("Look through"), key="adding_review_start", type="primary", disabled=not ready):
        try:
            target = own_dataset(name)
            if why := why_not_set(current_visitor(), target):
                raise AccessError(why)
            given = (
                from_files((file.name, file.getvalue()) for file in files)
                if files
                else from_folder(Path(folder.strip()))
            )
            review = _looked_through(given, target)
            st.session_state[_UNDER_REVIEW] = UnderReview(brought=given, review=review, name=target.name)
        except CovidLabError as error:
            st.error(sentence_escaped(error))
            return
        st.rerun()
    if not ready:
        st.caption(tr("Give the set a name and choose X-rays, a ZIP file or a folder."))


def _ask_for_name(own: list[str]) -> str:
    """Name of the set the films go to; the choice among those present is drawn only where there are any."""
    into, named = st.columns(2) if own else (None, st.container())
    chosen = (
        into.selectbox(
            tr("Into"), [_NEW, *own], key=INTO_KEY, format_func=lambda name: one_line(name) or tr("a new data set")
        )
        if own
        else _NEW
    )
    if chosen != _NEW:
        return chosen
    return named.text_input(
        tr("Name of the new data set"),
        key=NAME_KEY,
        max_chars=MAX_NAME_LETTERS,
        placeholder=tr("for example: my X-rays"),
        width="stretch" if own else 420,
    ).strip()


def _looked_through(given: Brought, target: Path) -> Review:
    """Review of what was given; a click on Cancel, as on anything else, ends it, since nothing is written."""
    pace, said = Pace(tr("Looking through the X-rays")), 0.0
    bar = st.progress(0.0, text=pace.doing)
    stop = st.empty()
    stop.button(tr("Cancel"), key="adding_stop_looking")

    def show(done: int, total: int) -> None:
        nonlocal said
        if time.monotonic() - said >= _BAR_STEP_SECONDS:
            bar.progress(done / total, text=pace.describe(done, total))
            said = time.monotonic()

    try:
        return review_brought(given, target=target, progress=show, prepare=shared_sandbox().prepare)
    finally:
        bar.empty()
        stop.empty()


def _choose_others(waiting: UnderReview) -> None:
    _begin_again()
    # The same set is most likely meant.
    st.session_state[NAME_KEY] = waiting.name


def _begin_again() -> None:
    forget_answers()
    st.session_state.pop(_UNDER_REVIEW, None)
    # Another uploader, without the files that were taken.
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
