"""An audit that ended before its time goes on: a button for it, and what stands beside the button."""

from functools import partial

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.language import tr
from covidlab.runs.audits import audits_of, load_audit
from covidlab.runs.continuing import CAN_CONTINUE
from covidlab.runs.store import Run
from covidlab.services.actions import go_on, why_not_go_on
from covidlab.text import markdown_escaped
from covidlab.ui.audit.audited import Audited
from covidlab.ui.shared.visitor import current_visitor

_MESSAGE = "audit_continue_message"


def offer_to_continue(audited: Audited) -> None:
    """Say that the newest audit of this model did not come to its end, and let it go on; nothing where it did."""
    run = next((run for run in audits_of(audited.catalog) if _is_of(run, audited)), None)
    if run is None or run.status().state not in CAN_CONTINUE:
        return
    status = run.status()
    with st.container(horizontal=True, vertical_alignment="center", key="audit_unfinished"):
        st.caption(
            markdown_escaped(
                tr(
                    "Run {number}, an audit, has not come to its end. {reason}",
                    number=run.number,
                    reason=tr(status.reason),
                ),
                max_length=400,
            ),
            width="content",
        )
        draw_continue(run, key="audit_continue")


def draw_continue(run: Run, *, key: str) -> None:
    """Draw a button that lets an audit go on; its finished parts are kept. Nothing where it waits, is under way or has finished."""
    if message := st.session_state.pop(_MESSAGE, None):
        st.error(markdown_escaped(tr(message), max_length=400))
    if run.status().state in CAN_CONTINUE:
        st.button(
            tr("Continue this audit"),
            key=key,
            icon=":material/play_arrow:",
            on_click=partial(_continue, run),
            disabled=bool(why := why_not_go_on(current_visitor(), run)),
            help=tr(why) if why else tr("Parts that are done are not computed again."),
        )


def _is_of(run: Run, audited: Audited) -> bool:
    audit = load_audit(run)
    return audit is not None and audit.run == audited.run_id


def _continue(run: Run) -> None:
    try:
        go_on(current_visitor(), run)
    except CovidLabError as error:
        st.session_state[_MESSAGE] = str(error)
