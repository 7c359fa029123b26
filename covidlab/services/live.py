"""Events of runs for all who watch them: one reader looks at the files of a run, and every change goes out once.

A watcher gets the whole state first ("run"), then what changed ("change"), at the end "ended". All watchers of a run get
the same bytes. Whoever reads slowly holds nobody up: it misses changes and gets the whole state again.
"""

import asyncio
import logging
import math
import secrets
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from covidlab.files import FileStamp, file_stamp
from covidlab.language import ENGLISH, language, speaking
from covidlab.runs.status import State, Status
from covidlab.runs.store import Run
from covidlab.services.events import event, jsonable, patch

LOOK_SECONDS = 0.1
# A trainer that dies or hangs changes no file: its lock and its last sign of life are looked at now and then.
STATUS_SECONDS = 1.0
KEEP_ALIVE_SECONDS = 15.0
# How long a browser waits before it asks again after a lost connection.
RETRY_SECONDS = 2.0
EVENTS_KEPT = 64
STREAMS_KEPT = 16
MAX_WATCHERS = 500
# A whole state holds the newest steps only; a chart shows the first epochs', a large set has thousands.
STEPS_IN_STATE = 2000

HISTORY, STEPS = "history.csv", "steps.csv"
_FILES = ("run.json", "status.json", HISTORY, STEPS)
_PRIVATE = ("owner", "heartbeat")

# What a page draws of a moment, as JSON; how it looks is not known here.
Drawing = Callable[["Moment"], dict]


@dataclass(frozen=True)
class Moment:
    """A run as its files were at one moment."""

    run: Run
    facts: dict
    status: Status
    history: pd.DataFrame
    steps: pd.DataFrame

    def public_status(self) -> dict:
        """Return the status without process ids."""
        return jsonable({name: value for name, value in asdict(self.status).items() if name not in _PRIVATE})

    def to_dict(self) -> dict:
        """Return status and rows as plain JSON; of the steps only the newest."""
        rows = {"history": _records(self.history), "steps": _records(self.steps.tail(STEPS_IN_STATE))}
        return {"status": self.public_status(), **rows}

    def since(self, earlier: "Moment") -> dict | None:
        """Return what has changed since an earlier moment; None where rows of it have gone, as where a run is resumed."""
        history, steps = _new_rows(earlier.history, self.history), _new_rows(earlier.steps, self.steps)
        if history is None or steps is None:
            return None
        status = self.public_status()
        change = {"status": status if status != earlier.public_status() else {}, "history": history, "steps": steps}
        return {name: value for name, value in change.items() if value}


