"""Curves of runs that nobody has started: what a page asks for, and what an idle worker has found. No TensorFlow.

previews/<key>/request.json            what pages want of a data set with some settings, the newest first; written by pages
previews/<key>/state.json              how far the worker is with it
previews/<key>/<precision>/<name>.json what it found, each replaced whole (``runs.preview_curves`` says what is in it):
    column-b8-e25       one curve for each learning rate, of the run's own split, for a batch size and a number of epochs
    fan-b8-e25-r0.001   the cross-validated curve of one rate
    range-b8            the learning-rate range test

The key names everything else the curves depend on. Learning rate, batch size and epochs are no part of it, so that moving a
slider needs no other address. Since the rate decays by rate / epochs a step, a curve belongs to one number of epochs: what is
known for 100 epochs can be shown for fewer, but is then an approximation.
"""

import hashlib
import json
import math
import os
import re
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import NamedTuple

from covidlab.config import LEARNING_RATES, NUM_FOLDS, NUM_REPEATS, SPLIT_SEED, VALIDATION_SHARE, TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.files import load_dataclass, read_json, storage_errors, write_json
from covidlab.language import tr
from covidlab.learning.activations import PREPARATION_VERSION
from covidlab.learning.backbones import find_backbone
from covidlab.paths import home
from covidlab.runs.idle import is_switched_on
from covidlab.runs.owner import monotonic_seconds
from covidlab.text import decimal_text, pluralize

# Raise this where what is found for a key changes.
PREVIEW_FORMAT = 2

MAX_FILMS = 2000
GRID_BATCH_SIZES = (8, 16, 32, 4, 2, 1)
# Longer runs have no column that can stand for them.
LONGEST_COLUMN = 100

# How many of the newest wishes of pages with one key count: a class looks at one set.
_WANTED_KEPT = 32
# A state older than this was left by a worker that ended or does something else.
_STALE_SECONDS = 10.0

COLUMN, FAN, RANGE = "column", "fan", "range"
_NAME = re.compile(r"(column-b\d+-e\d+|fan-b\d+-e\d+-r[\d.]+|range-b\d+)")
_KEY = re.compile(r"[0-9a-f]{24}")
# Settings that a curve does not depend on, that its place names, or that the fingerprint of the X-rays holds.
_NOT_IN_KEY = ("dataset", "selection", "learning_rate", "epochs", "batch_size", "patience", "start_from", "keep_split")

_writing = threading.Lock()


