"""Buttons that start an audit or one part of it, and the line that shows how far it is."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from covidlab.audit.settings import AuditConfig
from covidlab.errors import CovidLabError
from covidlab.language import tr
from covidlab.runs.audits import PARTS_FOLDER
from covidlab.runs.status import State
from covidlab.runs.status_text import describe_progress
from covidlab.runs.store import Run, RunStore
from covidlab.services.access import Act
from covidlab.services.actions import start_audit, stop_run
from covidlab.text import markdown_escaped
from covidlab.ui.audit.audited import Audited
from covidlab.ui.audit.continuing import offer_to_continue
from covidlab.ui.shared.permission import allowed, say_why_not
from covidlab.ui.shared.visitor import current_visitor

EVERY_SECONDS = 1.0
_MESSAGE = "audit_message"
_NOTHING: Mapping[str, Any] = {}


def ask_for(
    audited: Audited,
    parts: Sequence[str],
    label: str,
    *,
    key: str,
    expected_seconds: float,
    repeats: int = AuditConfig.repeats,
    other: str | None = None,
    options: Mapping[str, Mapping[str, Any]] = _NOTHING,
    primary: bool = False,
    help: str | None = None,
) -> None:
    """Draw a button that queues an audit of these parts; it cannot be pressed while one of them is asked for already.

    ``options``: by name of the part. ``expected_seconds``: for the queue and the caption of who waits.
    """
    config = AuditConfig(
        parts=tuple(parts),
        repeats=repeats,
        run=audited.run_id,
        other=other,
        options={name: dict(of) for name, of in options.items()},
    )
    st.button(
        label,
        key=key,
        type="primary" if primary else "secondary",
        on_click=_ask,
        args=(audited, config, expected_seconds),
        **allowed(Act.TRAIN, disabled=any(audited.is_asked_for(name) for name in parts), help=help),
    )


def show_messages() -> None:
    """Say why the last button could not do what it says, and why all are off where the visitor may start none."""
    say_why_not(Act.TRAIN)
    if message := st.session_state.pop(_MESSAGE, None):
        st.error(markdown_escaped(tr(message), max_length=400))


def show_active(audited: Audited) -> None:
    """Show the audit under way, with Stop, else the newest one that can go on; the page is drawn anew when a part is done."""
    run = audited.active()
    if run is None:
        offer_to_continue(audited)
    else:
        st.fragment(_show_active, run_every=EVERY_SECONDS)(run.id, _num_done(run))


def _show_active(run_id: str, num_done: int) -> None:
    try:
        run = RunStore().get(run_id)
    except CovidLabError:
        # Deleted meanwhile.
        st.rerun()
    status = run.status()
    if not status.is_active or _num_done(run) != num_done:
        st.rerun()
    bar, stop = st.columns([5, 1], vertical_alignment="center")
    waiting = status.state is State.QUEUED
    text = (
        tr("Waiting for the trainer.")
        if waiting
        else tr("Audit, {describe_progress}", describe_progress=describe_progress(status))
    )
    bar.progress(0.0 if waiting else min(1.0, status.position / max(1, status.epochs)), text=text)
    stop.button(tr("Stop"), key="audit_stop", width="stretch", on_click=_stop, args=(run,), **allowed(Act.STOP, run))


def _num_done(run: Run) -> int:
    return len(list((run.path / PARTS_FOLDER).glob("*.json")))


def _stop(run: Run) -> None:
    try:
        stop_run(current_visitor(), run)
    except CovidLabError as error:
        st.session_state[_MESSAGE] = str(error)


def _ask(audited: Audited, config: AuditConfig, expected_seconds: float) -> None:
    try:
        start_audit(current_visitor(), audited.catalog, config, expected_seconds=expected_seconds)
    except CovidLabError as error:
        st.session_state[_MESSAGE] = str(error)
