"""An audit opened on Runs: where it stands, what its parts found, its report to download, and the ways to the page Audit."""

import json

import streamlit as st

from covidlab.audit.settings import AuditConfig
from covidlab.audit.titles import TITLES
from covidlab.errors import CovidLabError
from covidlab.runs.audit_text import audit_lines
from covidlab.runs.audits import load_audit, load_part
from covidlab.runs.names import readable_name
from covidlab.runs.status import State, Status
from covidlab.runs.status_text import describe_progress
from covidlab.runs.store import Run, RunStore
from covidlab.text import markdown_escaped, pluralize
from covidlab.ui.audit.audited import DEFAULT_SETTINGS, MODEL_KEY
from covidlab.ui.audit.continuing import draw_continue
from covidlab.ui.shared.navigation import AUDIT, page_link

_LONGEST = 1000


def draw_audit_run(run: Run) -> None:
    """Draw one audit as it stands, or as it ended."""
    status, audit = run.status(), load_audit(run)
    st.subheader(markdown_escaped(readable_name(run), max_length=160), anchor=False)
    if audit is None:
        st.error("The settings of this audit cannot be read. Start a new one on the page Audit.")
        return
    audited = _audited_run(audit)
    whose = f"run {audited.number}" if audited else "a run that has been deleted" if audit.run else "the default model"
    st.caption(f"It asks what a model with the settings of {whose} learned. It trains no model to use.")
    _draw_status(run, status)
    _draw_found(run, audit)
    with st.container(horizontal=True):
        if audited or not audit.run:
            chosen = readable_name(audited) if audited else DEFAULT_SETTINGS
            page_link(AUDIT, label="Open the page Audit", icon=":material/fact_check:", named={MODEL_KEY: chosen})
        _draw_download(run)


def _draw_status(run: Run, status: Status) -> None:
    if status.state is State.RUNNING:
        st.progress(min(1.0, status.position / max(1, status.epochs)), text=describe_progress(status))
    elif status.state is State.QUEUED:
        st.progress(0.0, text="Waiting for the trainer.")
    elif status.state is not State.FINISHED:
        state = status.state.capitalize()
        text = status.reason if status.reason.startswith(state) else f"{state}. {status.reason}"
        st.warning(markdown_escaped(text, max_length=400))
        draw_continue(run, key=f"audit_continue_{run.id}")


def _draw_found(run: Run, audit: AuditConfig) -> None:
    """The sentences of the report; before there is one, which parts are done."""
    if report := run.report():
        for line in audit_lines(report):
            # A line that is not indented is a heading or of the verdict.
            st.markdown(markdown_escaped(line.strip(), max_length=_LONGEST) if line.strip() else "")
        return
    done = [TITLES[name] for name in audit.parts if load_part(run, name)]
    st.markdown(f"{pluralize(len(done), 'part')} of {len(audit.parts)} done{': ' if done else '.'}{', '.join(done)}")


def _draw_download(run: Run) -> None:
    if report := run.report():
        st.download_button(
            "Download report",
            lambda: json.dumps(report, indent=1),
            f"covidlab-audit-{run.number}.json",
            "application/json",
            key=f"json_audit_{run.id}",
            on_click="ignore",
        )


def _audited_run(audit: AuditConfig) -> Run | None:
    """The run whose settings were audited; None for the default model, or where it has been deleted."""
    try:
        return RunStore().get(audit.run) if audit.run else None
    except CovidLabError:
        return None
