"""Runs whose owner died, and runs that fail: how both are written down, whichever engine executes them. No TensorFlow."""

import traceback
from contextlib import suppress
from dataclasses import replace

from covidlab.errors import CovidLabError, RunError, StorageError
from covidlab.language import tr_lazy
from covidlab.runs.jobs import EngineName
from covidlab.runs.status import State, place_of
from covidlab.runs.store import Run

# A run that kills its worker every time is given up, not tried for ever.
MAX_RESUMES = 3


def recover(run: Run, *, engine: EngineName) -> State:
    """Mark a run whose owner died as interrupted, and queue it again where it is one of ``engine``; return its new state.

    A run of a cluster is left to the dispatcher, which alone knows whether a node still works on it.
    """
    if run.load_engine() == EngineName.RAY != engine:
        return State.INTERRUPTED
    with suppress(RunError, StorageError), run.locked():
        status = run.recorded_status()
        if status.state is not State.RUNNING:
            return status.state
        reason = tr_lazy("Interrupted after {place}.", place=place_of(status))
        run.log(reason)
        run.write_status(replace(status, state=State.INTERRUPTED, reason=reason))
        if run.load_engine() != engine or run.is_stop_requested() or not may_resume(run):
            return State.INTERRUPTED
        run.write_status(replace(status, state=State.QUEUED, phase="waiting to resume", reason=reason))
        return State.QUEUED
    return State.RUNNING


def may_resume(run: Run) -> bool:
    """Count one more time that a run is taken up again; return False, and count nothing, where it has been often enough."""
    resumes = run.load_facts().get("resumes", 0)
    if resumes >= MAX_RESUMES:
        return False
    run.update_facts(resumes=resumes + 1)
    return True


def record_failure(run: Run, reason: str) -> None:
    """Write down that a run failed, with what is being handled in its log."""
    with suppress(OSError, CovidLabError):
        run.log(traceback.format_exc())
    # Else a run whose log cannot be written would be taken up again and again.
    with suppress(OSError, CovidLabError):
        run.write_status(replace(run.recorded_status(), state=State.FAILED, phase="", reason=reason))
