"""Add films: choose files or a folder, see what was found in them, say which class each goes to, add them all at once."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from covidlab.data.selections import MAX_NAME_LETTERS
from covidlab.errors import CovidLabError
from covidlab.imaging.encode import data_address
from covidlab.imaging.sandbox import shared_sandbox
from covidlab.intake.adding import (
    Brought,
    Pair,
    Review,
    add_films,
    classes_there,
    datasets_folder,
    from_files,
    from_folder,
    list_datasets,
    own_dataset,
    review_brought,
)
from covidlab.text import class_name, markdown_escaped, one_line, pluralize, sentence_escaped
from covidlab.ui.shared.catalogs import invalidate

FILE_TYPES = ("jpg", "jpeg", "png", "tif", "tiff", "bmp", "zip", "csv")
MAX_UPLOAD_MEGABYTES = 500
INTO_KEY, NAME_KEY, FILES_KEY, FOLDER_KEY = "adding_into", "adding_name", "adding_files", "adding_folder"

# A picture in the table is about 6 kB; with more films it would weigh more than the page.
_MAX_PICTURES = 300
_MOST_LISTED = 60
_NEW = ""
_UNDER_REVIEW, _DONE, _ROUND = "adding_review", "adding_done", "adding_round"


@dataclass(frozen=True, eq=False)
class UnderReview:
    """Films that were looked through and wait for the person's answers."""

    review: Review
    name: str

    @property
    def target(self) -> Path:
        """Folder of the set they are to be added to."""
        return own_dataset(self.name)


def draw_adding() -> None:
    """Draw the way of films into a data set of the person's own, at the step it has come to."""
    if done := st.session_state.pop(_DONE, None):
        st.success(done)
    waiting = st.session_state.get(_UNDER_REVIEW)
    if waiting is None:
        # Their processes start while the person looks for the files.
        shared_sandbox().warm_up()
        _ask_for_films()
    else:
        _draw_findings(waiting.review)
        _ask_for_classes(waiting)


def _ask_for_films() -> None:
    st.markdown(
        "Add your own X-rays to a data set of your own. covidlab checks them first and adds nothing before "
        "you have seen the result. The files stay on this machine and are copied byte for byte, so remove the names of "
        "patients and the dates from them first."
    )
    turn = st.session_state.setdefault(_ROUND, 0)
    own = [name for name, path in list_datasets() if path.parent == datasets_folder().absolute()]
    name = _ask_for_name(own)
    files = st.file_uploader(
        "X-rays or a ZIP file",
        type=list(FILE_TYPES),
        accept_multiple_files=True,
        max_upload_size=MAX_UPLOAD_MEGABYTES,
        key=f"{FILES_KEY}_{turn}",
        help="In a ZIP with one folder for each class, the folders give the classes. A metadata.csv with the columns file and "
        "patient_id, in the ZIP or beside the X-rays, says which X-rays show the same patient.",
    )
    folder = st.text_input("Or a folder on this machine", key=FOLDER_KEY, placeholder="/path/to/films", width=420)
    ready = bool(name and (files or folder.strip()))
    if st.button("Look through", key="adding_review_start", type="primary", disabled=not ready):
        try:
            target = own_dataset(name)
            given = (
                from_files((file.name, file.getvalue()) for file in files)
                if files
                else from_folder(Path(folder.strip()))
            )
            st.session_state[_UNDER_REVIEW] = UnderReview(_looked_through(given, target), target.name)
        except CovidLabError as error:
            st.error(sentence_escaped(error))
            return
        st.rerun()
    if not ready:
        st.caption("Give the set a name and choose X-rays, a ZIP file or a folder.")


def _ask_for_name(own: list[str]) -> str:
    """Name of the set the films go to; the choice among those present is drawn only where there are any."""
    into, named = st.columns(2) if own else (None, st.container())
    chosen = (
        into.selectbox("Into", [_NEW, *own], key=INTO_KEY, format_func=lambda name: one_line(name) or "a new data set")
        if own
        else _NEW
    )
    if chosen != _NEW:
        return chosen
    return named.text_input(
        "Name of the new data set",
        key=NAME_KEY,
        max_chars=MAX_NAME_LETTERS,
        placeholder="for example: my X-rays",
        width="stretch" if own else 420,
    ).strip()