class Place(NamedTuple):
    """One result below a key."""

    kind: str
    batch_size: int
    epochs: int = 0
    rate: float = 0.0

    @property
    def name(self) -> str:
        """Name of the file, without its ending."""
        if self.kind == RANGE:
            return f"range-b{self.batch_size}"
        column = f"b{self.batch_size}-e{self.epochs}"
        return f"fan-{column}-r{decimal_text(self.rate)}" if self.kind == FAN else f"column-{column}"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What pages want with one key.

    config: settings of a run, as ``TrainingConfig.to_dict`` gives them. wanted: [batch size, epochs, rate], the newest first.
    ranges: batch sizes whose range test is wanted, the newest first. all_rates: whether a page shows all rates now.
    """

    config: dict
    fingerprint: str
    num_films: int
    wanted: list
    ranges: list
    all_rates: bool = False

    @property
    def wishes(self) -> list:
        """What tells this request from an earlier one with the same key."""
        return [self.wanted, self.ranges]

    def settings(self) -> TrainingConfig:
        """Return the settings; raises ValueError or UsageError where this version cannot read them."""
        return TrainingConfig.from_dict(self.config)


@dataclass(frozen=True, kw_only=True)
class State:
    """How far the worker is with a request.

    wishes: of the request it looked at. done, total: results. missing: views of X-rays that must be prepared first.
    failure: a sentence that says why there is nothing more.
    """

    precision: str = ""
    wishes: list | None = None
    done: int = 0
    total: int = 0
    missing: int = 0
    failure: str = ""
    heartbeat: float = 0.0


def why_no_preview(config: TrainingConfig, num_films: int) -> str:
    """Return in one sentence why there is no preview of a run with these settings; "" where there is one."""
    if not is_switched_on():
        return tr(
            "Previews are switched off (COVIDLAB_PREPARE=0), or a cluster trains (COVIDLAB_ENGINE=ray), which has none."
        )
    if config.fine_tune != "head":
        return tr("A preview exists only where just the head learns. Press Start to train deeper layers.")
    if config.start_from:
        return tr("A run that starts from an earlier model has no preview.")
    if num_films > MAX_FILMS:
        return tr(
            "A preview exists for sets of up to {max_films:,} X-rays. This set has {num_films:,}. Press "
            "Start to train.",
            max_films=MAX_FILMS,
            num_films=num_films,
        )
    return ""


def preview_key(config: TrainingConfig, used: Catalog) -> str:
    """Return the name of everything the curves depend on besides learning rate, batch size and epochs.

    Parameters
    ----------
    used : the X-rays that a run with these settings is trained on, as its selection wants them
    """
    keeps_split = config.keep_split or used.keeps_split
    facts = {field.name: getattr(config, field.name) for field in fields(config) if field.name not in _NOT_IN_KEY}
    facts |= {
        "format": PREVIEW_FORMAT,
        "fingerprint": used.fingerprint,
        "positive_class": used.positive_class,
        "split": used.films["given_part"].tolist() if keeps_split else [SPLIT_SEED, VALIDATION_SHARE],
        "folds": [NUM_FOLDS, NUM_REPEATS],
        "rates": LEARNING_RATES,
        "weights": find_backbone(config.backbone).weights_sha256,
        "preparation": PREPARATION_VERSION,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:24]


def request_preview(config: TrainingConfig, used: Catalog, *, all_rates: bool = False, range_test: bool = False) -> str:
    """Ask for the curves of these settings; return their key. Raises StorageError where COVIDLAB_HOME cannot be written.

    Parameters
    ----------
    all_rates : whether the cross-validated curves of all rates come before the curves of other batch sizes
    range_test : whether the range test of this batch size is wanted as well
    """
    key = preview_key(config, used)
    path = folder_of(key) / "request.json"
    with _writing, storage_errors(path):
        before = load_request(key)
        ranges = [config.batch_size] if range_test else []
        request = Request(
            config=config.to_dict(),
            fingerprint=used.fingerprint,
            num_films=used.num_films,
            wanted=_newest([[config.batch_size, config.epochs, config.learning_rate]], before.wanted if before else []),
            ranges=_newest(ranges, before.ranges if before else []),
            all_rates=all_rates,
        )
        if before != request:
            write_json(path, asdict(request), durable=False)
        else:
            # The newest request is served first.
            path.touch()
    return key


def load_request(key: str) -> Request | None:
    """Return what pages want with a key; None where nobody asked, or the file is damaged."""
    with suppress(ValueError, TypeError):
        request = load_dataclass(Request, read_json(folder_of(key) / "request.json"))
        wanted = [[int(batch), int(epochs), float(rate)] for batch, epochs, rate in request.wanted]
        return replace(request, wanted=wanted, ranges=[int(batch) for batch in request.ranges])
    return None


def load_state(key: str) -> State:
    """Return how far the worker is with a key; an empty state where it has not begun."""
    with suppress(ValueError):
        return load_dataclass(State, read_json(folder_of(key) / "state.json") or {})
    return State()


def folder_of(key: str) -> Path:
    """Folder of a key."""
    return home() / "previews" / key


def result_path(key: str, precision: str, name: str) -> Path:
    """Where a result lies."""
    return folder_of(key) / precision / f"{name}.json"


def load_result(key: str, name: str, *, precision: str = "") -> dict | None:
    """Return a result, by default in the precision the worker computes in; None where there is none or it is damaged."""
    if not is_key(key) or not _NAME.fullmatch(name):
        return None
    precision = precision or load_state(key).precision
    values = read_json(result_path(key, precision, name)) if precision else None
    return values if values and values.get("format") == PREVIEW_FORMAT and values.get("name") == name else None


def is_key(text: str) -> bool:
    """Whether a text may be a key."""
    return _KEY.fullmatch(text) is not None


def describe_previews(key: str) -> dict | None:
    """Return what a page may fetch, as JSON; None where nobody asked for this key.

    results: name -> stamp, which changes with the file. complete: nothing more will come for what was asked. sentence: what
    goes on, "" where all is there. failure: why nothing more will come.
    """
    request = load_request(key) if is_key(key) else None
    if request is None:
        return None
    state = load_state(key)
    knows = state.wishes == request.wishes
    failure = state.failure if knows else ""
    complete = bool(failure) or (knows and state.done == state.total)
    return {
        "results": _stamps(key, state.precision),
        "complete": complete,
        "sentence": "" if complete else _what_goes_on(state, knows=knows),
        "failure": failure,
    }


def nearest_rate(rate: float) -> float:
    """Return the rate of the slider that is nearest to ``rate``, on the logarithmic scale."""
    return min(LEARNING_RATES, key=lambda known: abs(math.log(known / rate)))


def _what_goes_on(state: State, *, knows: bool) -> str:
    if abs(monotonic_seconds() - state.heartbeat) > _STALE_SECONDS or not knows:
        return tr("The trainer computes previews while no run trains.")
    if state.missing:
        return tr("The trainer first prepares {views} of these X-rays.", views=pluralize(state.missing, "view"))
    return tr("The trainer computes previews: {done} of {total}.", done=state.done, total=state.total)


def _stamps(key: str, precision: str) -> dict[str, str]:
    stamps = {}
    with suppress(OSError):
        for entry in sorted(os.scandir(folder_of(key) / precision), key=lambda entry: entry.name):
            name = entry.name.removesuffix(".json")
            if precision and _NAME.fullmatch(name):
                stamps[name] = f"{entry.stat().st_mtime_ns:x}"
    return stamps


def _newest(wishes: list, before: list) -> list:
    """The new wishes, then the earlier ones, each once."""
    return [*wishes, *(wish for wish in before if wish not in wishes)][:_WANTED_KEPT]
