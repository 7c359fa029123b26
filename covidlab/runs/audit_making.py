"""An audit is made: with the settings of which model, and by which engine."""

from dataclasses import replace

from covidlab.audit.settings import AuditConfig
from covidlab.config import TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.errors import UsageError
from covidlab.language import tr
from covidlab.runs.engines.base import Engine
from covidlab.runs.jobs import Job
from covidlab.runs.store import Run, RunStore


def audited_config(catalog: Catalog, run_id: str | None) -> TrainingConfig:
    """Return the settings of a run, or the default ones, for an audit of this data set.

    Raises UsageError where the run learned deeper than its head: an audit trains hundreds of heads.
    """
    settings = RunStore().get(run_id).load_config() if run_id else TrainingConfig(dataset="")
    if settings.fine_tune != "head":
        raise UsageError(
            tr(
                "An audit needs a run that trained the head alone. Choose one. Received: {run_id}, {fine_tune}.",
                run_id=run_id,
                fine_tune=settings.fine_tune,
            )
        )
    own = replace(settings, dataset=str(catalog.root), positive_class=catalog.positive_class)
    return replace(own, start_from=None, keep_split=False)


def submit_audit(catalog: Catalog, audit: AuditConfig, engine: Engine, *, asked: dict) -> Run:
    """Make an audit and submit it; raises CovidLabError where that fails. ``asked``: see ``runs.queue.asked_facts``."""
    run = RunStore().create(
        audited_config(catalog, audit.run),
        job=Job.AUDIT,
        engine=engine.name,
        fingerprint=catalog.fingerprint,
        asked={**asked, "audit": audit.validate().to_dict()},
    )
    engine.submit(run)
    return run
