"""What audits on disk say of a data set and of each model."""

import pytest

from covidlab.audit.settings import AuditConfig
from covidlab.data.catalog import load_catalog
from covidlab.runs.audit_making import submit_audit
from covidlab.runs.audits import verdict_for, verdicts_by_model, write_part
from covidlab.runs.engines.mock import MockEngine
from tests.audit.test_verdict import BLACK, WHOLE, ladder


@pytest.fixture
def catalog(make_dataset):
    return load_catalog(make_dataset())


def audit_with(catalog, found: dict):
    run = submit_audit(catalog, AuditConfig(parts=("ladder", "folds")), MockEngine(), asked={})
    write_part(run, "ladder", version=1, seconds=1.0, found=found["ladder"])
    return run


def test_verdict_is_none_before_an_audit(catalog):
    assert verdict_for(catalog) is None


def test_verdict_is_of_the_newest_ladder(catalog):
    audit_with(catalog, ladder((0.9, 0.8, 0.95), (0.55, 0.41, 0.68), (-0.35, -0.5, -0.2)))
    assert verdict_for(catalog)["case"] == "needed"
    audit_with(catalog, ladder(WHOLE, BLACK, (0.018, -0.05, 0.08)))
    assert verdict_for(catalog)["case"] == "not needed"
    assert list(verdicts_by_model(catalog)) == [None]
    assert verdict_for(catalog, "0001-abcd") is None


def test_verdict_follows_a_ladder_that_is_replaced(catalog):
    run = audit_with(catalog, ladder(WHOLE, BLACK, (0.018, -0.05, 0.08)))
    assert verdict_for(catalog)["case"] == "not needed"
    write_part(run, "ladder", version=1, seconds=1.0, found=ladder(WHOLE, None, None)["ladder"])
    assert verdict_for(catalog)["case"] == "no lungs"
    write_part(run, "ladder", version=1, seconds=1.0, found=None, error="There are too few patients.")
    assert verdict_for(catalog) is None
