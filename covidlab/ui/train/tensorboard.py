"""How to open the curves of a run in TensorBoard, which is no part of the page."""

import streamlit as st

from covidlab.language import tr
from covidlab.runs.store import Run
from covidlab.runs.tensorboard import FOLDER, tensorboard_command


def draw_tensorboard(run: Run) -> None:
    """Draw the command that opens the events of a run; nothing where it has none, as runs of earlier versions."""
    if not (command := tensorboard_command(run.path)):
        return
    with st.expander(tr("Open in TensorBoard")):
        st.markdown(tr("On the machine that runs covidlab, this command serves the curves of all runs at port 6006:"))
        st.code(command, language=None)
        st.caption(tr("The curves of this run stand under {id}/{folder}.", id=run.id, folder=FOLDER))
