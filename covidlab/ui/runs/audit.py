"""An audit opened on Runs: where it stands, what its parts found, its report to download, and the ways to the page Audit."""

import json

import streamlit as st

from covidlab.audit.settings import AuditConfig
from covidlab.audit.titles import TITLES
from covidlab.errors import CovidLabError
from covidlab.language import tr
from covidlab.runs.audit_text import sentences_of
from covidlab.runs.audits import load_audit, load_part
from covidlab.runs.names import readable_name
from covidlab.runs.store import Run, RunStore
from covidlab.text import markdown_escaped, seconds_in_words
from covidlab.ui.audit.audited import model_in_address
from covidlab.ui.audit.continuing import draw_continue
from covidlab.ui.shared.navigation import AUDIT, page_link
from covidlab.ui.shared.run_status import draw_run_status

_LONGEST = 1000


def draw_audit_run(run: Run) -> None:
    """Draw one audit as it stands, or as it ended."""
    status, audit = run.status(), load_audit(run)
    st.subheader(markdown_escaped(readable_name(run), max_length=160), anchor=False)
    if audit is None:
        st.error(tr("The settings of this audit cannot be read. Start a new one on the page Audit."))
        return
    audited = _audited_run(audit)
    whose = (
        tr("run {number}", number=audited.number)
        if audited
        else tr("a run that has been deleted")
        if audit.run
        else tr("the default model")
    )
    st.caption(tr("It asks what a model with the settings of {whose} learned. It trains no model to use.", whose=whose))
    with st.container(horizontal=True, vertical_alignment="center", key="audit_run_ways"):
        if audited or not audit.run:
            named = model_in_address(audited)
            page_link(AUDIT, label=tr("Open the page Audit"), icon=":material/fact_check:", named=named)
        _draw_download(run)
    draw_run_status(status)
    draw_continue(run, key=f"audit_continue_{run.id}")
    _draw_verdict(run)
    _draw_parts(run, audit)


def _draw_verdict(run: Run) -> None:
    """What this audit said when it ended; a later one may say something else."""
    if verdict := (run.report() or {}).get("verdict"):
        with st.container(border=True, key="audit_run_verdict"):
            st.markdown(f"**{markdown_escaped(verdict['sentence'], max_length=_LONGEST)}**")
            st.caption(markdown_escaped(verdict["not_established"], max_length=_LONGEST))


def _draw_parts(run: Run, audit: AuditConfig) -> None:
    """What each part found, folded up but for a single one; of a part that is not done that it is not."""
    for name in audit.parts:
        part = load_part(run, name)
        if part is None:
            st.caption(tr("{capitalize}: not done.", capitalize=TITLES[name].capitalize()))
            continue
        sentences = [part.error] if part.error else sentences_of(name, part.found)
        with st.expander(TITLES[name].capitalize(), expanded=len(audit.parts) == 1, key=f"audit_part_{name}"):
            st.markdown("\n".join(f"- {markdown_escaped(text, max_length=_LONGEST)}" for text in sentences))
            st.caption(tr("Computed in {seconds_in_words}.", seconds_in_words=seconds_in_words(part.seconds)))


def _draw_download(run: Run) -> None:
    if report := run.report():
        st.download_button(
            tr("Download report"),
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
