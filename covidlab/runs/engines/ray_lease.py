"""Who may write into a run that a cluster executes: the attempt that lease.json names. No Ray and no TensorFlow here.

The dispatcher, which holds the lock of the run, names each attempt before it hands it to a node. The attempt looks at the file
before whatever it writes. A node that is cut off and still computes finds another name there and ends without a word, so that
no clock and no pid of another machine has to be believed.
"""

import json
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

from covidlab.files import write_json
from covidlab.runs.owner import boot_id
from covidlab.runs.status import Status
from covidlab.runs.store import Run

LEASE = "lease.json"


class LeaseLost(Exception):
    """Another attempt executes the run by now; not an error."""


def new_lease(run: Run) -> str:
    """Name a new attempt in lease.json, and return its name; whoever executed the run before may write no more."""
    lease = secrets.token_hex(8)
    write_json(run.path / LEASE, {"lease": lease})
    return lease


def current_lease(path: Path) -> str:
    """Return the attempt that lease.json of the run in ``path`` names, "" where it names none.

    The file is opened each time: network file systems look anew at what they have kept of a file when it is opened.
    """
    with suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads((path / LEASE).read_text(encoding="utf-8"))["lease"])
    return ""


class LeasedRun(Run):
    """A run as the attempt that executes it on a node sees it: each write looks first whether the lease still holds.

    Parameters
    ----------
    lease : as ``new_lease`` returned it
    node : what people call the machine
    """

    def __init__(self, path: Path, *, lease: str, node: str = ""):
        super().__init__(path)
        self.lease, self.node = lease, node

    def require_lease(self) -> None:
        """Raise LeaseLost where another attempt executes the run by now."""
        if current_lease(self.path) != self.lease:
            raise LeaseLost(self.lease)

    def write_status(self, status: Status) -> None:
        """See Run; the status names the node."""
        self._write(super().write_status, Status(**{**vars(status), "node": self.node}))

    def _owner(self) -> dict:
        # Whose monotonic clock the heartbeat is of. The pid of another machine would say nothing.
        return {"node": self.node, "lease": self.lease, "boot": boot_id()}

    def update_facts(self, **facts: Any) -> None:
        """See Run."""
        self._write(super().update_facts, **facts)

    def append_history(self, **row: float) -> None:
        """See Run."""
        self._write(super().append_history, **row)

    def append_steps(self, rows: list[dict]) -> None:
        """See Run."""
        self._write(super().append_steps, rows)

    def forget_after(self, epoch: int) -> None:
        """See Run."""
        self._write(super().forget_after, epoch)

    def write_predictions(self, predictions: pd.DataFrame) -> None:
        """See Run."""
        self._write(super().write_predictions, predictions)

    def write_report(self, report: dict) -> None:
        """See Run."""
        self._write(super().write_report, report)

    def log(self, line: str) -> None:
        """See Run."""
        self._write(super().log, line)

    def _write(self, write: Callable[..., None], *values: Any, **named: Any) -> None:
        self.require_lease()
        write(*values, **named)
