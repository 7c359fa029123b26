"""Fifty starts at once, stale locks, numbers of processes that are used again, a TensorFlow that is hidden."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace

import pytest

from covidlab.config import TrainingConfig
from covidlab.errors import RunError
from covidlab.files import read_json, write_json
from covidlab.paths import PROJECT_ROOT
from covidlab.runs.engines import local
from covidlab.runs.engines.local import LocalEngine, end_worker
from covidlab.runs.engines.worker import Worker
from covidlab.runs.owner import Owner
from covidlab.runs.status import State
from covidlab.runs.store import RunStore

CONFIG = TrainingConfig(dataset="somewhere", epochs=3)

# Takes the lock a little after it began, as a worker does, and holds it until it is killed.
HOLD = """
import sys, time
from filelock import FileLock
time.sleep(0.3)
with FileLock(sys.argv[1]):
    time.sleep(60)
"""
HIDDEN = "import sys; sys.modules['tensorflow'] = None; from covidlab.runs.engines.worker import main; sys.exit(main())"


def test_fifty_starts_at_once_make_fifty_runs_and_one_worker(covidlab_home, monkeypatch):
    started = []

    def start(files: local.Files) -> subprocess.Popen:
        started.append(subprocess.Popen([sys.executable, "-c", HOLD, str(files.lock)]))
        return started[-1]

    monkeypatch.setattr(local, "_start_worker", start)
    together = threading.Barrier(50)

    def press_start(_) -> int:
        together.wait()
        run = RunStore().create(CONFIG)
        LocalEngine().submit(run)
        return run.number

    with ThreadPoolExecutor(50) as visitors:
        numbers = sorted(visitors.map(press_start, range(50)))
    for process in started:
        process.kill()
        process.wait()
    assert len(started) == 1
    assert numbers == list(range(1, 51))
    assert {run.status().state for run in RunStore().list()} == {State.QUEUED}


def test_two_workers_at_once_execute_each_of_fifty_runs_once(covidlab_home, monkeypatch):
    store, executed = RunStore(), []
    for _ in range(50):
        store.create(CONFIG)

    def start_job(run, **_) -> None:
        executed.append(run.number)
        run.write_status(replace(run.recorded_status(), state=State.FINISHED))

    monkeypatch.setattr("covidlab.runs.starting.start_job", start_job)

    def work(worker: Worker) -> None:
        while run := worker._next_run():
            worker._execute(run)

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(work, [Worker(store), Worker(store)]))
    assert sorted(executed) == list(range(1, 51))


def test_lock_that_a_killed_process_left_is_free(covidlab_home):
    run = RunStore().create(CONFIG)
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(run.path / "lock")])
    while not run.is_locked():
        pass
    with pytest.raises(RunError, match="is being executed by another process"), run.locked():
        pass
    holder.kill()
    holder.wait()
    assert (run.path / "lock").exists()
    with run.locked():
        assert run.is_locked()


def test_owner_whose_number_another_process_has_now_owns_nothing(covidlab_home):
    mine = Owner.this_process()
    run = RunStore().create(CONFIG)
    run.write_status(replace(run.recorded_status(), state=State.RUNNING, epoch=2))
    # Its pid, start and boot are those of a living process, this one; its lock says that nobody executes it.
    assert run.status().state is State.INTERRUPTED
    for other in (replace(mine, started=mine.started - 100), replace(mine, boot="an earlier one")):
        assert other.process() is None
        write_json(covidlab_home / "worker.json", asdict(other))
        end_worker()
    assert mine.process().pid == os.getpid()


def test_worker_without_tensorflow_says_why_and_fails_the_runs_that_wait(covidlab_home, monkeypatch):
    run = RunStore().create(CONFIG)
    command = [sys.executable, "-c", HIDDEN]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    why = run.status().reason
    assert run.status().state is State.FAILED
    assert why.startswith("TensorFlow cannot be loaded here, so no model can be trained or used; browsing works.")
    assert read_json(covidlab_home / "device.json") == {"failure": why}
    monkeypatch.setattr(local, "ensure_worker", lambda: None)
    with pytest.raises(RunError, match="TensorFlow cannot be loaded here"):
        LocalEngine().ready()
