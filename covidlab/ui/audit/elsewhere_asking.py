"""X-rays of another hospital chosen for an audit: a data set that is here, a folder on this machine, or a ZIP file for this once."""

import time
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from covidlab.audit.settings import ELSEWHERE, AuditConfig
from covidlab.config import PRESETS
from covidlab.data.patients import stated_patients
from covidlab.errors import CovidLabError
from covidlab.imaging.sandbox import shared_sandbox
from covidlab.intake.adding import list_datasets
from covidlab.intake.sources import from_zip
from covidlab.intake.visit_files import numbered, write_visit
from covidlab.intake.visit_sources import match_classes, understood
from covidlab.intake.visiting import MOST_XRAYS, KnownXrays, Visit, read_visit
from covidlab.language import tr, tr_lazy
from covidlab.runs.audit_making import audited_config
from covidlab.services.access import Act, require
from covidlab.services.actions import start_audit
from covidlab.text import markdown_escaped, sentence_escaped
from covidlab.ui.audit.asking import ask_for
from covidlab.ui.audit.audited import Audited
from covidlab.ui.shared.permission import allowed
from covidlab.ui.shared.visitor import current_visitor

# About what it takes on two cores with as many X-rays as are taken.
EXPECTED_SECONDS = 60.0
MAX_UPLOAD_MEGABYTES = 500
# Names and pictures of uploads stay in the session of who brought them, by the file that the audit reads.
NAMES_KEY, PICTURES_KEY = "elsewhere_names", "elsewhere_pictures"

_SET, _FOLDER, _ZIP = tr_lazy("A data set that is here"), tr_lazy("A folder on this machine"), tr_lazy("A ZIP file")
_BAR_STEP_SECONDS = 0.2


def draw_choice(audited: Audited) -> None:
    """Draw the three ways to X-rays of another hospital."""
    sets = {name: folder for name, folder in list_datasets() if folder.absolute() != audited.catalog.root}
    ways = [way for way in (_SET, _FOLDER, _ZIP) if way != _SET or sets]
    way = st.segmented_control(
        tr("X-rays of another hospital"), ways, default=ways[0], format_func=tr, key="audit_elsewhere_way"
    )
    if way == _SET:
        _ask_for_set(audited, sets)
    elif way == _ZIP:
        _ask_for_zip(audited)
    else:
        _ask_for_folder(audited)
    st.caption(
        tr(
            "A folder for each class is expected, one of them called {positive_class}; X-rays without the "
            "disease alone will do too. At most about {most_xrays} are drawn, of each class about as many. "
            "Copies of X-rays of the set are left out and counted.",
            positive_class=markdown_escaped(audited.catalog.positive_class),
            most_xrays=MOST_XRAYS,
        )
    )


def _ask_for_set(audited: Audited, sets: Mapping[str, Path]) -> None:
    name = st.selectbox(
        tr("Data set"), list(sets), key="audit_elsewhere_set", width=420, help=tr("Sets are added on the page Curate.")
    )
    _ask(audited, str(sets[name].absolute()) if name in sets else "")


def _ask_for_folder(audited: Audited) -> None:
    folder = st.text_input(
        tr("Folder"), key="audit_elsewhere_folder", placeholder=tr("/path/to/X-rays"), width=420
    ).strip()
    is_there = bool(folder) and Path(folder).expanduser().is_dir()
    if folder and not is_there:
        st.warning(tr("There is no such folder: {folder}.", folder=markdown_escaped(folder, max_length=200)))
    _ask(audited, str(Path(folder).expanduser().absolute()) if is_there else "")


def _ask(audited: Audited, other: str) -> None:
    if other:
        ask_for(
            audited,
            [ELSEWHERE],
            tr("Measure the model on these X-rays"),
            key="audit_elsewhere",
            expected_seconds=EXPECTED_SECONDS,
            other=other,
            primary=True,
        )


def _ask_for_zip(audited: Audited) -> None:
    given = st.file_uploader(
        tr("ZIP file with a folder for each class"),
        type=["zip"],
        max_upload_size=MAX_UPLOAD_MEGABYTES,
        key="audit_elsewhere_zip",
    )
    st.caption(
        tr(
            "Nothing of it is added to a set. For the audit a small picture of each X-ray is written, "
            "without its header and its name, and deleted once it was read. The report keeps the names of "
            "the classes and the numbers."
        )
    )
    pressed = st.button(
        tr("Measure the model on these X-rays"),
        key="audit_elsewhere_zip_start",
        type="primary",
        **allowed(Act.TRAIN, disabled=given is None or audited.is_asked_for(ELSEWHERE)),
    )
    if pressed and given is not None:
        try:
            _submit(audited, _looked_through(audited, given.getvalue(), name=given.name))
        except CovidLabError as error:
            st.error(sentence_escaped(error))
            return
        st.rerun()


def _looked_through(audited: Audited, data: bytes, *, name: str) -> Visit:
    """The X-rays of a ZIP file, decoded with limits; raises CovidLabError where they do not do."""
    catalog = audited.catalog
    brought = from_zip(data, name=name)
    layout = understood(brought)
    match_classes(layout.class_counts, positive_class=catalog.positive_class, set_classes=catalog.classes)
    bar, said = st.progress(0.0, text=tr("Looking through the X-rays")), 0.0

    def show(done: int, total: int) -> None:
        nonlocal said
        if done and time.monotonic() - said >= _BAR_STEP_SECONDS:
            bar.progress(
                done / total, text=tr("Looking through the X-rays: {done:,} of {total:,}", done=done, total=total)
            )
            said = time.monotonic()

    try:
        return read_visit(
            brought,
            layout,
            name="",
            resize=PRESETS[audited_config(catalog, audited.run_id).preset].resize,
            known=KnownXrays(
                sha256s=frozenset(catalog.films["sha256"]),
                patients=frozenset(stated_patients(catalog.films["patient_id"])) - {""},
            ),
            prepare=shared_sandbox().prepare,
            progress=show,
        )
    finally:
        bar.empty()


def _submit(audited: Audited, visit: Visit) -> None:
    visitor = current_visitor()
    require(visitor, Act.TRAIN)
    path = write_visit(visit)
    config = AuditConfig(parts=(ELSEWHERE,), run=audited.run_id, other=str(path))
    start_audit(visitor, audited.catalog, config, expected_seconds=EXPECTED_SECONDS)
    called = numbered(visit.num_films)
    for key, values in ((NAMES_KEY, visit.files), (PICTURES_KEY, visit.pictures)):
        st.session_state.setdefault(key, {})[path.name] = dict(zip(called, values, strict=True))
