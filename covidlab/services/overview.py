"""What all runs are doing, in a few values: for the sidebar, and for pages that must look different when it changes."""

import hashlib
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from covidlab.files import file_stamp
from covidlab.runs.status import State
from covidlab.runs.store import Run, RunStore

# A trainer that dies changes no file; the lock of its run tells.
_BELIEVED_SECONDS = 1.0


@dataclass(frozen=True)
class Overview:
    """How many runs train and wait, which one is active (that trains, else the oldest that waits), "" for none.

    ``stamp`` changes whenever a run comes, goes, begins or ends. ``queue`` names all that train or wait, in the order in
    which the trainer takes them.
    """

    training: int
    waiting: int
    active: str
    stamp: str
    queue: tuple[str, ...] = ()


_lock = threading.Lock()
_known: dict[Path, tuple[tuple, float, Overview]] = {}


def overview(store: RunStore) -> Overview:
    """Return what the runs of a store are doing now; many who ask at once cost one look."""
    with _lock:
        runs = store.list()
        files = tuple((run.id, file_stamp(run.path / "status.json")) for run in runs)
        known_files, until, known = _known.get(store.folder, ((), 0.0, None))
        if known is None or known_files != files or time.monotonic() > until:
            known = _look(runs)
            _known[store.folder] = (files, time.monotonic() + _BELIEVED_SECONDS, known)
        return known


def _look(runs: list[Run]) -> Overview:
    states = {run.id: run.status().state for run in runs}
    training = [run_id for run_id, state in states.items() if state.is_training]
    waiting = [run_id for run_id, state in states.items() if state is State.QUEUED]
    # The list begins with the newest.
    queue = (*reversed(training), *reversed(waiting))
    digest = hashlib.sha256(repr(sorted(states.items())).encode()).hexdigest()
    return Overview(len(training), len(waiting), queue[0] if queue else "", digest[:12], queue)
