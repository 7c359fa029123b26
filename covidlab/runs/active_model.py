"""Which model reads films: that of the run a person chose, else the one that ships with the package."""

from covidlab.files import read_json, write_json
from covidlab.paths import DEFAULT_MODEL, home
from covidlab.runs.store import Run, RunStore


def use_model(run: Run) -> None:
    """Make ``run``'s model the one in use."""
    write_json(home() / "model_in_use.json", {"run_id": run.id})


def model_in_use() -> Run | None:
    """Return the run whose model is in use; the shipped one until somebody chooses, None where it is missing too."""
    usable = runs_with_model()
    chosen = (read_json(home() / "model_in_use.json") or {}).get("run_id")
    return next((run for run in usable if run.id == chosen), next(iter(reversed(usable)), None))


def runs_with_model() -> list[Run]:
    """Return the runs that have a model, the newest first, and at the end the model that ships with the package."""
    runs = [*RunStore().list(), Run(DEFAULT_MODEL)]
    return [run for run in runs if run.model_path.exists() and not run.is_damaged() and not run.status().is_active]
