"""All runs as two tables for other programs: a row a run, and a row an epoch of each run. Never an X-ray or a patient."""

from collections.abc import Iterable, Mapping

import pandas as pd

from covidlab.data.patients import are_patients_known
from covidlab.metrics import METRICS
from covidlab.runs.changes import CROSS_VALIDATION, VALIDATION, figures_of
from covidlab.runs.jobs import Job
from covidlab.runs.learning_record import load_crossed
from covidlab.runs.names import data_name, readable_name
from covidlab.runs.notes import load_notes
from covidlab.runs.run_settings import settings_of
from covidlab.runs.store import Run
from covidlab.text import cell_text

_SOURCES = {VALIDATION: "validation", CROSS_VALIDATION: "cross_validated"}
_PARTS = ("value", "low", "high", "n")
# Columns of history.csv under names that a stranger understands.
_HISTORY = {
    "loss": "training_loss",
    "accuracy": "training_accuracy",
    "val_loss": "validation_loss",
    "val_accuracy": "validation_accuracy",
    "val_accuracy_low": "validation_accuracy_low",
    "val_accuracy_high": "validation_accuracy_high",
}
_CROSSED = {
    "accuracy": "cross_validated_accuracy",
    "low": "cross_validated_low",
    "high": "cross_validated_high",
    "lowest": "lowest_of_repeats",
    "highest": "highest_of_repeats",
}
CURVE_COLUMNS = ("run", "epoch", *_HISTORY.values(), *_CROSSED.values())


def runs_csv(runs: Iterable[Run]) -> str:
    """Return a row a run: its name and state, settings, each figure with interval and n, times, note and tags."""
    # Numbers of X-rays stay whole, also beside a run that has none.
    table = pd.DataFrame([_row(run) for run in runs]).map(cell_text).convert_dtypes()
    return table.to_csv(index=False, lineterminator="\n")


def curves_csv(runs: Iterable[Run]) -> str:
    """Return a row an epoch of each run, 0 before learning: the curves of the one split and the cross-validated one.

    What was not measured in an epoch is empty.
    """
    tables = [_curves(run) for run in runs if not run.is_damaged()]
    table = pd.concat(tables) if tables else pd.DataFrame(columns=list(CURVE_COLUMNS))
    return table.to_csv(index=False, lineterminator="\n", float_format="%.6f")


def _row(run: Run) -> dict:
    status = run.status()
    row = {"run": run.number, "id": run.id, "name": readable_name(run), "state": str(status.state)}
    notes = load_notes(run)
    written = {"note": notes.note, "tags": ", ".join(notes.tags)}
    if run.is_damaged():
        return {**row, **written}
    facts, report = run.load_facts(), run.report() or {}
    figures = [_figures(figures_of(run, source), prefix) for source, prefix in _SOURCES.items()]
    return {
        **row,
        "data_set": data_name(run),
        "fingerprint": facts.get("data", {}).get("fingerprint", ""),
        **_counts(facts.get("data", {})),
        **{
            name.replace(" ", "_"): text
            for name, text in settings_of(run).items()
            if name not in ("X-rays", "patients")
        },
        # Of a sweep and an audit these would be trials and parts.
        "epochs_done": status.epoch if run.load_job() == Job.TRAIN else None,
        **{name: value for each in figures for name, value in each.items()},
        "seconds": (report.get("seconds") or {}).get("total"),
        "created": facts.get("created", ""),
        "started": facts.get("started", ""),
        **written,
    }


def _counts(data: Mapping) -> dict[str, int | None]:
    return {
        "num_xrays": data.get("num_films"),
        "num_patients": data.get("num_patients") if are_patients_known(data) else None,
        "num_training": data.get("num_training"),
        "num_validation": data.get("num_validation"),
    }


def _figures(figures: Mapping, prefix: str) -> dict[str, float | None]:
    """Columns as "validation_auc", "validation_auc_low"; the same whatever the run has."""
    return {
        f"{prefix}_{name}" + ("" if part == "value" else f"_{part}"): (figures.get(name) or {}).get(part)
        for name in METRICS
        for part in _PARTS
    }


def _curves(run: Run) -> pd.DataFrame:
    history, crossed = run.history(), load_crossed(run)
    table = history[["epoch", *_HISTORY]].rename(columns=_HISTORY)
    table = table.merge(crossed[["epoch", *_CROSSED]].rename(columns=_CROSSED), on="epoch", how="outer")
    return table.sort_values("epoch").assign(run=run.number)[list(CURVE_COLUMNS)]
