"""Audits on disk as their parts leave them, without computing anything."""

from dataclasses import replace
from pathlib import Path

from covidlab.audit.settings import AuditConfig
from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.runs.audits import write_part
from covidlab.runs.jobs import Job
from covidlab.runs.status import State
from covidlab.runs.store import Run, RunStore


def audit_of(dataset: Path, part: str, found: dict | None, *, error: str = "", options: dict | None = None) -> Run:
    """A finished audit of one part."""
    catalog = load_catalog(dataset)
    audit = AuditConfig(parts=(part,), options={part: options} if options else {})
    run = RunStore().create(
        TrainingConfig(dataset=str(catalog.root)),
        job=Job.AUDIT,
        engine="mock",
        fingerprint=catalog.fingerprint,
        asked={"audit": audit.to_dict()},
    )
    write_part(run, part, version=1, seconds=1.0, found=found, error=error)
    run.write_status(replace(run.status(), state=State.FINISHED))
    return run


def metric(value: float, low: float, high: float, n: int) -> dict:
    """A figure as a part keeps it."""
    return {"value": value, "low": low, "high": high, "n": n, "method": "bootstrap over patients"}


def figures(n: int) -> dict:
    """All figures, the same."""
    names = ("accuracy", "sensitivity", "specificity", "precision", "f1", "auc")
    return {name: metric(0.92, 0.81, 0.97, n) for name in names}


def folds_found(dataset: Path) -> dict:
    """What cross-validation could find of a set of 12 X-rays of 6 patients."""
    films = load_catalog(dataset).films
    rows = [
        {
            "file": film.file,
            "class": film[2],
            "patient": film.patient_id,
            "mean": 0.9 - 0.07 * place,
            "lowest": 0.0,
            "highest": 1.0,
            "right": 0.8,
        }
        for place, film in enumerate(films.itertuples())
    ]
    return {
        "repeats": 10,
        "folds": 3,
        "num_films": 12,
        "num_patients": 6,
        "class_patients": {"covid": 3, "normal": 3},
        "positive_class": "covid",
        "figures": figures(12),
        "spread": {"values": [0.9, 0.94], "lowest": 0.9, "highest": 0.94, "sd": 0.028},
        "xrays": rows,
        "one_out": {"heads": 6, "figures": figures(12)},
        "by_image": {
            "accuracies": [1.0, 0.9, 0.9],
            "num_validation": 10,
            "known": {"right": 9, "of": 9},
            "new": {"right": 3, "of": 6},
            "leaks": {"splits": 400, "with_shared_patient": 399, "num_positive": 5.0, "positive_shared": 3.63},
        },
        "permutation": {"value": 0.93, "p": 0.001, "permutations": 999, "by_chance": [0.5, 0.45, 0.62, 0.81]},
    }
