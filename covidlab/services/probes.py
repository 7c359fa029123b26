"""The server's side of the process that probes data sets: one set at a time, each once, what was found kept for all.

The server loads neither scikit-learn nor SciPy. What was found lies in ``home()/probes``, under a name that holds all it depends
on: the fingerprint of the catalog (content, class and patient of every X-ray) and the version of the probe.
"""

import atexit
import queue
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from covidlab.child import Child, ChildDied, ChildTooSlow, Message
from covidlab.data.catalog import Catalog
from covidlab.errors import StorageError
from covidlab.evaluation.probe import PROBE_VERSION
from covidlab.evaluation.probe_result import Probe
from covidlab.files import read_json, write_json
from covidlab.language import tr
from covidlab.paths import home

PROGRAM = ("-m", "covidlab.services.probe_process")
# Far above what a probe takes beside a training on every core.
MOST_SECONDS = 15 * 60.0

_START_SECONDS = 120.0
_ANSWER_SECONDS = 60.0
_LOOK_SECONDS = 0.2
# The sums are small; threads of their own would only disturb others.
_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True)
class ProbeState:
    """What is known of the probe of a data set: its result, or why there is none, or how far it is.

    num_done, num_films: X-rays read and to be read; both 0 before the first. seconds: since it began; 0 while it waits.
    """

    probe: Probe | None = None
    failure: str = ""
    num_done: int = 0
    num_films: int = 0
    seconds: float = 0.0

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come by itself."""
        return self.probe is not None or bool(self.failure)


class Prober:
    """Probes data sets in another process, one after another; shared by all threads of the server.

    Parameters
    ----------
    program : what Python runs in the process
    """

    def __init__(self, *, program: Sequence[str] = PROGRAM) -> None:
        self._child = Child(program, start_seconds=_START_SECONDS, environment=_ENVIRONMENT, is_quiet=False)
        self._waiting: queue.Queue[dict] = queue.Queue()
        self._states: dict[str, ProbeState] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_closing = False

    def state(self, catalog: Catalog) -> ProbeState:
        """What is known of this data set; starts nothing."""
        if kept := kept_probe(catalog.fingerprint):
            return ProbeState(probe=kept)
        return self._states.get(catalog.fingerprint, ProbeState())

    def start(self, catalog: Catalog, *, again: bool = False) -> None:
        """Begin to probe a data set unless its probe is kept, under way or, save for ``again``, has failed; never waits."""
        with self._lock:
            known = self._states.get(catalog.fingerprint)
            if kept_probe(catalog.fingerprint) or (known is not None and not (again and known.failure)):
                return
            self._states[catalog.fingerprint] = ProbeState()
            values = {"root": str(catalog.root), "positive_class": catalog.positive_class}
            self._waiting.put({**values, "fingerprint": catalog.fingerprint})
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="covidlab probes", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """End the process."""
        self._is_closing = True
        self._child.kill()

    def _serve(self) -> None:
        while not self._is_closing:
            values = self._waiting.get()
            try:
                self._note(values, self._probe(values))
            except (ChildDied, ChildTooSlow, ValueError):
                self._note(
                    values,
                    ProbeState(failure=tr("The process that compares the classes ended unexpectedly. Try again.")),
                )
            finally:
                # It holds scikit-learn, and may not be needed for days.
                self._child.end()

    def _probe(self, values: dict) -> ProbeState:
        started = time.monotonic()
        while (seconds := time.monotonic() - started) < MOST_SECONDS:
            answer = self._child.ask(Message(values), seconds=_ANSWER_SECONDS).values
            if refusal := answer.get("refusal"):
                return ProbeState(failure=str(refusal))
            if found := answer.get("probe"):
                return ProbeState(probe=keep_probe(Probe.from_dict(found)))
            done, films = int(answer.get("done", 0)), int(answer.get("total", 0))
            self._note(values, ProbeState(num_done=done, num_films=films, seconds=seconds))
            time.sleep(_LOOK_SECONDS)
        raise ChildTooSlow

    def _note(self, values: dict, state: ProbeState) -> None:
        self._states[values["fingerprint"]] = state


@cache
def shared_prober() -> Prober:
    """The prober of this process."""
    prober = Prober()
    atexit.register(prober.close)
    return prober


def kept_probe(fingerprint: str) -> Probe | None:
    """What was found of the data set with this fingerprint, None where it is not probed yet."""
    values = read_json(_path(fingerprint))
    with suppress(ValueError):
        return Probe.from_dict(values) if values else None
    return None


def keep_probe(found: Probe) -> Probe:
    """Keep what was found for all who look later; returns it."""
    # A full disk costs a probe at the next start, nothing else.
    with suppress(StorageError, OSError):
        write_json(_path(found.fingerprint), found.to_dict(), durable=False)
    return found


def _path(fingerprint: str) -> Path:
    return home() / "probes" / f"{fingerprint}-{PROBE_VERSION}.json"
