"""Which X-ray of the data set in use a film is, whatever another set calls it."""

import pytest

from covidlab.audit.settings import AuditConfig
from covidlab.config import TrainingConfig
from covidlab.data.catalog import Catalog, load_catalog
from covidlab.intake.upload import VisitorFilm
from covidlab.paths import DEFAULT_MODEL
from covidlab.runs.audits import write_part
from covidlab.runs.jobs import Job
from covidlab.runs.store import Run, RunStore
from covidlab.ui.predict.origin import not_from_here, set_file, set_of
from tests.audit.elsewhere_found import elsewhere_found


@pytest.fixture
def catalog(make_dataset) -> Catalog:
    return load_catalog(make_dataset({"covid": 3, "normal": 3}))


def test_set_file_is_found_by_content_under_any_name(catalog):
    row = catalog.films.iloc[1]
    assert set_file(VisitorFilm(name="x.png", sha256=row["sha256"]), catalog) == row["file"]
    assert set_file(VisitorFilm(name="x.png", file="covid/elsewhere.png", sha256=row["sha256"]), catalog) == row["file"]


@pytest.mark.parametrize("name", ["covid/film-000.png", "covid/elsewhere.png"])
def test_set_file_of_another_set_is_none_also_under_a_name_of_this_one(catalog, name):
    assert set_file(VisitorFilm(name="x.png", file=name, sha256="d" * 64), catalog) == ""


def test_set_of_a_run_is_the_one_it_learned_from_alone(catalog):
    run = RunStore().create(TrainingConfig(dataset=str(catalog.root)))
    assert set_of(run, catalog) is catalog
    assert set_of(Run(DEFAULT_MODEL), catalog) is None
    assert set_of(run, None) is None


def test_xray_of_elsewhere_is_told_what_an_audit_has_measured(catalog):
    run = RunStore().create(TrainingConfig(dataset=str(catalog.root)), fingerprint=catalog.fingerprint)
    assert "nobody has measured it" in not_from_here(run)
    asked = {"audit": AuditConfig(parts=("elsewhere",), run=run.id, other="/x").to_dict()}
    audit = RunStore().create(TrainingConfig(dataset=str(catalog.root)), job=Job.AUDIT, engine="mock", asked=asked)
    write_part(audit, "elsewhere", version=1, seconds=1.0, found=elsewhere_found())
    said = not_from_here(run)
    assert "98 % (95 % interval 95 to 99 %) of 229 of the class no finding" in said and "nobody" not in said
