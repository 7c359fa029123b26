"""The probe inside each class: which columns it looks at, what it says of each, and that nobody can be known by a value."""

import numpy as np
import pytest

from covidlab.audit.attributes import compute
from covidlab.audit.attributes_text import describe_attribute, sentences
from covidlab.errors import DataError
from covidlab.evaluation import within_class
from tests.audit.made_up import MadeUpData, context


@pytest.fixture
def data(make_dataset, monkeypatch) -> MadeUpData:
    """Twelve patients a class; in the first class one value is planted in the features and another is not."""
    monkeypatch.setattr(within_class, "NUM_PERMUTATIONS", 199)
    made = MadeUpData(make_dataset({"covid": 12, "normal": 12}, films_per_patient=1), signal=3.0)
    films = made.catalog.films
    odd, positive = np.arange(24) % 2 == 1, made.labels == 0
    films["age_group"] = np.where(positive, "adult", "child")
    films["sex"] = np.where(positive, np.where(odd, "F", "M"), "")
    films["grid"] = np.where(positive & (np.arange(24) % 4 > 1), "yes", "no")
    films["view_position"] = np.where(np.arange(24) == 3, "AP", "PA")
    films["visit"] = ["Jane Roe", "John Doe", *["second"] * 22]
    made.made_up[:, 5] += np.where(odd, 6, -6)
    return made


def found_by_column(data: MadeUpData) -> dict[str, dict]:
    return {one["column"]: one for one in compute(data, context())["attributes"]}


def test_value_planted_in_one_class_is_told_there_and_another_is_not(data):
    found = found_by_column(data)
    sex, grid = found["sex"]["classes"][0], found["grid"]["classes"][0]
    assert sex["state"] == "tested" and sex["adjusted"] <= 0.05 and sex["told"]["value"] > 0.85
    assert grid["state"] == "tested" and grid["adjusted"] > 0.05
    assert sex["adjusted"] == pytest.approx(2 * sex["p_value"])


def test_attribute_that_coincides_with_the_class_is_not_identifiable(data):
    found = found_by_column(data)
    assert found["age_group"]["kind"] == "coincides with the class"
    assert [one["state"] for one in found["age_group"]["classes"]] == ["constant", "constant"]
    assert [one["state"] for one in found["sex"]["classes"]] == ["tested", "not stated"]


def test_value_of_few_patients_is_not_tested(data):
    covid, normal = found_by_column(data)["view_position"]["classes"]
    assert (covid["state"], normal["state"]) == ("too few", "constant")
    assert "told" not in covid and covid["rare_films"] == 1


def test_value_of_few_patients_is_named_nowhere(data):
    told = compute(data, context())
    assert "Jane" not in str(told) and "Jane" not in " ".join(sentences(told))
    assert "second" in str(told)


def test_set_that_states_nothing_is_said_to(make_dataset):
    data = MadeUpData(make_dataset(), signal=1.0)
    data.catalog.films["channels"] = ""
    with pytest.raises(DataError, match="Add columns to its metadata"):
        compute(data, context())


def test_summary_names_what_is_read_what_is_not_and_what_nobody_can_tell(data):
    first, *others = sentences(compute(data, context()))
    assert first.startswith("Can be read inside a class: sex (COVID-19). Not found to be readable: grid (COVID-19)")
    assert "coincide with the class: age group" in first and "Too few patients to tell: view, visit." in first
    assert [one.partition(".")[0] for one in others[:2]] == ["Sex", "Grid"]


def test_attribute_is_described_in_words_with_interval_and_patients(data):
    found = compute(data, context())
    said = {one["column"]: describe_attribute(found, one) for one in found["attributes"]}
    assert "COVID-19: can be read, balanced accuracy" in said["sex"] and "non-COVID: not stated." in said["sex"]
    assert "n = 12 X-rays of 12 patients; chance 0.50" in said["sex"] and "Patients: female 6, male 6." in said["sex"]
    assert "Not identifiable" in said["age_group"]
    assert "too few patients" in said["view_position"]
    assert "always PA (12 X-rays of 12 patients)" in said["view_position"]
