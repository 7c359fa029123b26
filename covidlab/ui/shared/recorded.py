"""Runs to show on a page that is no workbench (Home, Present): started with one button, or recorded and played again."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from covidlab.config import TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.errors import CovidLabError, RunError
from covidlab.runs.estimate import estimate
from covidlab.runs.jobs import Job
from covidlab.runs.learning_record import FILMS, PROBABILITIES
from covidlab.runs.status import State
from covidlab.runs.store import Run, RunStore
from covidlab.services import actions
from covidlab.ui.shared.visitor import current_visitor, typed_name

# Of very many runs the newest are looked through.
MOST_LOOKED_AT = 40


def start_run(config: TrainingConfig, catalog: Catalog) -> Run:
    """Return a new run, given to the trainer; raises CovidLabError where it cannot be started."""
    return actions.start_run(
        current_visitor(),
        config,
        fingerprint=catalog.fingerprint,
        expected_seconds=estimate(config, catalog).total,
        name=typed_name(),
    )


def find_run(run_id: str | None) -> Run | None:
    """Return the run of this name, None where there is none (any more), it cannot be read, or it trains no model."""
    with suppress(RunError):
        run = RunStore().get(run_id)
        return None if run.is_damaged() or run.load_job() != Job.TRAIN else run
    return None


def recorded_runs(catalog: Catalog) -> Iterator[Run]:
    """Yield finished runs on this data set of which every epoch can be played, the newest first."""
    return (run for run in RunStore().list()[:MOST_LOOKED_AT] if _is_recorded(run, catalog))


def _is_recorded(run: Run, catalog: Catalog) -> bool:
    if not all((run.path / name).is_file() for name in (FILMS, PROBABILITIES)):
        return False
    with suppress(CovidLabError):
        return run.status().state is State.FINISHED and Path(run.load_config().dataset).absolute() == catalog.root
    return False
