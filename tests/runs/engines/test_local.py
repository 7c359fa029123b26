"""The engine of this machine, without its worker; tests/runs/engines/test_worker.py starts one."""

import shutil

from covidlab.data.catalog import load_catalog
from covidlab.files import write_json
from covidlab.runs.datasets import DatasetReference
from covidlab.runs.engines.base import Description
from covidlab.runs.engines.local import LocalEngine


def test_describe_before_the_first_worker_names_no_device():
    assert LocalEngine().describe() == Description(device="", warm=False)


def test_describe_names_the_device_the_worker_wrote_down(covidlab_home):
    write_json(covidlab_home / "device.json", {"device": "CPU", "warm": True, "from_a_later_version": 1})
    assert LocalEngine().describe() == Description(device="CPU", warm=True)


def test_resolve_folder_that_was_moved_is_the_same_set_in_use(make_dataset, tmp_path, monkeypatch):
    films = make_dataset()
    reference = DatasetReference.of(str(films), fingerprint=load_catalog(films).fingerprint)
    assert LocalEngine().resolve(reference) == films
    moved = shutil.move(films, tmp_path / "moved")
    monkeypatch.setenv("COVIDLAB_DATASET", str(moved))
    assert LocalEngine().resolve(reference) == moved


def test_resolve_folder_that_is_gone_is_never_another_set(make_dataset, monkeypatch):
    monkeypatch.setenv("COVIDLAB_DATASET", str(make_dataset({"covid": 2, "normal": 2})))
    for fingerprint in ("", "0" * 64):
        reference = DatasetReference.of("/no/such/folder", fingerprint=fingerprint)
        assert str(LocalEngine().resolve(reference)) == "/no/such/folder"
