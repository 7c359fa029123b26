"""The worker as a real process."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from covidlab.config import TrainingConfig
from covidlab.files import read_json
from covidlab.paths import PROJECT_ROOT
from covidlab.runs.engines.local import end_worker, ensure_worker, worker_is_running
from covidlab.runs.owner import Owner
from covidlab.runs.store import RunStore
from tests.homes import compute_once

pytestmark = [pytest.mark.usefixtures("warm_home"), pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory, activations_of_all_tests):
    """The home of the worker that tests share."""
    folder = tmp_path_factory.mktemp("shared-home")
    compute_once(folder, activations_of_all_tests)
    return folder


@pytest.fixture
def waiting_run(shared_home, config):
    """A run that waits in the home of the worker that tests share."""
    return RunStore(shared_home / "runs").create(config)


@pytest.fixture(scope="module")
def running_worker(shared_home):
    """A worker that outlives a test; whatever worker this home has at the end is ended."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COVIDLAB_HOME", str(shared_home))
        ensure_worker()
        wait_for((shared_home / "worker.json").exists)
        yield Owner(**read_json(shared_home / "worker.json"))
        end_worker()
        wait_for(lambda: not worker_is_running())


@pytest.fixture
def shared_worker(running_worker, shared_home, monkeypatch):
    """A worker for tests that leave it idle, and its home."""
    monkeypatch.setenv("COVIDLAB_HOME", str(shared_home))
    return running_worker


@pytest.fixture
def config(make_dataset):
    return TrainingConfig(dataset=str(make_dataset({"covid": 3, "normal": 3})), epochs=3, views=1)


def long_run(config):
    """Settings of a run that lasts minutes."""
    return TrainingConfig(**{**config.to_dict(), "fine_tune": "block5", "epochs": 500, "batch_size": 4})


def wait_for(condition, *, seconds=90):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.05)


def state(run):
    return run.status().state


def test_worker_that_begins_with_a_run_is_warm_after_it_and_names_its_precision(waiting_run, request, shared_home):
    # The first test of this module: the worker that the others share begins after the run was queued.
    request.getfixturevalue("shared_worker")
    wait_for(lambda: waiting_run.status().state == "finished")
    wait_for(lambda: read_json(shared_home / "device.json").get("warm"))
    assert read_json(shared_home / "device.json")["precision"] == "float32"


def test_worker_takes_each_queued_run_once(shared_worker, config):
    store = RunStore()
    runs = [store.create(config) for _ in range(3)]
    wait_for(lambda: all(state(run) == "finished" for run in runs))
    assert [len(run.history()) for run in runs] == [3, 3, 3]
    owners = [run.recorded_status().owner["pid"] for run in runs]
    assert owners == [shared_worker.pid] * 3


def test_worker_second_one_leaves_at_once(shared_worker):
    command = [sys.executable, "-m", "covidlab", "worker"]
    second = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 0
    assert "running already" in second.stdout


def test_worker_unknown_folder_fails_the_run_and_lives_on(shared_worker, config):
    store = RunStore()
    lost = store.create(TrainingConfig(dataset="/no/such/folder"))
    wait_for(lambda: state(lost) == "failed")
    assert "/no/such/folder" in lost.status().reason
    good = store.create(config)
    wait_for(lambda: state(good) == "finished")


def test_worker_killed_is_interrupted_and_the_next_one_resumes_and_stops_within_ten_seconds(shared_worker, config):
    # After the tests that know the shared worker by its number; another one takes its place here.
    run = RunStore().create(long_run(config))
    # The line of an epoch is there before its checkpoint is.
    wait_for(lambda: run.status().epoch >= 1 and (run.path / "checkpoint.npz").exists())
    os.kill(shared_worker.pid, signal.SIGKILL)
    wait_for(lambda: state(run) == "interrupted", seconds=10)
    before = run.status().epoch
    assert f"after epoch {before}" in run.status().reason

    ensure_worker()
    wait_for(lambda: state(run) == "running" and run.status().epoch > before)
    assert run.history()["epoch"].tolist() == list(range(1, len(run.history()) + 1))
    resumed_after = int(re.search(r"resumes after epoch (\d+)", (run.path / "log.txt").read_text())[1])
    assert before - 1 <= resumed_after <= before
    run.request_stop()
    wait_for(lambda: state(run) == "stopped", seconds=10)
    assert run.model_path.exists()
    assert run.report()["epochs_done"] > before


def test_worker_ended_politely_leaves_the_run_for_the_next(shared_worker, config):
    # The last test of this module: the shared worker is gone afterwards.
    run = RunStore().create(long_run(config))
    wait_for(lambda: run.status().epoch >= 1)
    end_worker()
    wait_for(lambda: not worker_is_running(), seconds=15)
    assert state(run) == "interrupted"
