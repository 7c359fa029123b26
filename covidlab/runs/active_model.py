"""Which model reads X-rays: the one chosen, else the default for all.

Whoever runs the server sets the default for all: COVIDLAB_MODEL holds the id of a run (the name of its folder). Without it,
it is the run that version 0.1.0 wrote into model_in_use.json, else the model that ships with the package, else the newest
run's.
"""

import os

from covidlab.errors import ModelError, RunError
from covidlab.files import read_json
from covidlab.language import tr
from covidlab.paths import DEFAULT_MODEL, home
from covidlab.runs.store import Run, RunStore

MODEL_SETTING = "COVIDLAB_MODEL"


def model_in_use(chosen: str | None = None) -> Run | None:
    """Return the run whose model reads X-rays; None where there is no model at all.

    Parameters
    ----------
    chosen : id of the run that somebody has chosen for themselves; the default for all where that has no model (any more)
    """
    written = (read_json(home() / "model_in_use.json") or {}).get("run_id")
    for run_id in (chosen, os.environ.get(MODEL_SETTING), written, DEFAULT_MODEL.name):
        if (run := _run_with_model(run_id)) is not None:
            return run
    return next(iter(runs_with_model()), None)


def check_model_setting() -> None:
    """Raise ModelError where COVIDLAB_MODEL is set to something else than the id of a run with a model."""
    run_id = os.environ.get(MODEL_SETTING)
    if run_id and _run_with_model(run_id) is None:
        raise ModelError(
            tr(
                "{model_setting} names no run with a model. Set it to the name of a folder in {home}, or unset "
                "it. Received: {run_id}.",
                model_setting=MODEL_SETTING,
                home=home() / "runs",
                run_id=run_id,
            )
        )


def runs_with_model() -> list[Run]:
    """Return the runs that have a model, the newest first, and at the end the model that ships with the package."""
    return [run for run in (*RunStore().list(), Run(DEFAULT_MODEL)) if _has_model(run)]


def _run_with_model(run_id: object) -> Run | None:
    """The run of this name where it has a model, without a look at any other run: every page asks several times."""
    if run_id == DEFAULT_MODEL.name:
        run = Run(DEFAULT_MODEL)
    else:
        try:
            run = RunStore().get(run_id)
        except RunError:
            return None
    return run if _has_model(run) else None


def _has_model(run: Run) -> bool:
    return run.model_path.exists() and not run.is_damaged() and not run.status().is_active
