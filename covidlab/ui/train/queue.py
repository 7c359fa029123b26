"""The queue of the trainer on Train: who trains, who waits, when each run begins, and a button for one's own."""

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.language import tr
from covidlab.runs.queue import MAX_NAME
from covidlab.runs.store import RunStore
from covidlab.services.access import Act
from covidlab.services.actions import stop_run
from covidlab.services.queue import current_places, rows_of
from covidlab.ui.shared.components.queue_box import queue_box
from covidlab.ui.shared.help import HELP
from covidlab.ui.shared.permission import may_here
from covidlab.ui.shared.visitor import current_visitor, visitor_name


def draw_name() -> None:
    """Draw the name that is kept with the runs of this visitor; it is remembered for the visit and never required."""
    visitor_name(label=tr("Your name in the queue (optional)"), max_length=MAX_NAME, help=HELP["queue name"])


def draw_queue(*, watch: dict[str, str]) -> None:
    """Draw the queue, which the browser keeps fresh; nothing is seen of it where the trainer is idle.

    The page is run again when the server's status differs from the values in ``watch``.
    """
    places = current_places()
    own = [place.run.id for place in places if may_here(Act.STOP, place.run)]
    queue_box(rows_of(places), own=own, watch=watch, on_cancel=_cancel)


def _cancel(run_id: str) -> None:
    """Cancel a run that is this visitor's own; what the browser says is not believed."""
    try:
        run = RunStore().get(run_id)
        stop_run(current_visitor(), run)
    except CovidLabError as error:
        st.session_state["train_message"] = str(error)
