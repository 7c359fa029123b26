"""The data set a run was made for, found again and checked."""

import shutil

import pytest

from covidlab.data.catalog import load_catalog
from covidlab.errors import DataError
from covidlab.runs.datasets import DatasetReference, open_dataset


def reference_of(folder) -> DatasetReference:
    return DatasetReference.of(str(folder), fingerprint=load_catalog(folder).fingerprint)


def test_open_dataset_unchanged_is_its_catalog(make_dataset):
    folder = make_dataset()
    assert open_dataset(reference_of(folder), positive_class="covid").root == folder


def test_open_dataset_changed_since_says_so(make_dataset):
    folder = make_dataset()
    reference = reference_of(folder)
    (folder / "covid" / "film-000.png").unlink()
    with pytest.raises(DataError, match="The data set films has changed since this run was queued"):
        open_dataset(reference, positive_class="covid")


def test_open_dataset_of_an_earlier_version_is_not_checked(make_dataset):
    folder = make_dataset()
    reference = DatasetReference.from_facts({"config": {"dataset": str(folder)}})
    (folder / "covid" / "film-000.png").unlink()
    assert open_dataset(reference, positive_class=None).num_films == 11


def test_open_dataset_elsewhere_is_found_by_the_resolver(make_dataset, tmp_path):
    reference = reference_of(make_dataset())
    elsewhere = shutil.move(tmp_path / "films", tmp_path / "moved")
    assert open_dataset(reference, positive_class=None, resolve=lambda _: elsewhere).root == elsewhere


def test_reference_from_facts_with_unknown_keys_is_read():
    facts = {"dataset": {"path": "/a", "fingerprint": "1f", "from_a_later_version": 1}}
    assert DatasetReference.from_facts(facts) == DatasetReference(path="/a", fingerprint="1f")
