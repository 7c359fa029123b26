"""How a model does on X-rays of another hospital, as the newest audit has found it."""

from collections.abc import Mapping
from typing import Any

from covidlab.audit.settings import ELSEWHERE
from covidlab.paths import DEFAULT_MODEL
from covidlab.runs.audits import load_audit, load_part
from covidlab.runs.jobs import Job
from covidlab.runs.store import Run, RunStore


def measured_elsewhere(model: Run) -> Mapping[str, Any] | None:
    """Return what the newest audit of a model with another hospital has found; None where there is none."""
    is_default = model.path == DEFAULT_MODEL
    learned_from = _fingerprint(model, "data")
    for run in RunStore().list():
        if run.load_job() != Job.AUDIT or run.is_damaged():
            continue
        audit = load_audit(run)
        if audit is None or ELSEWHERE not in audit.parts:
            continue
        is_of_model = (
            audit.run == model.id if audit.run else is_default and _fingerprint(run, "dataset") == learned_from
        )
        part = load_part(run, ELSEWHERE) if is_of_model else None
        if part is not None and not part.error:
            return part.found
    return None


def _fingerprint(run: Run, of: str) -> str | None:
    return (run.load_facts().get(of) or {}).get("fingerprint")
