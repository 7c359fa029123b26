"""What is said, and what is written, where patients are not known."""

import pandas as pd
import pytest

from covidlab.data.catalog import load_catalog
from covidlab.data.cautions import cautions
from covidlab.data.patients import (
    PATIENTS_NOT_KNOWN,
    are_patients_known,
    stated_patient,
    stated_patients,
    without_made_up_patients,
)
from covidlab.data.summary import statements


def test_patients_not_known_is_the_sentence_that_stands_everywhere():
    assert PATIENTS_NOT_KNOWN == (
        "Patients are not known: X-rays of one patient may be on both sides, and the figures too good."
    )


def test_stated_patient_is_what_a_person_wrote_and_nothing_else(make_dataset):
    made_up = load_catalog(make_dataset()).films["patient_id"]
    assert set(stated_patients(made_up)) == {""}
    assert [stated_patient(name) for name in ("p-1", "content-7 b", "contents")] == ["p-1", "content-7 b", "contents"]


@pytest.mark.parametrize(
    ("data", "known"),
    [
        ({"patients_known": True, "num_patients": 3}, True),
        ({"patients_known": False, "num_patients": 3}, False),
        ({"num_patients": 37}, True),  # the model that ships with covidlab
        ({}, False),
    ],
)
def test_patients_are_known_where_the_run_says_so(data, known):
    assert are_patients_known(data) is known


def test_numbers_of_patients_that_an_earlier_version_made_up_are_taken_out():
    data = {"patients_known": False, "num_patients": 55, "num_validation_patients": 11, "num_films": 55}
    report = {"data": data, "cross_validation": {"num_patients": 55, "folds": 5}}
    mended = without_made_up_patients(report)
    assert mended["data"] == {**data, "num_patients": None, "num_validation_patients": None}
    assert mended["cross_validation"] == {"num_patients": None, "folds": 5}
    known = {"data": {**data, "patients_known": True}}
    assert without_made_up_patients(known) is known


@pytest.mark.parametrize("stated", [0, 5, 12])
def test_catalog_of_some_stated_patients_knows_none_of_their_number(make_dataset, stated):
    root = make_dataset(films_per_patient=2)
    table = pd.read_csv(root / "metadata.csv", dtype=str)
    table.loc[stated:, "patient_id"] = ""
    table.to_csv(root / "metadata.csv", index=False)
    catalog = load_catalog(root)
    assert catalog.num_patients == (6 if stated == 12 else None)
    assert (PATIENTS_NOT_KNOWN in cautions(catalog)) == (stated < 12)
    said = statements(catalog, name_of=str)
    assert (
        (PATIENTS_NOT_KNOWN in said) == (f"The patient is stated for {stated} of 12 X-rays." in said) == (stated < 12)
    )
