"""What can be done with chosen runs: pin one as baseline, delete them."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.files import bytes_below
from covidlab.language import date_text, tr
from covidlab.runs.archive import has_copy
from covidlab.runs.jobs import Job
from covidlab.runs.names import readable_name, short_name
from covidlab.runs.notes import load_notes
from covidlab.runs.store import Run
from covidlab.services.access import Act, why_not
from covidlab.services.actions import delete_run
from covidlab.text import markdown_escaped, pluralize
from covidlab.ui.shared.active_model import visitors_model
from covidlab.ui.shared.permission import may_here
from covidlab.ui.shared.visitor import current_visitor

PIN, UNPIN, DELETE = "pin", "unpin", "delete"


def draw_actions(runs: Sequence[Run]) -> None:
    """Draw the menu of what can be done with the chosen runs: pin one as baseline, delete those that have ended."""
    ended = [run for run in runs if not run.status().is_active]
    own = [run for run in ended if may_here(Act.DELETE, run)]
    with st.container(horizontal=True, vertical_alignment="center", key="runs_actions"):
        chosen = _draw_menu(runs, own)
        if len(ended) < len(runs):
            active = ", ".join(run.number_text for run in runs if run not in ended)
            st.caption(
                tr("Run {active} waits or is under way and cannot be deleted; stop it first.", active=active),
                width="content",
            )
        if refused := next((run for run in ended if run not in own), None):
            why = why_not(current_visitor(), Act.DELETE, refused)
            st.caption(
                tr("{capitalize} cannot be deleted. {why}", capitalize=short_name(refused), why=why),
                width="content",
            )
    if chosen == DELETE:
        confirm_deletion(own)
    if message := st.session_state.pop("runs_message", None):
        st.error(markdown_escaped(message, max_length=400))


def _draw_menu(runs: Sequence[Run], ended: Sequence[Run]) -> str | None:
    """Draw the menu; nothing where there is nothing to do. Returns what was chosen in it."""
    labels = {}
    if len(runs) == 1 and not runs[0].is_damaged() and runs[0].load_job() != Job.AUDIT:
        if st.query_params.get("baseline") == runs[0].id:
            labels[UNPIN] = tr(":material/keep_off: Unpin this baseline")
        else:
            labels[PIN] = tr(":material/keep: Pin as baseline, and compare it with every run opened")
    if ended:
        labels[DELETE] = (
            tr(":material/delete: Delete")
            if len(ended) < 2
            else tr(":material/delete: Delete {num_ended} runs", num_ended=len(ended))
        )
    if not labels:
        return None
    return st.menu_button(
        tr("More"),
        list(labels),
        format_func=labels.get,
        key="runs_menu",
        icon=":material/more_vert:",
        on_click=_do_chosen,
        args=(runs[0].id,),
    )


def _do_chosen(run_id: str) -> None:
    """Pin or unpin before the page is drawn; what is to be deleted is asked for on the page."""
    chosen = st.session_state["runs_menu"]
    if chosen == PIN:
        st.query_params["baseline"] = run_id
    elif chosen == UNPIN:
        st.query_params.pop("baseline", None)


def confirm_deletion(runs: Sequence[Run]) -> None:
    """Say what is lost and delete it once that is confirmed."""
    st.dialog(tr("Delete permanently?"), icon=":material/delete:")(_confirm)(runs)


def _confirm(runs: Sequence[Run]) -> None:
    """What the dialog shows."""
    runs = [run for run in runs if run.path.is_dir()]
    if not runs:
        # They are deleted, by this dialog or by another visitor: close it.
        st.rerun()
    in_use = visitors_model()
    st.markdown("\n".join(f"- {what_is_lost(run)}" for run in runs))
    if in_use is not None and in_use.id in {run.id for run in runs}:
        st.markdown(
            tr(
                "**The model of run {number} is the one you use.** Once it is deleted, X-rays are read with the "
                "default model of this server.",
                number=in_use.number,
            )
        )
    if any(map(has_copy, runs)):
        st.markdown(tr("What was copied to the archive stays there."))
    delete, keep = st.columns(2)
    if delete.button(
        tr("Delete"), key="runs_confirm", type="primary", width="stretch", on_click=_delete, args=(runs,)
    ) or keep.button(tr("Keep"), key="runs_keep", width="stretch"):
        st.rerun()


def what_is_lost(run: Run) -> str:
    """Return in one sentence, in Markdown, what goes with a run."""
    size = bytes_below(run.path)
    weight = tr("{size:.1f} MB", size=size / 1e6) if size >= 1e6 else tr("{size} kB", size=max(1, round(size / 1e3)))
    if run.is_damaged():
        return tr(
            "**{short_name}**, damaged: everything in its folder ({weight}).", short_name=short_name(run), weight=weight
        )
    epoch = run.recorded_status().epoch
    kinds = {
        Job.SWEEP: tr("what {trials} found", trials=pluralize(epoch, "trial")),
        Job.AUDIT: tr("what {parts} found", parts=pluralize(epoch, "part")),
    }
    done = kinds.get(run.load_job(), tr("the curves of {epochs}", epochs=pluralize(epoch, "epoch")))
    parts = [tr("its settings")] + [done] * bool(epoch)
    notes = load_notes(run)
    parts += [tr("its results")] * bool(run.report()) + [tr("its model")] * run.model_path.exists()
    parts += [tr("its note and tags")] * bool(notes.note or notes.tags)
    kept = tr("{parts} and {parts_2}", parts=", ".join(parts[:-1]), parts_2=parts[-1]) if len(parts) > 1 else parts[0]
    return f"**{markdown_escaped(readable_name(run), max_length=160)}** ({_day(run)}): {kept} ({weight})."


def _delete(runs: Sequence[Run]) -> None:
    refused = []
    for run in runs:
        try:
            delete_run(current_visitor(), run)
        except CovidLabError as error:
            refused.append(str(error))
    st.session_state["runs_message"] = " ".join(refused)
    kept = [run_id for run_id in st.query_params.get_all("run") if run_id not in {run.id for run in runs}]
    if kept:
        st.query_params["run"] = kept
    else:
        st.query_params.pop("run", None)


def _day(run: Run) -> str:
    try:
        return date_text(datetime.fromisoformat(run.load_facts()["created"]), with_time=False)
    except (KeyError, ValueError):
        return tr("day unknown")
