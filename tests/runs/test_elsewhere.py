"""The newest audit of a model with another hospital: of this model alone, and never one that could not be done."""

from dataclasses import replace

import pytest

from covidlab.audit.settings import AuditConfig
from covidlab.config import TrainingConfig
from covidlab.data.catalog import Catalog, load_catalog
from covidlab.paths import DEFAULT_MODEL
from covidlab.runs.audits import write_part
from covidlab.runs.elsewhere import measured_elsewhere
from covidlab.runs.jobs import Job
from covidlab.runs.status import State
from covidlab.runs.store import Run, RunStore
from tests.audit.elsewhere_found import elsewhere_found


@pytest.fixture
def catalog(make_dataset) -> Catalog:
    return load_catalog(make_dataset())


def audit(catalog: Catalog, *, model: str | None, found: dict | None, fingerprint: str = "") -> Run:
    run = RunStore().create(
        TrainingConfig(dataset=str(catalog.root)),
        job=Job.AUDIT,
        engine="mock",
        fingerprint=fingerprint or catalog.fingerprint,
        asked={"audit": AuditConfig(parts=("elsewhere",), run=model, other="/x").to_dict()},
    )
    write_part(run, "elsewhere", version=1, seconds=1.0, found=found, error="" if found else "No X-rays.")
    run.write_status(replace(run.status(), state=State.FINISHED))
    return run


def test_newest_audit_of_a_run_counts_and_errors_are_passed_over(catalog):
    run = RunStore().create(TrainingConfig(dataset=str(catalog.root)), fingerprint=catalog.fingerprint)
    assert measured_elsewhere(run) is None
    audit(catalog, model=run.id, found={**elsewhere_found(), "num_models": 1})
    audit(catalog, model=run.id, found={**elsewhere_found(), "num_models": 2})
    audit(catalog, model=run.id, found=None)
    audit(catalog, model="another", found={**elsewhere_found(), "num_models": 3})
    assert measured_elsewhere(run)["num_models"] == 2


def test_default_model_has_the_audits_of_its_own_set_alone(catalog):
    default = Run(DEFAULT_MODEL)
    audit(catalog, model=None, found=elsewhere_found())
    assert measured_elsewhere(default) is None
    own = default.load_facts()["data"]["fingerprint"]
    audit(catalog, model=None, found=elsewhere_found(), fingerprint=own)
    assert measured_elsewhere(default)["positive_class"] == "covid"
