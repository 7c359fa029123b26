"""Which run's model reads films: the one a person chose, else the newest finished one."""

from covidlab.config import home
from covidlab.files import read_json, write_json
from covidlab.runs.store import Run, RunStore


def use_model(run: Run) -> None:
    """Make ``run``'s model the one in use."""
    write_json(home() / "model_in_use.json", {"run_id": run.id})


def model_in_use() -> Run | None:
    """Return the run whose model is in use, or None while there is no model."""
    usable = runs_with_model()
    chosen = (read_json(home() / "model_in_use.json") or {}).get("run_id")
    newest = next((run for run in usable if run.recorded_status().state == "finished"), next(iter(usable), None))
    return next((run for run in usable if run.id == chosen), newest)


def runs_with_model() -> list[Run]:
    """Return the runs that have a model, the newest first."""
    return [
        run
        for run in RunStore().list()
        if run.model_path.exists() and not run.is_damaged and not run.status().is_active
    ]
