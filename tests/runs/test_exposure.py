"""What a model has seen of a film, from what its run wrote down."""

from dataclasses import replace

import pandas as pd
import pytest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.data.decisions import Decision, Selection, apply_selection
from covidlab.runs.exposure import NEW, PATIENT_TRAINED, PATIENT_UNKNOWN, TRAINED, UNKNOWN, exposure
from covidlab.runs.store import RunStore


@pytest.fixture
def catalog(make_dataset):
    """Four films a class, two of each patient."""
    return load_catalog(make_dataset({"covid": 4, "normal": 4}, films_per_patient=2))


def run_that_validated_on(catalog, files, **settings):
    run = RunStore().create(TrainingConfig(dataset=str(catalog.root), **settings))
    run.update_facts(data={"fingerprint": catalog.fingerprint, "num_validation": len(files)})
    pd.DataFrame({"file": files}).to_csv(run.path / "predictions.csv", index=False)
    return run


def test_acquaintance_tells_trained_same_patient_and_new_films(catalog):
    run = run_that_validated_on(catalog, ["covid/film-000.png", "covid/film-001.png", "normal/film-000.png"])
    seen = exposure(run, catalog)
    assert seen["covid/film-000.png"] == seen["covid/film-001.png"] == NEW
    assert seen["normal/film-000.png"] == PATIENT_TRAINED
    assert seen["normal/film-001.png"] == seen["covid/film-002.png"] == TRAINED


def test_acquaintance_film_of_the_same_content_counts_as_trained_on(catalog):
    (catalog.root / "covid/film-000.png").write_bytes((catalog.root / "covid/film-003.png").read_bytes())
    catalog = load_catalog(catalog.root)
    run = run_that_validated_on(catalog, ["covid/film-000.png", "covid/film-001.png"])
    assert exposure(run, catalog)["covid/film-000.png"] == TRAINED


def test_acquaintance_of_other_films_is_unknown(catalog, make_dataset):
    run = run_that_validated_on(catalog, ["covid/film-000.png"])
    other = load_catalog(make_dataset({"covid": 5, "normal": 4}, name="other"))
    assert set(exposure(run, other).values()) == {UNKNOWN}


def test_acquaintance_of_a_run_on_a_selection_knows_what_was_left_out(catalog):
    left_out = {"covid/film-002.png", "covid/film-003.png", "normal/film-003.png"}
    selection = Selection(name="some", decisions={file: decision(catalog, file) for file in left_out})
    used = apply_selection(catalog, selection)
    run = run_that_validated_on(used, ["covid/film-000.png", "covid/film-001.png"])
    run.update_facts(selection=selection.to_dict())
    seen = exposure(run, catalog)
    assert seen["covid/film-002.png"] == seen["covid/film-000.png"] == NEW
    assert seen["normal/film-003.png"] == PATIENT_TRAINED
    assert seen["normal/film-000.png"] == TRAINED


def decision(catalog, file):
    return Decision(action="exclude", new_class="", reason="", sha256=catalog.row(file)["sha256"])


@pytest.mark.parametrize("content", [None, "", "file\ncovid/film-000.png\n"])
def test_acquaintance_without_the_whole_list_of_validation_films_is_unknown(catalog, content):
    run = run_that_validated_on(catalog, ["covid/film-000.png", "covid/film-001.png"])
    path = run.path / "predictions.csv"
    path.unlink() if content is None else path.write_text(content)
    assert set(exposure(run, catalog).values()) == {UNKNOWN}


def test_acquaintance_of_a_run_begun_from_another_model_knows_only_its_own_films(catalog):
    run = run_that_validated_on(catalog, ["covid/film-000.png", "covid/film-001.png"], start_from="earlier.keras")
    seen = exposure(run, catalog)
    assert seen["covid/film-000.png"] == UNKNOWN
    assert seen["normal/film-000.png"] == TRAINED


def test_exposure_follows_the_files_of_the_run(catalog):
    run = run_that_validated_on(catalog, ["covid/film-000.png", "covid/film-001.png"])
    assert exposure(run, catalog) is exposure(run, catalog)
    assert exposure(run, catalog)["normal/film-000.png"] == TRAINED
    run.write_predictions(pd.DataFrame({"file": ["normal/film-000.png", "normal/film-001.png"]}))
    assert exposure(run, catalog)["normal/film-000.png"] == NEW
    assert exposure(run, catalog)["covid/film-000.png"] == TRAINED


def test_exposure_of_unknown_patients_never_calls_a_film_new(make_dataset):
    catalog = load_catalog(make_dataset({"covid": 4, "normal": 4}, name="unknown"))
    seen = exposure(run_that_validated_on(catalog, ["covid/film-000.png", "normal/film-001.png"]), catalog)
    assert seen["covid/film-000.png"] == seen["normal/film-001.png"] == PATIENT_UNKNOWN
    assert seen["covid/film-001.png"] == TRAINED
    assert NEW not in seen.values()


@pytest.mark.parametrize(
    ("not_stated", "expected"),
    [("covid/film-000.png", PATIENT_UNKNOWN), ("normal/film-002.png", PATIENT_UNKNOWN), ("covid/film-001.png", NEW)],
)
def test_exposure_is_new_where_its_patient_and_all_of_those_trained_on_are_stated(catalog, not_stated, expected):
    validation = ["covid/film-000.png", "covid/film-001.png", "normal/film-000.png"]
    films = catalog.films.copy()
    films.loc[films["file"] == not_stated, "patient_id"] = "content-0123456789abcdef"
    catalog = replace(catalog, films=films, patients_known=False)
    seen = exposure(run_that_validated_on(catalog, validation), catalog)
    assert seen["covid/film-000.png"] == expected
    assert seen["normal/film-000.png"] == PATIENT_TRAINED
