"""Starting the worker from a page, and ending one that hangs. No TensorFlow here."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from covidlab.files import load_dataclass, read_json, storage_errors
from covidlab.paths import PROJECT_ROOT, home
from covidlab.runs.owner import Owner

WORKER_LOCK = "worker.lock"
STOP_SECONDS = 5.0

# Workers this process began: asked for their end now and then, so that no ended one stays behind as a zombie.
_children: list[subprocess.Popen] = []


def ensure_worker() -> None:
    """Start the worker where none runs, and tell a running one that it is still wanted.

    Raises StorageError where COVIDLAB_HOME cannot be written.
    """
    with storage_errors(home()):
        home().mkdir(parents=True, exist_ok=True)
        (home() / "worker.wanted").touch()
    if worker_is_running():
        return
    with open(home() / "worker.log", "ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "covidlab", "worker"],
            cwd=PROJECT_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Its own session: the training goes on when the server ends.
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)},
        )
    _children[:] = [other for other in _children if other.poll() is None] + [child]


def worker_is_running() -> bool:
    """True while some process holds the worker's lock."""
    lock = FileLock(home() / WORKER_LOCK)
    try:
        with lock.acquire(blocking=False):
            return False
    except Timeout:
        return True


def wanted_stamp() -> float:
    """Return when a page last asked for the worker; only changes of it mean something."""
    path: Path = home() / "worker.wanted"
    return path.stat().st_mtime if path.exists() else 0.0


def end_worker() -> None:
    """End the worker and all it started: politely, then by force. Its run is found interrupted."""
    values = read_json(home() / "worker.json")
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
