"""The description of a data set in Croissant 1.0: valid, true to the catalog, and nothing more than is known."""

import hashlib
import json
from pathlib import Path

import pytest

from covidlab.data.catalog import load_catalog
from covidlab.data.croissant import CONFORMS_TO, describe_set, write_croissant
from covidlab.errors import StorageError

# rdflib 7.6 still uses what it calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:.*ConjunctiveGraph is deprecated.*:DeprecationWarning")


@pytest.fixture
def catalog(make_dataset):
    return load_catalog(make_dataset({"covid": 3, "normal": 2}, films_per_patient=1))


def fields(described: dict) -> list[str]:
    return [field["name"] for field in described["recordSet"][0]["field"]]


def test_described_set_is_valid_croissant(catalog, tmp_path):
    import mlcroissant

    write_croissant(catalog, tmp_path / "set.json", found=["A finding."])
    dataset = mlcroissant.Dataset(jsonld=tmp_path / "set.json")
    assert not dataset.metadata.ctx.issues.errors
    assert tuple(dataset.metadata.conforms_to) == CONFORMS_TO
    assert dataset.metadata.data_biases == ["A finding."]
    records = list(dataset.records("x-rays"))
    assert [record["x-rays/file"] for record in records] == list(catalog.films["file"])


@pytest.mark.curated
def test_described_fifty_are_valid_and_say_what_coincides(curated, tmp_path):
    import mlcroissant

    write_croissant(load_catalog(curated), tmp_path / "set.json")
    metadata = mlcroissant.Dataset(jsonld=tmp_path / "set.json").metadata
    assert not metadata.ctx.issues.errors
    assert metadata.data_biases[0].startswith("Class, source and age group coincide")
    assert "not stated upstream" in metadata.license
    assert str(curated.parent) not in (tmp_path / "set.json").read_text()


def test_described_set_names_the_table_by_its_checksum(catalog):
    table, *pictures = describe_set(catalog)["distribution"]
    assert table["sha256"] == hashlib.sha256((catalog.root / "metadata.csv").read_bytes()).hexdigest()
    assert [(one["encodingFormat"], one["includes"]) for one in pictures] == [("image/png", "**/*.png")]


def test_described_set_holds_no_place_on_this_machine(catalog, tmp_path):
    write_croissant(catalog, tmp_path / "set.json")
    assert str(tmp_path) not in (tmp_path / "set.json").read_text()


def test_described_set_with_known_patients_has_them(catalog):
    described = describe_set(catalog)
    assert "patient_id" in fields(described)
    assert described["recordSet"][0]["data"][0]["x-rays/patient_id"] == "covid-0"


def test_described_set_without_known_patients_says_so_and_makes_up_none(make_dataset):
    described = describe_set(load_catalog(make_dataset()))
    assert "patient_id" not in fields(described)
    assert "content-" not in json.dumps(described)
    assert any("Patients are not known" in sentence for sentence in described["rai:dataLimitations"])


def test_described_set_calls_what_is_not_known_not_stated(catalog):
    described = describe_set(catalog)
    assert described["license"] == ["not stated"]
    assert described["creator"]["name"] == "not stated"
    assert described["rai:dataBiases"] == ["not stated"]
    assert not {"finding", "age_group"} & set(fields(described))
    assert not {"url", "datePublished", "version"} & set(described)


def test_described_set_is_written_whole_or_not_at_all(catalog, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"set\.json cannot be written"):
        write_croissant(catalog, Path(tmp_path / "file" / "set.json"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "films"]
