"""The part of an idle worker that finds what ``runs.previews`` asks for, a slice of time after another.

The order: range tests, the curves of the settings in use, those of the same batch size for 100 epochs, the cross-validated
curve of the rate in use, the curves of other batch sizes, the cross-validated curves of the other rates (before those and before
100 epochs, where a page shows all rates). A newer request goes first; what it interrupts is continued afterwards.
"""

import json
import os
import shutil
import time
from collections import OrderedDict
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import numpy as np

from covidlab.config import LEARNING_RATES
from covidlab.data.catalog import Catalog, load_catalog
from covidlab.data.decisions import apply_selection
from covidlab.data.selections import load_selection
from covidlab.data.splits import require_two_patients, split_of_run
from covidlab.errors import CovidLabError, DataError, RunError
from covidlab.evaluation.rate_range import NUM_STEPS
from covidlab.files import replacing, require_free_space, write_json
from covidlab.language import tr
from covidlab.learning.backbones import find_backbone
from covidlab.learning.device import OUT_OF_MEMORY, select_device
from covidlab.learning.film_activations import DamagedXrays, FilmActivations
from covidlab.learning.precision import choose_precision
from covidlab.paths import home
from covidlab.runs.damaged import changed_since_listed, without_damaged
from covidlab.runs.idle import in_slices
from covidlab.runs.owner import monotonic_seconds
from covidlab.runs.preview_curves import Found, Subject, column_curves, fan_curve, range_curve
from covidlab.runs.previews import (
    COLUMN,
    FAN,
    GRID_BATCH_SIZES,
    LONGEST_COLUMN,
    PREVIEW_FORMAT,
    RANGE,
    Place,
    Request,
    State,
    folder_of,
    load_request,
    load_result,
    result_path,
)

# A page that nobody has touched for so long has got what it asked for; of more keys the newest count.
ASKED_WITHIN_SECONDS = 15 * 60
MAX_ACTIVE = 8
# Longer ones are left to the run: steps of nine heads side by side, and of fifty.
MAX_STEPS = {COLUMN: 40_000, FAN: 20_000, RANGE: NUM_STEPS}
# Views that nobody else prepares, as those of an unusual augmentation; more are left to the run.
MAX_PREPARED = 1000
PREPARED_AT_ONCE = 2

# More results than all wishes of a key need, so that none is removed and found again.
MAX_KEYS, MAX_RESULTS, MAX_BYTES = 24, 200, int(50e6)
KEPT_FREE_BYTES = int(1e9)
_SUBJECTS_KEPT, _BEGUN_KEPT = 2, 4
_STATE_SECONDS, _WAIT_SECONDS = 0.5, 1.0
_READ_AT_ONCE = 64


class Task(NamedTuple):
    """One result of one request."""

    key: str
    place: Place


