"""The recording that comes with the package: made from a run, and brought into an installation."""

import os
from dataclasses import replace

import pytest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.errors import RunError, StorageError
from covidlab.paths import RECORDED_RUN
from covidlab.runs import recorded_run
from covidlab.runs.learning_record import CROSSVALIDATION, load_record
from covidlab.runs.recorded_run import bring_recorded_run, fits, make_recording
from covidlab.runs.status import State
from covidlab.runs.store import Run, RunStore
from tests.services.recorded import PROBABILITIES, record


@pytest.fixture
def catalog(make_dataset):
    return load_catalog(make_dataset({"covid": 2, "normal": 2}))


@pytest.fixture
def recording(catalog, tmp_path, monkeypatch):
    """A recording on the set of the test, in place of the one that ships."""
    run = RunStore(tmp_path / "elsewhere").create(TrainingConfig(dataset=str(catalog.root), epochs=3))
    record(run, catalog)
    data = {**run.load_facts()["data"], "fingerprint": catalog.fingerprint}
    run.update_facts(data=data, asked_by="Anna")
    for name in ("steps.csv", "predictions.csv", CROSSVALIDATION):
        (run.path / name).touch()
    run.write_status(replace(run.status(), state=State.FINISHED, epoch=3))
    run.write_report({**run.load_facts(), "accuracy": {"value": 1.0}, "model_sha256": "0"})
    folder = tmp_path / "recording"
    make_recording(run, folder)
    monkeypatch.setattr(recorded_run, "RECORDED_RUN", folder)
    return folder


def test_recording_names_no_folder_and_no_person(recording, catalog, words_in):
    assert words_in(recording, [str(catalog.root), "asked_token"]) == []
    assert Run(recording).load_config().dataset == "dataset"
    assert "asked_by" not in Run(recording).load_facts()


def test_recording_is_brought_once_as_a_finished_run_on_the_set_in_use(recording, catalog):
    run = bring_recorded_run(catalog)
    assert run.status().state is State.FINISHED
    assert (run.load_config().dataset, run.report()["accuracy"]["value"]) == (str(catalog.root), 1.0)
    assert load_record(run).probabilities.tolist() == [list(row) for row in PROBABILITIES]
    assert bring_recorded_run(catalog).id == run.id
    assert len(RunStore().list()) == 1


def test_recording_takes_no_number_so_that_ones_own_first_run_is_run_1(recording, catalog):
    recorded = bring_recorded_run(catalog)
    own = RunStore().create(TrainingConfig(dataset=str(catalog.root)))
    assert (recorded.name, recorded.number_text, own.name) == ("the recorded run", "recorded", "run 1")
    assert [run.id for run in RunStore().list()] == [own.id, recorded.id]


def test_recording_of_other_x_rays_is_refused(recording, make_dataset):
    other = load_catalog(make_dataset({"covid": 3, "normal": 2}, name="other"))
    assert not fits(other)
    with pytest.raises(RunError, match="is of the curated fifty"):
        bring_recorded_run(other)


def test_recording_that_cannot_be_written_leaves_no_run(recording, catalog, monkeypatch):
    def refuse(*_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(recorded_run.shutil, "copyfile", refuse)
    with pytest.raises(StorageError, match="The disk is full"):
        bring_recorded_run(catalog)
    assert RunStore().list() == []


def test_shipped_recording_is_whole_and_names_no_place():
    shipped = Run(RECORDED_RUN)
    assert shipped.recorded_status().state is State.FINISHED
    made = load_record(shipped)
    assert made.probabilities.shape == (26, 50)
    assert len(made.crossed) == 26
    assert not shipped.model_path.exists()
    assert all(
        "/" not in part["dataset" if "dataset" in part else "path"] for part in (shipped.load_facts()["config"],)
    )


@pytest.mark.curated
def test_shipped_recording_is_of_the_curated_fifty(curated):
    assert fits(load_catalog(curated))
