"""A few batches at a depth that was never measured on this machine, so that its estimate is no guess.

A page writes which depth somebody looks at (``calibrate.json``); the idle worker builds what would learn there, measures it on
random numbers, a batch at a time, and keeps what it has found (``runs.speed``). TensorFlow is imported only to measure.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from covidlab.config import NUM_FOLDS, NUM_REPEATS, TrainingConfig
from covidlab.errors import CovidLabError
from covidlab.files import load_dataclass, read_json, write_json
from covidlab.learning.backbones import find_backbone
from covidlab.learning.backbones.base import Backbone
from covidlab.paths import home
from covidlab.runs.idle import is_switched_on, low_priority
from covidlab.runs.speed import keep_costs, load_costs

if TYPE_CHECKING:
    from covidlab.learning.learners import Learner

_FILE = "calibrate.json"
# Two sizes make a line. A batch must not keep a run waiting that comes meanwhile, so deep ones are small.
_BATCH_SIZES = {"head": (2, 8), "block5": (2, 8)}
_SMALL_BATCH_SIZES = (1, 4)
# The best of so many: other work on the machine only ever adds.
_TRIES = 3


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The depth somebody looks at, and the device that was chosen for it."""

    fine_tune: str
    device: str = "auto"
    precision: str = "auto"


def ask_for_calibration(config: TrainingConfig) -> bool:
    """Ask the worker to measure the depth of these settings; return whether one that is idle will do so."""
    asked = asdict(Asked(fine_tune=config.fine_tune, device=config.device, precision=config.precision))
    if not is_switched_on():
        return False
    with suppress(CovidLabError):
        if read_json(home() / _FILE) != asked:
            write_json(home() / _FILE, asked, durable=False)
        return True
    return False


class Calibration:
    """The work of an idle worker at the depth that was asked for, a batch at a time."""

    def __init__(self) -> None:
        self._asked: dict | None = None
        self._batches: Iterator[None] = iter(())

    def step(self) -> bool:
        """Do one batch; return False where nothing is asked for that is not measured."""
        asked = read_json(home() / _FILE) if is_switched_on() else None
        if asked != self._asked:
            self._asked = asked
            self._batches = _work(asked) if asked else iter(())
        # What cannot be measured stays a guess.
        with low_priority(), suppress(CovidLabError):
            return next(self._batches, self) is not self
        return False


def _work(values: dict) -> Iterator[None]:
    """Measure the depth that was asked for, where nothing is known of it on this device."""
    from covidlab.learning.device import select_device
    from covidlab.learning.precision import choose_precision

    try:
        asked = load_dataclass(Asked, values)
        config = TrainingConfig(
            dataset="", fine_tune=asked.fine_tune, device=asked.device, precision=asked.precision
        ).validate_choices()
    except ValueError:
        return
    device, backbone = select_device(config.device), find_backbone(config.backbone)
    precision = choose_precision(config, backbone, device)
    if load_costs(config.fine_tune, device=device.name, precision=precision).steps:
        return
    with device.scope():
        measured = yield from measure_costs(config, backbone, precision=precision)
    keep_costs(config.fine_tune, device=device.name, precision=precision, **measured)


def measure_costs(config: TrainingConfig, backbone: Backbone, *, precision: str):
    """Measure the parts of a run at a depth on random numbers, a batch at a time; return them by the names of ``Costs``."""
    from covidlab.learning.building import build_learner

    began = time.monotonic()
    sizes = _BATCH_SIZES.get(config.fine_tune, _SMALL_BATCH_SIZES)
    learner, _ = build_learner(config, ("first", "second"), precision=precision)
    building = time.monotonic() - began
    yield
    steps, graphs = yield from _at_sizes(_learning(learner, config, backbone), sizes)
    look, graph = yield from _look_seconds(learner, config, backbone, size=max(sizes))
    measured = {"steps": steps, "look": look, "epoch": _checkpoint_seconds(learner)}
    if config.fine_tune == "head":
        measured["crossed"], _ = yield from _at_sizes(_crossing(backbone), sizes)
        # The warm worker has its graphs already.
        return measured
    return {**measured, "rest": building + graphs + graph}


def _at_sizes(step_of: Callable[[int], Callable[[], object]], sizes: tuple[int, ...]):
    """Seconds of a step at each batch size, and what building the graph of the first took besides."""
    seconds, building = {}, 0.0
    for size in sizes:
        step = step_of(size)
        first = _timed(step)
        yield
        tries = []
        for _ in range(_TRIES):
            tries.append(_timed(step))
            yield
        seconds[str(size)] = min(tries)
        building = building or max(0.0, first - min(tries))
    return seconds, building


def _look_seconds(learner: "Learner", config: TrainingConfig, backbone: Backbone, *, size: int):
    def look() -> object:
        return learner.probabilities(_inputs(config, backbone, size))

    seconds, building = yield from _at_sizes(lambda _: look, (size,))
    return seconds[str(size)] / size, building


def _learning(learner: "Learner", config: TrainingConfig, backbone: Backbone) -> Callable[[int], Callable[[], object]]:
    """A step of what learns, by batch size; a rate of 0 leaves the weights as they are."""
    from covidlab.learning.network import HEAD_UNITS

    def step_of(size: int) -> Callable[[], object]:
        inputs, labels, mask = (
            _inputs(config, backbone, size),
            np.arange(size) % 2,
            np.ones((size, HEAD_UNITS), np.float32),
        )
        if config.fine_tune == "head":
            # Built for one batch size.
            learner.batch_size = size
        return lambda: learner.train_batch(inputs, labels, mask, 0.0)

    return step_of


def _crossing(backbone: Backbone) -> Callable[[int], Callable[[], object]]:
    """A step of all heads of the cross-validation, by batch size."""
    from covidlab.learning.heads import HeadStack
    from covidlab.learning.network import HEAD_UNITS

    heads = NUM_FOLDS * NUM_REPEATS
    stack = HeadStack([0] * heads, num_features=backbone.num_features, num_classes=2)

    def step_of(size: int) -> Callable[[], object]:
        features = np.zeros((heads, size, backbone.num_features), np.float32)
        labels, weights = np.zeros((heads, size), int), np.ones((heads, size), np.float32)
        masks, rates = np.ones((heads, size, HEAD_UNITS), np.float32), np.zeros(heads, np.float32)
        return lambda: stack.train_batch(features, labels, weights, masks, rates)

    return step_of


def _inputs(config: TrainingConfig, backbone: Backbone, size: int) -> np.ndarray:
    """Random numbers as the learner takes them."""
    shape = (backbone.num_features,) if config.fine_tune == "head" else backbone.cut_point(config.fine_tune).shape
    return np.random.default_rng(0).random((size, *shape), np.float32)


def _checkpoint_seconds(learner: "Learner") -> float:
    from covidlab.runs.checkpoint import save_checkpoint

    home().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".calibration-", dir=home()) as folder:
        return _timed(lambda: save_checkpoint(Path(folder) / "checkpoint.npz", epoch=1, arrays=learner.arrays()))


def _timed(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started
