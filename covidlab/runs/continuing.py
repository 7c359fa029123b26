"""A run that has ended before its time goes on: it waits again, and whoever executes it passes over what is done."""

from dataclasses import replace

from covidlab.errors import RunError
from covidlab.language import tr
from covidlab.runs.engines.base import Engine
from covidlab.runs.status import State
from covidlab.runs.store import Run

CAN_CONTINUE = (State.STOPPED, State.INTERRUPTED, State.FAILED)


def continue_run(run: Run, engine: Engine) -> None:
    """Queue a run again and submit it to ``engine``; raises RunError where it has not ended, or has finished."""
    with run.locked():
        status = run.recorded_status()
        if status.state not in (*CAN_CONTINUE, State.RUNNING):
            raise RunError(
                tr(
                    "Only a run that was stopped, interrupted or failed can go on. Received: run {number}, {state}.",
                    number=run.number,
                    state=status.state,
                )
            )
        (run.path / "stop").unlink(missing_ok=True)
        run.update_facts(engine=engine.name)
        run.write_status(replace(status, state=State.QUEUED, phase="waiting to go on", reason=""))
    engine.submit(run)
