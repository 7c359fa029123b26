"""What was done here and by whom: a line an act in ``acts.jsonl``, added and never changed. No patient, no name of a file.

Each line is JSON: time (UTC), who (as the sign-in names them, "API" for a program with the token, "" for others: what
somebody types as a name is no proof), role, act, run (its id, where there is
one), and for "read" how many X-rays.
"""

import json
import logging
import threading
from datetime import UTC, datetime

from covidlab.errors import StorageError
from covidlab.files import append_line
from covidlab.language import tr
from covidlab.paths import home
from covidlab.runs.store import Run
from covidlab.services.access import Act, Visitor
from covidlab.text import one_line

FILE = "acts.jsonl"
_MAX_NAME = 200

_lock = threading.Lock()


def note_act(visitor: Visitor, act: Act, run: Run | None = None, *, num_xrays: int | None = None) -> None:
    """Add a line; where the disk is full the act stays, and the server's console says that it was not noted."""
    values = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "who": one_line(visitor.name, max_length=_MAX_NAME),
        "role": visitor.role,
        "act": act,
        "run": run.id if run else "",
    }
    if num_xrays is not None:
        values["xrays"] = num_xrays
    try:
        with _lock:
            home().mkdir(parents=True, exist_ok=True)
            append_line(home() / FILE, json.dumps(values))
    except (OSError, StorageError):
        logging.getLogger(__name__).warning(tr("An act could not be noted in %s."), FILE)
