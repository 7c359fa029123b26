"""What the worker does while no run waits: previews (``runs.preview_work``), what both presets need of the set in use, phantoms.

A page writes which data set that is (``wanted.json``). The worker passes a few X-rays at a time through the frozen layers,
so that a run that comes begins within the time of one batch, and writes how far it is (``prepared.json``). COVIDLAB_PREPARE=0
switches it off. TensorFlow is imported only where something is computed: pages import this module.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from covidlab.config import PRESETS, TrainingConfig
from covidlab.data.catalog import Catalog, load_catalog
from covidlab.errors import CovidLabError
from covidlab.files import load_dataclass, read_json, require_free_space, write_json
from covidlab.language import tr
from covidlab.learning.backbones import find_backbone
from covidlab.paths import home
from covidlab.runs.idle import SLICE_SECONDS, is_switched_on, low_priority, suppress_unreadable
from covidlab.runs.owner import monotonic_seconds
from covidlab.runs.speed import MIN_PASSES, keep_pass_seconds

if TYPE_CHECKING:
    from covidlab.runs.preview_work import PreviewWork

MAX_BATCH = 16

# 20,000 views are 1 GB; what a larger set needs is computed by its runs.
MAX_VIEWS = 20_000
KEPT_FREE_BYTES = int(2e9)

# Whoever opens Home to present has the least time before Start.
LESSON_PRESET = "default"

PHANTOMS_WANTED = "phantoms-wanted.json"

# A progress older than this was left by a worker that ended.
STALE_SECONDS = 10.0
PROGRESS_INTERVAL_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which data set is in use; ``fingerprint`` changes with its X-rays."""

    dataset: str
    positive_class: str | None = None
    fingerprint: str = ""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the worker is: views that are ready, of those that both presets need; written at ``heartbeat``."""

    done: int = 0
    total: int = 0
    heartbeat: float = 0.0


def want_prepared(catalog: Catalog) -> None:
    """Say that this data set is the one in use; raises StorageError where COVIDLAB_HOME cannot be written."""
    wanted = asdict(
        Wanted(dataset=str(catalog.root), positive_class=catalog.positive_class, fingerprint=catalog.fingerprint)
    )
    if is_switched_on() and read_json(home() / "wanted.json") != wanted:
        write_json(home() / "wanted.json", wanted, durable=False)


def want_phantoms() -> None:
    """Say that somebody may train on phantoms; raises StorageError where COVIDLAB_HOME cannot be written."""
    if is_switched_on() and not (path := home() / PHANTOMS_WANTED).exists():
        write_json(path, {}, durable=False)


def describe_preparation() -> str:
    """Return "Prepared 96 of 300 views" while the worker prepares, else ""."""
    with suppress(ValueError):
        progress = load_dataclass(Progress, read_json(home() / "prepared.json") or {})
        if progress.done < progress.total and abs(monotonic_seconds() - progress.heartbeat) < STALE_SECONDS:
            return tr("Prepared {done:,} of {total:,} views", done=progress.done, total=progress.total)
    return ""


class Preparation:
    """The work of an idle worker, a batch at a time."""

    def __init__(self) -> None:
        self._wanted: dict | None = None
        self._batches: Iterator[None] = iter(())
        self._phantoms: Iterator[None] | None = None
        self._progress_written = -PROGRESS_INTERVAL_SECONDS

    def step(self) -> bool:
        """Do one batch; return False where nothing is left to do."""
        wanted = read_json(home() / "wanted.json") if is_switched_on() else None
        if wanted != self._wanted:
            self._wanted = wanted
            self._batches = self._work(wanted) if wanted else iter(())
        # What cannot be read or written is said by the run that needs it.
        with low_priority(), suppress(CovidLabError):
            if wanted is None:
                return False
            # Somebody waits for a preview; where its X-rays are not prepared, the batches come first.
            return (
                self._previews.step(may_prepare=False)
                or next(self._batches, self) is not self
                or self._previews.step()
                or self._has_prepared_phantoms()
            )
        return False

    def _has_prepared_phantoms(self) -> bool:
        if self._phantoms is None and (home() / PHANTOMS_WANTED).exists():
            from covidlab.runs.phantom_preparation import prepare_phantoms

            self._phantoms = prepare_phantoms()
        return self._phantoms is not None and next(self._phantoms, self) is not self

    @cached_property
    def _previews(self) -> "PreviewWork":
        from covidlab.runs.preview_work import PreviewWork

        return PreviewWork()

    def _work(self, values: dict) -> Iterator[None]:
        """Prepare X-rays as they are for both presets, so that either may begin; then the rest, the lesson's preset first."""
        from covidlab.evaluation.crossvalidation import NUM_FOLDS, NUM_REPEATS
        from covidlab.learning.device import select_device
        from covidlab.learning.film_activations import FilmActivations
        from covidlab.learning.heads import warm_heads
        from covidlab.learning.precision import choose_precision, measured_film_seconds

        try:
            wanted = load_dataclass(Wanted, values)
        except ValueError:
            return
        catalog = load_catalog(Path(str(wanted.dataset)), positive_class=wanted.positive_class)
        config, device = TrainingConfig(dataset=wanted.dataset), select_device("auto")
        backbone = find_backbone(config.backbone)
        precision = choose_precision(config, backbone, device)
        of_presets = [
            FilmActivations(catalog, backbone, preset=name, fine_tune="head", device=device, precision=precision)
            for name in sorted(PRESETS, key=lambda name: name != LESSON_PRESET)
        ]
        seconds = measured_film_seconds(config, backbone, device.name).get(precision, backbone.pass_seconds)
        batch = min(MAX_BATCH, max(1, int(SLICE_SECONDS / seconds)))
        plain, *turned = config.used_views
        rounds = [(activations, plain) for activations in of_presets]
        rounds += [(activations, view) for activations in of_presets for view in turned]
        missing = sum(len(activations.missing_films(view)) for activations, view in rounds)
        total = min(len(rounds) * catalog.num_films, MAX_VIEWS)
        done = max(0, total - missing)
        passes: list[tuple[int, float]] = []
        for activations, view in rounds:
            films = activations.missing_films(view)
            while films and done < total:
                require_free_space(home(), KEPT_FREE_BYTES)
                self._write_progress(done, total)
                chunk, films = films[:batch], films[batch:]
                started = monotonic_seconds()
                # A run may have computed them meanwhile; a film that cannot be read is passed over.
                still_missing = activations.missing_films(view, chunk)
                with suppress_unreadable():
                    activations.compute(still_missing, view)
                done += len(chunk)
                # Other work on the machine comes and goes: the next batch follows what this one took.
                elapsed = max(monotonic_seconds() - started, 1e-3)
                passes.append((len(still_missing), elapsed))
                seconds = elapsed / len(chunk)
                batch = min(2 * batch, MAX_BATCH, max(1, int(SLICE_SECONDS / seconds)))
                yield
            _keep_pace(passes, precision=precision)
        num_learned = catalog.num_films * (NUM_FOLDS - 1) // NUM_FOLDS
        for num_heads in (1, NUM_REPEATS * NUM_FOLDS):
            warm_heads(
                num_features=backbone.num_features,
                num_classes=len(catalog.classes),
                batch_size=config.batch_size,
                num_heads=num_heads,
                num_steps=config.epochs * -(-num_learned // config.batch_size),
            )
            yield
        self._write_progress(total, total, now=True)

    def _write_progress(self, done: int, total: int, *, now: bool = False) -> None:
        if now or monotonic_seconds() - self._progress_written >= PROGRESS_INTERVAL_SECONDS:
            self._progress_written = monotonic_seconds()
            progress = Progress(done=done, total=total, heartbeat=self._progress_written)
            write_json(home() / "prepared.json", asdict(progress), durable=False)


def _keep_pace(passes: list[tuple[int, float]], *, precision: str) -> None:
    """Keep what an X-ray takes, for estimates: a run that finds all prepared never learns it. The first batch also builds a graph."""
    later = [(num_films, seconds) for num_films, seconds in passes[1:] if num_films]
    if sum(num_films for num_films, _ in later) >= MIN_PASSES:
        keep_pass_seconds(median(seconds / num_films for num_films, seconds in later), precision=precision)
