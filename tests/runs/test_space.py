"""What a run says of a disk that is too small: kept with the run, or refused before it begins."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.errors import StorageError
from covidlab.runs.space import plan_space
from covidlab.runs.store import RunStore


@pytest.fixture
def catalog(make_dataset, covidlab_home):
    return load_catalog(make_dataset())


@pytest.fixture
def run(catalog):
    return RunStore().create(TrainingConfig(dataset=str(catalog.root)))


def leave_free(monkeypatch, num_bytes: int) -> None:
    monkeypatch.setattr("covidlab.learning.cache_space.free_bytes", lambda folder: num_bytes)


def test_run_that_fits_keeps_everything_and_says_nothing(run, catalog):
    kept = plan_space(run, catalog, precision="float32")
    assert kept.activations and kept.films
    assert "note" not in run.load_facts()


def test_run_that_does_not_fit_says_so_in_its_facts_and_its_log(run, catalog, monkeypatch):
    leave_free(monkeypatch, 20_800_000)
    kept = plan_space(run, catalog, precision="float32")
    assert not kept.activations
    note = run.load_facts()["note"]
    assert note.startswith("What the frozen layers give would take")
    assert note in (run.path / "log.txt").read_text(encoding="utf-8")


def test_run_whose_checkpoint_does_not_fit_is_refused(run, catalog, monkeypatch):
    monkeypatch.setattr("covidlab.files.shutil.disk_usage", lambda path: type("Usage", (), {"free": 1000})())
    with pytest.raises(StorageError, match="too full"):
        plan_space(run, catalog, precision="float32")