class PreviewWork:
    """Finds what pages ask for, one ``step`` after another."""

    def __init__(self) -> None:
        self._stamps: dict[str, int] = {}
        self._task: Task | None = None
        self._is_idle, self._waits_until, self._told_at = False, 0.0, 0.0
        self._begun: OrderedDict[Task, Generator[None, None, None]] = OrderedDict()
        self._sources: dict[str, _Source] = {}
        self._subjects: OrderedDict[str, Subject] = OrderedDict()
        self._failures: dict[str, str] = {}

    def step(self, *, may_prepare: bool = True) -> bool:
        """Work for a moment; return False where nothing is left to do.

        Without ``may_prepare`` only X-rays that are prepared already get a preview.
        """
        if self._stamps != (stamps := _active_stamps()):
            self._stamps, self._task = stamps, None
            self._is_idle, self._waits_until = False, 0.0
            self._failures = {}
        if self._is_idle or (self._task is None and not self._choose(may_prepare=may_prepare)):
            return False
        task = self._task
        try:
            with self._sources[task.key].device.scope():
                next(self._begun[task])
        except StopIteration:
            self._end(task)
        except CovidLabError as error:
            self._failures[task.key] = str(error)
            self._end(task)
        except OUT_OF_MEMORY:
            self._failures[task.key] = tr(
                "Memory ran out while the preview was computed. Press Start to train without one."
            )
            self._end(task)
        else:
            self._tell(task.key)
        return True

    def _end(self, task: Task) -> None:
        self._begun.pop(task, None)
        self._task = None
        self._tell(task.key, now=True)

    def _choose(self, *, may_prepare: bool) -> bool:
        """Take the most urgent task that is not done; False where there is none, or none may be done yet."""
        if not may_prepare and monotonic_seconds() < self._waits_until:
            return False
        self._open_sources()
        waits = False
        for task in self._tasks():
            if self._is_done(task):
                continue
            if not may_prepare and self._sources[task.key].count_missing():
                waits = True
                continue
            self._begin(task)
            return True
        self._is_idle, self._waits_until = not waits, monotonic_seconds() + _WAIT_SECONDS
        for key in self._stamps:
            self._tell(key, now=True)
        return False

    def _open_sources(self) -> None:
        """Look at the X-rays of each request that is new or was changed."""
        requests = {key: request for key in self._stamps if (request := load_request(key))}
        kept = {key: source for key, source in self._sources.items() if key in requests}
        self._sources = kept
        for key, request in requests.items():
            if key in kept and kept[key].is_of(request):
                kept[key].request = request
                continue
            self._subjects.pop(key, None)
            try:
                kept[key] = _Source(request)
            except CovidLabError as error:
                self._failures[key] = str(error)

    def _begin(self, task: Task) -> None:
        self._task = task
        if task not in self._begun:
            self._begun[task] = in_slices(self._work_on(task))
        self._begun.move_to_end(task)
        while len(self._begun) > _BEGUN_KEPT:
            self._begun.popitem(last=False)
        self._tell(task.key, now=True)

    def _tasks(self) -> list[Task]:
        """All that is wanted, the most urgent first; of the same urgency what was asked for last."""
        ranked = [
            (rank, recency, Task(key, place))
            for recency, key in enumerate(self._stamps)
            if key not in self._failures and key in self._sources
            for rank, place in wanted_places(self._sources[key].request)
        ]
        ranked.sort(key=lambda entry: entry[:2])
        return list(dict.fromkeys(task for _, _, task in ranked))

    def _is_done(self, task: Task) -> bool:
        precision = self._sources[task.key].precision
        return load_result(task.key, task.place.name, precision=precision) is not None

    def _tell(self, key: str, *, now: bool = False) -> None:
        """Write how far the work on a key is."""
        request = load_request(key)
        if request is None or not (now or monotonic_seconds() - self._told_at >= _STATE_SECONDS):
            return
        self._told_at = monotonic_seconds()
        source, failure = self._sources.get(key), self._failures.get(key, "")
        tasks = {Task(key, place) for _, place in wanted_places(request)} if source and not failure else ()
        state = State(
            precision=source.precision if source else "",
            wishes=request.wishes,
            done=sum(map(self._is_done, tasks)),
            total=len(tasks),
            missing=source.num_missing if source else 0,
            failure=failure,
            heartbeat=self._told_at,
        )
        # What cannot be written is not shown either.
        with suppress(CovidLabError):
            write_json(folder_of(key) / "state.json", asdict(state), durable=False)

    def _work_on(self, task: Task) -> Generator[None, None, None]:
        """Find one result and write it."""
        require_free_space(home(), KEPT_FREE_BYTES)
        source = self._sources[task.key]
        subject = self._subjects.get(task.key)
        if subject is None:
            subject = yield from source.read_subject()
            self._subjects[task.key] = subject
            while len(self._subjects) > _SUBJECTS_KEPT:
                self._subjects.popitem(last=False)
        found = yield from _find(subject, task.place)
        path = result_path(task.key, source.precision, task.place.name)
        content = {"format": PREVIEW_FORMAT, "name": task.place.name, **found}
        with replacing(path, durable=False) as temporary:
            # In one line: half of it would be spaces.
            temporary.write_text(json.dumps(content, separators=(",", ":"), allow_nan=False), encoding="utf-8")
        tidy(keep=task.key)


class _Source:
    """The X-rays of a request, before anything is read of them; raises CovidLabError where there are none such."""

    def __init__(self, request: Request):
        self.request = request
        try:
            self.config = request.settings()
        except ValueError as error:
            raise RunError(tr("The settings of this preview cannot be read. Reload the page.")) from error
        self._listed = load_catalog(Path(self.config.dataset), positive_class=self.config.positive_class)
        if self._selected(self._listed).fingerprint != request.fingerprint:
            raise DataError(tr("The X-rays have changed since this preview was asked for. Reload the page."))
        self.device = select_device(self.config.device)
        self.precision = choose_precision(self.config, find_backbone(self.config.backbone), self.device)
        self._damaged = changed_since_listed(self._listed)
        self._open()
        self.num_missing = 0

    def _open(self) -> None:
        """Begin with the X-rays that a run would use: those that are not damaged, as far as that is known."""
        catalog = self._selected(without_damaged(self._listed, self._damaged))
        require_two_patients(catalog)
        self.catalog, self.split = catalog, split_of_run(catalog, self.config)
        self._activations = FilmActivations(
            catalog,
            find_backbone(self.config.backbone),
            preset=self.config.preset,
            fine_tune="head",
            device=self.device,
            precision=self.precision,
            augmentation=self.config.augmentation,
        )

    def _selected(self, catalog: Catalog) -> Catalog:
        if not self.config.selection:
            return catalog
        return apply_selection(catalog, load_selection(catalog.root, self.config.selection))

    def is_of(self, request: Request) -> bool:
        """Whether a later request with the same key is of the same X-rays in the same place."""
        return (self.request.config["dataset"], self.request.fingerprint) == (
            request.config["dataset"],
            request.fingerprint,
        )

    def count_missing(self) -> int:
        """Return how many views of X-rays are not prepared yet."""
        self.num_missing = sum(len(self._activations.missing_films(view)) for view in range(self.config.views))
        return self.num_missing

    def read_subject(self) -> Generator[None, None, Subject]:
        """Return the X-rays as the heads take them, without those that turn out to be damaged, as a run does."""
        while True:
            try:
                return (yield from self._read())
            except DamagedXrays as error:
                # Those of one batch: each look finds some, until none is left or they are too many.
                self._damaged |= error.why
                self._open()
            yield

    def _read(self) -> Generator[None, None, Subject]:
        """Prepare a few X-rays that are missing, a batch at a time, and read all."""
        if self.count_missing() > MAX_PREPARED:
            raise RunError(
                tr(
                    "A preview needs {num_missing:,} more prepared views of these X-rays. Press Start once; the run "
                    "prepares them.",
                    num_missing=self.num_missing,
                )
            )
        films, columns = np.arange(self.catalog.num_films), []
        for view in range(self.config.views):
            chunks = []
            for missing in _chunks(self._activations.missing_films(view), PREPARED_AT_ONCE):
                self._activations.compute(missing, view)
                self.num_missing -= len(missing)
                yield
            for chunk in _chunks(films, _READ_AT_ONCE):
                chunks.append(self._activations.features(chunk, view))
                yield
            columns.append(np.concatenate(chunks))
        return Subject(catalog=self.catalog, split=self.split, features=np.stack(columns, axis=1), config=self.config)


