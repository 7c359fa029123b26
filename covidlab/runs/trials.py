"""The trials of a sweep on disk: trials.csv, a line a trial, added when it ends. Read by pages; no TensorFlow.

A torn or damaged line is skipped, so that a sweep which goes on does that trial again. Columns are found by the names in the header.
"""

import csv
from collections.abc import Mapping
from contextlib import suppress

from covidlab.evaluation.sweep_space import RUNGS, SETTINGS, Settings, SweepConfig, Trial
from covidlab.files import append_line
from covidlab.runs.store import Run

TRIALS, LANDSCAPE = "trials.csv", "landscape.json"
_RESULTS = ("state", "epochs_done", "accuracy", "low", "high", "loss")
COLUMNS = ("number", *SETTINGS, *_RESULTS, *(f"after_{epoch}" for epoch in RUNGS))


def load_sweep(run: Run) -> SweepConfig | None:
    """Return what a sweep searches, None where a run is no sweep or its ranges cannot be read."""
    with suppress(ValueError, TypeError):
        return SweepConfig.from_dict(run.load_facts().get("sweep"))
    return None


def load_trials(run: Run) -> list[Trial]:
    """Return the trials of a sweep so far, by number; of a trial that was done twice the later line counts."""
    trials = {}
    with suppress(OSError), open(run.path / TRIALS, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            with suppress(KeyError, ValueError, TypeError):
                trial = _trial(row)
                trials[trial.number] = trial
    return [trials[number] for number in sorted(trials)]


def append_trial(run: Run, trial: Trial) -> None:
    """Add a line."""
    run.require_lease()
    path = run.path / TRIALS
    if not path.exists():
        append_line(path, ",".join(COLUMNS))
    append_line(path, ",".join(_texts(trial)))


def _texts(trial: Trial) -> list[str]:
    values = {"number": trial.number, **vars(trial.settings), **{name: getattr(trial, name) for name in _RESULTS}}
    values |= {f"after_{epoch}": value for epoch, value in trial.at_rungs.items()}
    return [_text(values.get(name, "")) for name in COLUMNS]


def _text(value: object) -> str:
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def _trial(row: Mapping[str, str]) -> Trial:
    """The trial of a line; raises where a value is missing, as in a torn one."""
    if None in row.values() or None in row:
        raise ValueError
    return Trial(
        number=int(row["number"]),
        settings=Settings(
            fine_tune=row["fine_tune"],
            learning_rate=float(row["learning_rate"]),
            batch_size=int(row["batch_size"]),
            epochs=int(row["epochs"]),
        ),
        state=row["state"],
        epochs_done=int(row["epochs_done"]),
        accuracy=float(row["accuracy"]),
        low=float(row["low"]),
        high=float(row["high"]),
        loss=float(row["loss"]),
        at_rungs={epoch: float(row[f"after_{epoch}"]) for epoch in RUNGS if row.get(f"after_{epoch}")},
    )
