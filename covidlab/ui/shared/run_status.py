"""How far a run of many steps is, or why it ended before its time; nothing of one that has finished."""

import streamlit as st

from covidlab.language import tr
from covidlab.runs.status import State, Status
from covidlab.runs.status_text import describe_failure, describe_progress
from covidlab.text import markdown_escaped


def draw_run_status(status: Status) -> None:
    """Draw a bar for a run that waits or is under way, and a sentence for one that ended before its time."""
    if status.state is State.RUNNING:
        st.progress(min(1.0, status.position / max(1, status.epochs)), text=describe_progress(status))
    elif status.state is State.QUEUED:
        st.progress(0.0, text=tr("Waiting for the trainer."))
    elif status.state is not State.FINISHED:
        st.warning(markdown_escaped(describe_failure(status), max_length=400))
