"""The trainer's queue as rows of text: for the page when it is drawn, and for all browsers that ask again and again."""

import threading
import time
from pathlib import Path

from covidlab.errors import CovidLabError
from covidlab.language import language, tr
from covidlab.runs.engines import chosen_engine
from covidlab.runs.queue import Place, describe_place, may_cancel, places_of
from covidlab.runs.store import Run, RunStore
from covidlab.services.overview import overview

# A class of thirty may press Start at once; the page stays a page.
MOST_ROWS = 12
_BELIEVED_SECONDS = 1.0

_lock = threading.Lock()
_known: dict[tuple[Path, str], tuple[tuple[str, ...], float, list[dict]]] = {}


def current_places() -> list[Place]:
    """Return who trains and who waits now, as the trainer of this server takes them."""
    store = RunStore()
    try:
        engine = chosen_engine().name
    except CovidLabError:
        return []
    runs = [Run(store.folder / run_id) for run_id in overview(store).queue]
    # What the command line trains has nobody waiting for it.
    return places_of([run for run in runs if run.load_engine() == engine])


def queue_rows() -> list[dict]:
    """Return a row for each place: id, text, whether the run waits, whether anybody may cancel it.

    A last row without id counts the others. Many who ask at once cost one look.
    """
    store = RunStore()
    queue, key = overview(store).queue, (store.folder, language())
    if not queue:
        return []
    with _lock:
        known_queue, until, rows = _known.get(key, ((), 0.0, []))
        if known_queue != queue or time.monotonic() > until:
            rows = rows_of(current_places())
            _known[key] = (queue, time.monotonic() + _BELIEVED_SECONDS, rows)
        return rows


def rows_of(places: list[Place]) -> list[dict]:
    """Return the places as rows of JSON, see ``queue_rows``."""
    rows = [
        {
            "id": place.run.id,
            "text": describe_place(place),
            "waits": place.position > 0,
            "open": may_cancel(place.run, ""),
        }
        for place in places[:MOST_ROWS]
    ]
    if (further := len(places) - MOST_ROWS) > 0:
        rows.append(
            {"id": "", "text": tr("{further} more behind these", further=further), "waits": False, "open": False}
        )
    return rows
