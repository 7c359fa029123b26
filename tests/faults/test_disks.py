"""Disks that are full or cannot be written: refused before the start, or a named failure with everything whole."""

import subprocess
from dataclasses import replace

import pytest

from covidlab.runs.checkpoint import load_checkpoint
from covidlab.runs.engines.worker import Worker
from covidlab.runs.execution import Execution
from covidlab.runs.learning_record import load_record
from covidlab.runs.store import RunStore
from tests.faults.training_children import fake_activations
from tests.homes import decide_for_float32


@pytest.fixture
def disk_home(small_disk, monkeypatch):
    """COVIDLAB_HOME on a disk of 40 MB."""
    folder = small_disk(40_000_000)
    monkeypatch.setenv("COVIDLAB_HOME", str(folder))
    decide_for_float32(folder)
    return folder


def test_disk_that_fills_up_in_an_epoch_is_named_and_the_checkpoint_before_is_whole(make_dataset, disk_home):
    run = RunStore().create(fake_activations(make_dataset()))

    def fill(status) -> None:
        filler = disk_home / "filler"
        if status.epoch == 2 and not filler.exists():
            with open(filler, "wb", buffering=0) as file:
                # As much as fits.
                while file.write(bytes(1_000_000)) == 1_000_000:
                    pass
                file.write(bytes(1_000_000))

    with run.locked():
        Execution(run, on_status=lambda status: suppress_full(fill, status)).execute()
    status = run.status()
    assert status.state == "failed"
    assert status.reason.startswith("The disk is full:")
    assert load_checkpoint(run.path / "checkpoint.npz")[0] in (1, 2)
    assert run.history()["epoch"].tolist() == [1, 2]
    assert load_record(run).epochs.tolist()[:2] == [0, 1]
    assert not list(run.path.glob(".*.tmp-*"))
    (disk_home / "filler").unlink()
    with run.locked():
        assert Execution(run).execute().state == "finished"
    assert run.history()["epoch"].tolist() == [1, 2, 3, 4, 5, 6]


def suppress_full(fill, status) -> None:
    try:
        fill(status)
    except OSError as error:
        assert error.strerror == "No space left on device"


def test_disk_too_small_for_a_run_refuses_it_before_the_start(make_dataset, small_disk, monkeypatch):
    folder = small_disk(16_000_000)
    monkeypatch.setenv("COVIDLAB_HOME", str(folder))
    decide_for_float32(folder)
    run = RunStore().create(replace(fake_activations(make_dataset({"covid": 2, "normal": 2})), epochs=1))
    with run.locked():
        Execution(run).execute()
    assert run.status().state == "failed"
    assert run.status().reason.startswith("The disk is too full: 22 MB are needed")
    assert len(run.history()) == 0


def test_run_folder_that_cannot_be_written_stays_readable_and_ends_no_worker(make_dataset, disk_home):
    store = RunStore()
    run = store.create(fake_activations(make_dataset({"covid": 2, "normal": 2})))
    subprocess.run(["mount", "-o", "remount,ro", str(disk_home)], check=True)
    worker = Worker(store)
    assert worker._next_run().id == run.id
    worker._execute(run)
    assert worker._next_run() is None
    assert run.status().state == "queued"
    assert len(run.history()) == 0