def wanted_places(request: Request) -> Iterator[tuple[int, Place]]:
    """Yield what is to be found for a request with its rank, 0 the most urgent; what would take too long is left out."""
    for rank, place in _all_places(request):
        if place.epochs * -(-request.num_films // place.batch_size) <= MAX_STEPS[place.kind]:
            yield rank, place


def _all_places(request: Request) -> Iterator[tuple[int, Place]]:
    for batch_size in request.ranges:
        yield 0, Place(RANGE, batch_size)
    for batch_size, epochs, rate in request.wanted:
        yield 1, Place(COLUMN, batch_size, epochs)
        # Who looks at all rates waits for their cross-validated curves; the long ones take as long as two of them.
        yield 4 if request.all_rates else 2, Place(COLUMN, batch_size, max(epochs, LONGEST_COLUMN))
        yield 3, Place(FAN, batch_size, epochs, rate)
    for batch_size, epochs, _ in request.wanted[:1]:
        yield from ((4, Place(COLUMN, other, epochs)) for other in GRID_BATCH_SIZES)
        yield from ((3 if request.all_rates else 5, Place(FAN, batch_size, epochs, other)) for other in LEARNING_RATES)
        yield from ((6, Place(COLUMN, other, max(epochs, LONGEST_COLUMN))) for other in GRID_BATCH_SIZES)


def tidy(*, keep: str = "") -> None:
    """Remove what is too much: keys that pages asked for longest ago, and the oldest results of a key."""
    keys = _stamps_of_all()
    total = 0
    for number, key in enumerate(keys):
        results = sorted(_results_of(key), key=lambda path: -path.stat().st_mtime_ns)
        for path in results[MAX_RESULTS:]:
            path.unlink(missing_ok=True)
        total += sum(path.stat().st_size for path in results[:MAX_RESULTS])
        if key != keep and (number >= MAX_KEYS or total > MAX_BYTES):
            shutil.rmtree(folder_of(key), ignore_errors=True)


def _find(subject: Subject, place: Place) -> Found:
    if place.kind == RANGE:
        return range_curve(subject, batch_size=place.batch_size)
    if place.kind == FAN:
        return fan_curve(subject, batch_size=place.batch_size, epochs=place.epochs, rate=place.rate)
    return column_curves(subject, batch_size=place.batch_size, epochs=place.epochs)


def _active_stamps() -> dict[str, int]:
    """When pages asked for each key last, the newest first; those of long ago are over."""
    oldest = time.time_ns() - int(ASKED_WITHIN_SECONDS * 1e9)
    return dict([(key, stamp) for key, stamp in _stamps_of_all().items() if stamp >= oldest][:MAX_ACTIVE])


def _stamps_of_all() -> dict[str, int]:
    """When pages asked for each key, the newest first."""
    stamps = {}
    with suppress(OSError):
        for entry in os.scandir(home() / "previews"):
            with suppress(OSError):
                stamps[entry.name] = os.stat(Path(entry.path) / "request.json").st_mtime_ns
    return dict(sorted(stamps.items(), key=lambda entry: -entry[1]))


def _results_of(key: str) -> list[Path]:
    return list(folder_of(key).glob("*/*.json"))


def _chunks(films: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (films[start : start + size] for start in range(0, len(films), size))
