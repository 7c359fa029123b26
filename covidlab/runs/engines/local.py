"""The engine of this machine: one warm worker process, started when a page asks for it. No TensorFlow here."""

import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from covidlab.data.catalog import load_catalog
from covidlab.errors import CovidLabError, RunError
from covidlab.files import load_dataclass, read_json, storage_errors
from covidlab.paths import PROJECT_ROOT, dataset_folder, home
from covidlab.runs.datasets import DatasetReference, recorded_path
from covidlab.runs.engines.base import Description, Engine
from covidlab.runs.jobs import EngineName
from covidlab.runs.owner import Owner, monotonic_seconds
from covidlab.runs.store import Run

STOP_SECONDS = 5.0

# Until a worker that was started holds its lock; a second one meanwhile would only load Python and leave.
STARTING_SECONDS = 30.0


@dataclass(frozen=True)
class Files:
    """The files of a process that executes runs, in ``home()``: one of a kind for each home."""

    kind: str

    @property
    def lock(self) -> Path:
        """Held while the process lives."""
        return home() / f"{self.kind}.lock"

    @property
    def owner(self) -> Path:
        """Who holds the lock."""
        return home() / f"{self.kind}.json"

    @property
    def wanted(self) -> Path:
        """Touched by whoever wants the process."""
        return home() / f"{self.kind}.wanted"

    @property
    def log(self) -> Path:
        """What the process says."""
        return home() / f"{self.kind}.log"


WORKER, DISPATCHER = Files("worker"), Files("dispatcher")

# Processes this process began, of which kind, for which home and when: asked for their end now and then, so that no ended one
# stays behind as a zombie.
_children: list[tuple[subprocess.Popen, Path, float]] = []
_starting = threading.Lock()


class LocalEngine(Engine):
    """The worker of this machine takes queued runs by itself; the engine sees to it that there is one."""

    name = EngineName.LOCAL

    def ready(self) -> None:
        """See Engine: the worker loads TensorFlow while a person looks at the page."""
        ensure_worker()
        if failure := self.describe().failure:
            raise RunError(failure)

    def submit(self, run: Run) -> None:
        """See Engine: the worker looks for queued runs; which one it takes next is the oldest."""
        self.ready()

    def end(self) -> None:
        """See Engine."""
        end_worker()

    def describe(self) -> Description:
        """See Engine: as the worker wrote it down when it last began."""
        return load_dataclass(Description, read_json(home() / "device.json") or {})

    def resolve(self, reference: DatasetReference) -> Path:
        """See Engine: a folder that is gone may have been moved; the data set in use takes its place if it is the same."""
        recorded = recorded_path(reference)
        if reference.fingerprint and not recorded.is_dir():
            with suppress(CovidLabError):
                if load_catalog(dataset_folder()).fingerprint == reference.fingerprint:
                    return dataset_folder()
        return recorded


def ensure_worker(files: Files = WORKER) -> None:
    """Start the worker where none runs, and tell a running one that it is still wanted.

    Raises StorageError where COVIDLAB_HOME cannot be written.
    """
    with storage_errors(home()):
        home().mkdir(parents=True, exist_ok=True)
        files.wanted.touch()
    # One at a time: fifty who press Start at once get one process.
    with _starting:
        _children[:] = [started for started in _children if started[0].poll() is None]
        if not worker_is_running(files) and not any(_is_starting(files, *started[1:]) for started in _children):
            _children.append((_start_worker(files), files.lock, monotonic_seconds()))


def _is_starting(files: Files, lock: Path, since: float) -> bool:
    return lock == files.lock and monotonic_seconds() - since < STARTING_SECONDS


def _start_worker(files: Files) -> subprocess.Popen:
    with open(files.log, "ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "covidlab", "worker"],
            cwd=PROJECT_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Its own session: the training goes on when the server ends.
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)},
        )


def worker_is_running(files: Files = WORKER) -> bool:
    """True while some process holds the worker's lock."""
    lock = FileLock(files.lock)
    try:
        with lock.acquire(blocking=False):
            return False
    except Timeout:
        return True


def wanted_stamp(files: Files = WORKER) -> float:
    """Return when a page last asked for the worker; only changes of it mean something."""
    path = files.wanted
    return path.stat().st_mtime if path.exists() else 0.0


def end_worker(files: Files = WORKER) -> None:
    """End the worker and all it started: politely, then by force. Its run is found interrupted."""
    values = read_json(files.owner)
    process = None
    with suppress(ValueError):
        process = load_dataclass(Owner, values).process()
    if process is None:
        return
    with suppress(psutil.Error):
        family = [process, *process.children(recursive=True)]
        for member in family:
            member.terminate()
        for member in psutil.wait_procs(family, timeout=STOP_SECONDS)[1]:
            member.kill()
