"""What can be done with chosen runs: pin one as baseline, delete them."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.runs.names import readable_name, short_name
from covidlab.runs.notes import load_notes
from covidlab.runs.store import Run, RunStore
from covidlab.text import markdown_escaped, pluralize
from covidlab.ui.shared.active_model import visitors_model


def draw_actions(runs: Sequence[Run]) -> None:
    """Draw the menu of what can be done with the chosen runs: pin one as baseline, delete them."""
    ended = [run for run in runs if not run.status().is_active]
    with st.container(horizontal=True, vertical_alignment="center", key="runs_actions"):
        with st.popover("More", icon=":material/more_vert:", key="runs_menu"):
            if len(runs) == 1 and not runs[0].is_damaged():
                _draw_pin(runs[0])
            label = "Delete" if len(ended) < 2 else f"Delete {len(ended)} runs"
            asks_to_delete = st.button(
                label, key="runs_delete", disabled=not ended, icon=":material/delete:", width="stretch"
            )
        if len(ended) < len(runs):
            active = ", ".join(str(run.number) for run in runs if run not in ended)
            st.caption(f"Run {active} waits or trains and cannot be deleted; stop it first.", width="content")
    if asks_to_delete:
        confirm_deletion(ended)
    if message := st.session_state.pop("runs_message", None):
        st.error(markdown_escaped(message, max_length=400))


def _draw_pin(run: Run) -> None:
    if st.query_params.get("baseline") == run.id:
        st.button(
            "Unpin baseline", key="runs_unpin", icon=":material/keep_off:", on_click=_pin, args=("",), width="stretch"
        )
    else:
        st.button(
            "Pin as baseline",
            key="runs_pin",
            icon=":material/keep:",
            on_click=_pin,
            args=(run.id,),
            help="Every run you open is then compared with this one. The choice is part of the address of the page.",
            width="stretch",
        )


def _pin(run_id: str) -> None:
    if run_id:
        st.query_params["baseline"] = run_id
    else:
        st.query_params.pop("baseline", None)


@st.dialog("Delete permanently?", icon=":material/delete:")
def confirm_deletion(runs: Sequence[Run]) -> None:
    """Say what is lost and delete it once that is confirmed."""
    runs = [run for run in runs if run.path.is_dir()]
    if not runs:
        # They are deleted, by this dialog or by another visitor: close it.
        st.rerun()
    in_use = visitors_model()
    st.markdown("\n".join(f"- {what_is_lost(run)}" for run in runs))
    if in_use is not None and in_use.id in {run.id for run in runs}:
        st.markdown(
            f"**The model of run {in_use.number} is the one you use.** Once it is deleted, X-rays are read with the default model "
            "of this server."
        )
    delete, keep = st.columns(2)
    if delete.button(
        "Delete", key="runs_confirm", type="primary", width="stretch", on_click=_delete, args=(runs,)
    ) or keep.button("Keep", key="runs_keep", width="stretch"):
        st.rerun()


def what_is_lost(run: Run) -> str:
    """Return in one sentence, in Markdown, what goes with a run."""
    size = sum(file.stat().st_size for file in run.path.iterdir() if file.is_file())
    weight = f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"
    if run.is_damaged():
        return f"**{short_name(run)}**, damaged: everything in its folder ({weight})."
    epoch = run.recorded_status().epoch
    parts = ["its settings"] + [f"the curves of {pluralize(epoch, 'epoch')}"] * bool(epoch)
    notes = load_notes(run)
    parts += ["its results"] * bool(run.report()) + ["its model"] * run.model_path.exists()
    parts += ["its note and tags"] * bool(notes.note or notes.tags)
    kept = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
    return f"**{markdown_escaped(readable_name(run), max_length=160)}** ({_day(run)}): {kept} ({weight})."


def _delete(runs: Sequence[Run]) -> None:
    refused = []
    for run in runs:
        try:
            RunStore().delete(run.id)
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
        return f"{datetime.fromisoformat(run.load_facts()['created']):%-d %b %Y}"
    except (KeyError, ValueError):
        return "day unknown"