def _looked_through(given: Brought, target: Path) -> Review:
    bar = st.progress(0.0, text="Looking through the X-rays ...")

    def show(done: int, total: int) -> None:
        bar.progress(done / total, text=f"Looking through the X-rays: {done:,} of {total:,}")

    try:
        return review_brought(given, target=target, progress=show, prepare=shared_sandbox().prepare)
    finally:
        bar.empty()


def _draw_findings(review: Review) -> None:
    st.markdown(f"**{pluralize(len(review.films), 'X-ray')} can be added.** Nothing has been added yet.")
    for sentence in review.sentences:
        st.warning(sentence_escaped(sentence))
    _draw_list("Cannot be read", review.unreadable, ("file", "why"))
    _draw_pairs("The same as another X-ray", review.exact, review, "They are left out unless you tick them below.")
    _draw_pairs(
        "Similar to another X-ray",
        review.near,
        review,
        "A coarse comparison found these: each may be the same X-ray in another size, or only a similar one. If one X-ray "
        "is in training and its copy in validation, the results are too good.",
    )
    patients = [
        (
            found.patient_id,
            pluralize(len(found.names), "new X-ray"),
            pluralize(len(found.there), "X-ray") + " in the set",
        )
        for found in review.same_patient
    ]
    _draw_list("Several X-rays of one patient", patients, ("patient", "here", "there"))
    _draw_list("Unusual size or pixels", review.odd, ("file", "what"))
    _draw_list(
        "Left out: hidden files, masks, links, files not named like images", [(n,) for n in review.left_out], ("file",)
    )
    if not any((review.unreadable, review.exact, review.near, review.same_patient, review.odd)):
        st.caption("No duplicates, no patient with several X-rays, nothing unreadable, no unusual sizes.")


def _draw_list(title: str, rows: Iterable[tuple[str, ...]], columns: tuple[str, ...]) -> None:
    rows = [tuple(one_line(text, max_length=300) for text in row) for row in rows]
    if rows:
        with st.expander(f"{title}: {len(rows):,}"):
            st.dataframe(pd.DataFrame(rows, columns=list(columns)), hide_index=True, alt=title)


def _draw_pairs(title: str, pairs: tuple[Pair, ...], review: Review, explanation: str) -> None:
    if not pairs:
        return
    pictures = {film.name: film.picture for film in review.films}
    with st.expander(f"{title}: {len(pairs):,}", expanded=len(pairs) <= 6):
        st.caption(explanation)
        with st.grid(min_column_width=260, gap=(16, 20)):
            for pair in pairs[:_MOST_LISTED]:
                with st.container():
                    left, right = st.columns(2)
                    there = "in the set" if pair.is_there else "also new"
                    other = (review.pictures_there if pair.is_there else pictures)[pair.other]
                    for column, picture, name, what in (
                        (left, pictures[pair.name], pair.name, "new"),
                        (right, other, pair.other, there),
                    ):
                        column.image(picture, width="stretch", alt=f"{one_line(name)}, {what}")
                        column.caption(f"{markdown_escaped(name, max_length=36)}, {what}")
        if len(pairs) > _MOST_LISTED:
            st.caption(f"And {len(pairs) - _MOST_LISTED:,} more.")


