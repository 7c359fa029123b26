"""The X-rays of a run: those of its data set as it was queued, of its selection as it was when the run began."""

from dataclasses import replace

import pytest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.data.decisions import Decision
from covidlab.data.selections import change_decision, create_selection
from covidlab.errors import DataError
from covidlab.runs.damaged import record_damaged
from covidlab.runs.datasets import recorded_path
from covidlab.runs.run_films import open_run_films
from covidlab.runs.store import RunStore


@pytest.fixture
def catalog(make_dataset, covidlab_home):
    return load_catalog(make_dataset({"covid": 20, "normal": 20}))


def run_of(catalog, **changes):
    config = replace(TrainingConfig(dataset=str(catalog.root)), **changes)
    return RunStore().create(config, fingerprint=catalog.fingerprint)


def test_xrays_found_damaged_earlier_are_left_out(catalog):
    run = run_of(catalog)
    record_damaged(run, {"covid/film-000.png": "It is torn."})
    assert "covid/film-000.png" not in set(open_run_films(run, resolve=recorded_path).films["file"])


def test_set_that_has_changed_is_refused(catalog):
    run = run_of(catalog)
    (catalog.root / "covid" / "film-001.png").unlink()
    with pytest.raises(DataError, match="has changed since this run was queued"):
        open_run_films(run, resolve=recorded_path)


def test_selection_stays_as_it_was_when_the_run_began(catalog):
    create_selection(catalog.root, "mine")
    run = run_of(catalog, selection="mine")
    assert open_run_films(run, resolve=recorded_path).num_films == 40
    file = "covid/film-000.png"
    decision = Decision(action="exclude", reason="too dark", sha256=catalog.row(file)["sha256"])
    change_decision(catalog.root, "mine", file, decision)
    assert open_run_films(run, resolve=recorded_path).num_films == 40
    later = run_of(catalog, selection="mine")
    assert open_run_films(later, resolve=recorded_path).num_films == 39