class Reader:
    """Reads the files of one run when they have changed."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._stamps: dict[str, FileStamp | None] = {}
        self._state: State | None = None
        self._history = self._steps = pd.DataFrame()

    def look(self, *, check_status: bool = False) -> Moment | None:
        """Return the run as it is now; None where nothing has changed since the last look.

        ``check_status`` asks whether the owner still lives, also where no file has changed.
        """
        stamps = {name: file_stamp(self._run.path / name) for name in _FILES}
        if stamps == self._stamps and not check_status:
            return None
        status = self._run.status()
        if stamps == self._stamps and status.state is self._state:
            return None
        before, self._stamps, self._state = self._stamps, stamps, status.state
        if not before or before[HISTORY] != stamps[HISTORY]:
            self._history = self._run.history()
        if not before or before[STEPS] != stamps[STEPS]:
            self._steps = self._run.steps()
        return Moment(self._run, self._run.load_facts(), status, self._history, self._steps)


class Stream:
    """Events of one run in one language, encoded once for all its watchers. Used in one event loop; files are read in a thread."""

    def __init__(self, run: Run, draw: Drawing, threads: ThreadPoolExecutor, code: str = ENGLISH) -> None:
        self._run, self._draw, self._threads = run, draw, threads
        self._reader, self._language = Reader(run), code
        # Another server, or a stream made anew, must not take an old id for one of its own.
        self._name = secrets.token_hex(4)
        self._number = 0
        self._events: deque[tuple[int, bytes]] = deque(maxlen=EVENTS_KEPT)
        self._moment: Moment | None = None
        self._drawing: dict = {}
        self._whole = b""
        self._changed = asyncio.Event()
        self._looked = asyncio.Event()
        self._task: asyncio.Task | None = None
        self.num_watchers = 0
        self.is_closed = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look at the files of the run for as long as at least one watcher stays."""
        self.num_watchers += 1
        if self._task is None or self._task.done():
            self._looked.clear()
            self._task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            self.num_watchers -= 1
            if not self.num_watchers and not self._task.done():
                self._task.cancel()
                # What its last look has found may never have been sent.
                self._reader = Reader(self._run)

    def has_told(self, last_event_id: str) -> bool:
        """Whether a watcher that names its last event knows all that there will be."""
        return self._has_ended() and last_event_id == self._id()

    async def events(self, last_event_id: str = "") -> AsyncIterator[bytes]:
        """Yield events as bytes until the run has ended: the whole state first, except where the watcher has it."""
        await self._looked.wait()
        seen = self._number_of(last_event_id)
        while not self.is_closed:
            changed = self._changed
            if seen is None or seen < self._oldest_number() - 1:
                seen = self._number
                yield self._whole_state()
                # Events may have come and gone while that was read.
                continue
            for number, encoded in [entry for entry in self._events if entry[0] > seen]:
                seen = number
                yield encoded
            if seen == self._number and self._has_ended():
                yield self._end()
                return
            if seen == self._number:
                await changed.wait()

    def close(self) -> None:
        """End the events of all watchers; they will ask again, or the next server."""
        self.is_closed = True
        self._looked.set()
        self._wake()

    async def _watch(self) -> None:
        try:
            await self._look_until_the_end()
        except Exception:
            logging.getLogger(__name__).exception("The events of run %s end.", self._run.id)
            self.close()

    async def _look_until_the_end(self) -> None:
        loop, status_at, sent_at = asyncio.get_running_loop(), -math.inf, -math.inf
        while not self.is_closed:
            now = loop.time()
            check_status = now - status_at >= STATUS_SECONDS
            status_at = now if check_status else status_at
            news = await loop.run_in_executor(self._threads, self._news, check_status)
            if news is not None:
                self._publish(*news)
                sent_at = now
            elif now - sent_at >= KEEP_ALIVE_SECONDS:
                self._number += 1
                self._send(b": alive\n\n")
                sent_at = now
            self._looked.set()
            if self._has_ended():
                return
            await asyncio.sleep(LOOK_SECONDS)

    def _news(self, check_status: bool) -> tuple[Moment, dict, dict | None] | None:
        """The run now, what to draw of it, and what changed, None where that is everything; None where nothing did."""
        moment = self._reader.look(check_status=check_status)
        if moment is None:
            return None
        with speaking(self._language):
            drawing = jsonable(self._draw(moment))
        change = moment.since(self._moment) if self._moment else None
        if change is not None and (drawn := patch(self._drawing, drawing)):
            change["drawing"] = drawn
        return moment, drawing, change

    def _publish(self, moment: Moment, drawing: dict, change: dict | None) -> None:
        self._moment, self._drawing, self._whole = moment, drawing, b""
        if change == {}:
            return
        self._number += 1
        if change is None:
            self._events.clear()
            self._wake()
        else:
            self._send(event("change", change, self._id()))

    def _send(self, encoded: bytes) -> None:
        self._events.append((self._number, encoded))
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _whole_state(self) -> bytes:
        if not self._whole:
            self._whole = event("run", {**self._moment.to_dict(), "drawing": self._drawing}, self._id())
        return self._whole

    def _end(self) -> bytes:
        content = {"state": self._moment.status.state, "num_watchers": self.num_watchers}
        return event("ended", content, self._id())

    def _has_ended(self) -> bool:
        return self._moment is not None and not self._moment.status.is_active

    def _oldest_number(self) -> int:
        return self._events[0][0] if self._events else self._number + 1

    def _id(self) -> str:
        return f"{self._name}-{self._number}"

    def _number_of(self, event_id: str) -> int | None:
        """Number of an event of this stream; None where it is of another or of none."""
        name, _, number = event_id.partition("-")
        # Anybody may send anything: no digits but ours, and no number too long to be one.
        is_number = number.isascii() and number.isdigit() and len(number) <= len(str(self._number))
        return int(number) if name == self._name and is_number and int(number) <= self._number else None


class Streams:
    """The streams of all runs that are watched, by language, and of the last ones that were."""

    def __init__(self, draw: Drawing) -> None:
        self._draw = draw
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live")
        self._streams: OrderedDict[tuple[Path, str], Stream] = OrderedDict()

    def of(self, run: Run) -> Stream:
        """Return the stream of a run in the language of now."""
        key = (run.path, language())
        stream = self._streams.get(key)
        if stream is None or stream.is_closed:
            stream = self._streams[key] = Stream(run, self._draw, self._threads, key[1])
        self._streams.move_to_end(key)
        for other in [other for other, kept in self._streams.items() if not kept.num_watchers][:-STREAMS_KEPT]:
            del self._streams[other]
        return stream

    def num_watchers(self) -> int:
        """Return how many watch any run."""
        return sum(stream.num_watchers for stream in self._streams.values())

    def close(self) -> None:
        """End every stream, since the server ends."""
        for stream in self._streams.values():
            stream.close()


def _new_rows(before: pd.DataFrame, after: pd.DataFrame) -> list[dict] | None:
    """Rows that a table has got at its end; None where it did not only grow."""
    known = len(before)
    if len(after) < known or (known and not before.iloc[-1].equals(after.iloc[known - 1])):
        return None
    return _records(after.iloc[known:])


def _records(table: pd.DataFrame) -> list[dict]:
    return jsonable(table.to_dict("records"))