def _ask_for_classes(waiting: UnderReview) -> None:
    review = waiting.review
    if not review.films:
        st.info("There is no X-ray to add.", icon=":material/search_off:")
        st.button("Choose other X-rays", key="adding_cancel", on_click=_cancel)
        return
    suggested = sorted({film.suggested_class for film in review.films if film.suggested_class})
    known = list(dict.fromkeys([*classes_there(waiting.target), *suggested]))
    classes, otherwise = st.columns(2)
    names = classes.multiselect(
        "Classes",
        list(dict.fromkeys([*known, "covid", "normal"])),
        default=known,
        accept_new_options=True,
        key="adding_classes",
        placeholder="Choose or type",
        help="Each class is a folder of the set. If no class is called covid, you choose the positive class when you use the set.",
    )
    fallback = otherwise.selectbox(
        "X-rays without a class go to", names, index=None, key="adding_fallback", placeholder="no class: not added"
    )
    table = _answers(review, names, fallback)
    plan, patients = chosen_films(review, table)
    counts = ", ".join(f"{num:,} to {markdown_escaped(kind)}" for kind, num in sorted(Counter(plan.values()).items()))
    out = len(review.films) - len(plan)
    st.markdown(
        f"**{counts or 'No X-ray is chosen yet'}**" + (f"; {pluralize(out, 'X-ray')} left out." if out else ".")
    )
    with st.container(horizontal=True):
        label = f"Add {pluralize(len(plan), 'X-ray') if plan else 'X-rays'} to {markdown_escaped(waiting.name, max_length=40)}"
        start = st.button(label, key="adding_add", type="primary", disabled=not plan)
        st.button("Cancel", key="adding_cancel", on_click=_cancel)
    if start:
        _add(waiting, plan, patients)


def _answers(review: Review, names: list[str], fallback: str | None) -> pd.DataFrame:
    doubles = {pair.name for pair in review.exact}
    rows = {
        "add": [film.name not in doubles for film in review.films],
        "film": [one_line(film.name, max_length=120) for film in review.films],
        "class": [
            film.suggested_class if film.suggested_class in names else (fallback or None) for film in review.films
        ],
        "patient": [film.patient_id for film in review.films],
        "size": [f"{film.width} × {film.height}" for film in review.films],
    }
    config = st.column_config
    columns = {
        "add": config.CheckboxColumn("add", width=64),
        "film": config.TextColumn("X-ray", disabled=True),
        "class": config.SelectboxColumn("class", options=names, width=140),
        "patient": config.TextColumn(
            "patient",
            help="Write the same name for all X-rays of one patient. Leave it empty if the patient is not known.",
            width=140,
        ),
        "size": config.TextColumn("size", disabled=True, width=100),
    }
    if len(review.films) <= _MAX_PICTURES:
        rows = {"picture": [data_address(film.picture) for film in review.films], **rows}
        columns = {"picture": config.ImageColumn("", width=64), **columns}
    table = pd.DataFrame(rows)
    return st.data_editor(
        table,
        column_config=columns,
        hide_index=True,
        row_height=56 if "picture" in rows else None,
        key="adding_table",
        alt="The X-rays with the class and the patient of each",
    )


def chosen_films(review: Review, table: pd.DataFrame) -> tuple[dict[str, str], dict[str, str]]:
    """Class and patient by name of the films that are ticked and have a class; the table has a row a film of the review."""
    plan, patients = {}, {}
    for film, row in zip(review.films, table.to_dict("records"), strict=True):
        if row["add"] and isinstance(row["class"], str) and row["class"]:
            plan[film.name] = row["class"]
            patients[film.name] = row["patient"] if isinstance(row["patient"], str) else ""
    return plan, patients


def _add(waiting: UnderReview, plan: dict[str, str], patients: dict[str, str]) -> None:
    bar = st.progress(0.0, text="Adding the X-rays ...")

    def show(done: int, total: int) -> None:
        bar.progress(done / total, text=f"Adding the X-rays: {done:,} of {total:,}")

    try:
        added = add_films(waiting.review, waiting.target, plan, patients=patients, progress=show)
        invalidate()
    except CovidLabError as error:
        bar.empty()
        st.error(f"{sentence_escaped(error)} Nothing was added.")
        return
    _cancel()
    st.session_state[_DONE] = done_sentence(waiting.name, len(added), waiting.target)
    st.rerun()


def done_sentence(name: str, num_added: int, target: Path) -> str:
    """Return in Markdown what was added, and what the set still needs before a model can be trained on it."""
    classes = classes_there(target)
    said = f"{pluralize(num_added, 'X-ray')} added to **{markdown_escaped(name)}**."
    if len(classes) < 2:
        only = markdown_escaped(class_name(classes[0])) if classes else "none"
        return f"{said} It has one class so far ({only}); add X-rays of a second one before you use it."
    return f"{said} Choose it in the sidebar to use it."


def _cancel() -> None:
    st.session_state.pop(_UNDER_REVIEW, None)
    # Another uploader, without the files that were taken.
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
