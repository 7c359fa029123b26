"""What a page draws of a run at one moment: how far it is, and its curves with the sentences that say the same.

Computed once a change for all who watch (services.live); the browser draws it (components/live_run.js). No Streamlit.
"""

from base64 import b64decode

import numpy as np
import plotly.graph_objects as go

from covidlab.language import language, tr
from covidlab.runs.status import State
from covidlab.runs.status_text import describe_progress
from covidlab.runs.store import RunStore
from covidlab.services.events import jsonable
from covidlab.services.live import Moment
from covidlab.ui.shared import curves

MEASURES = ("accuracy", "loss")

# By what they were drawn from, the oldest first. One thread draws (services.live).
_DRAWN_KEPT = 16
_drawn: dict[tuple, tuple[dict, dict]] = {}


def draw_moment(moment: Moment) -> dict:
    """Return state, progress, figures and their sentences as JSON."""
    shows_curves = moment.status.is_active or len(moment.history) or len(moment.steps)
    figures, alts = _draw_curves(moment) if shows_curves else ({}, {})
    return {
        "state": page_state(moment.status.state),
        "ended": not moment.status.is_active,
        "progress": progress_of(moment),
        "figures": figures,
        "alts": alts,
    }


def _draw_curves(moment: Moment) -> tuple[dict, dict]:
    """Figures and sentences by measure; those drawn before where no curve has changed, as at most changes of the status."""
    epochs = max(1, moment.status.epochs)
    num_validation = moment.facts.get("data", {}).get("num_validation", 0)
    # The others change nothing of what is drawn.
    steps = curves.drawn_steps(moment.history, moment.steps)
    key = (language(), epochs, num_validation, moment.history.to_numpy().tobytes(), steps.to_numpy().tobytes())
    if key not in _drawn:
        figures, alts = {}, {}
        for measure in MEASURES:
            figure = curves.history_chart(
                moment.history, epochs=epochs, num_validation=num_validation, measure=measure, steps=steps
            )
            figures[measure] = jsonable(figure_values(figure))
            alts[measure] = curves.describe_history(moment.history, measure=measure, num_validation=num_validation)
        while len(_drawn) >= _DRAWN_KEPT:
            _drawn.pop(next(iter(_drawn)), None)
        _drawn[key] = figures, alts
    return _drawn[key]


def page_state(state: State) -> str:
    """Return what a state means for the page: waiting and training are both progress, and follow without a new page."""
    return "active" if state in (State.QUEUED, State.RUNNING) else state.value


def progress_of(moment: Moment) -> dict | None:
    """Return how far an active run is, position in [0, 1] and text; None where that is not known or has ended."""
    status = moment.status
    if status.state is State.RUNNING:
        return {"position": min(1.0, status.position / max(1, status.epochs)), "text": describe_progress(status)}
    if status.state is State.QUEUED:
        first = RunStore(moment.run.path.parent).active()
        is_next = first is None or first.id == moment.run.id
        waits = (
            tr("Waiting for the trainer: its first start takes some seconds.")
            if is_next
            else tr("Waiting for its turn.")
        )
        return {"position": 0.0, "text": waits}
    return None


def figure_values(figure: go.Figure) -> dict:
    """Return a figure as the browser's Plotly takes it, without the template of Streamlit's own charts."""
    values = figure.to_plotly_json()
    values["layout"].pop("template", None)
    return _unpacked(values)


def _unpacked(value: object) -> object:
    """Arrays that Plotly packs as base64 as arrays again, so that a curve that grows is told from one that changes."""
    if isinstance(value, dict):
        if "bdata" in value:
            array = np.frombuffer(b64decode(value["bdata"]), dtype=value["dtype"])
            return array.reshape([int(side) for side in str(value.get("shape", len(array))).split(",")])
        return {name: _unpacked(each) for name, each in value.items()}
    return [_unpacked(each) for each in value] if isinstance(value, list | tuple) else value
