"""Whether a GPU computes the steps of learning through XLA: measured once, taken where the run is long enough to gain by it.

XLA makes one program of a step (https://openxla.org/xla), which takes seconds, for each size of batch. On a processor the layers
have libraries of their own that it does not reach, so there it is not tried. The measurement is kept as that of
``learning.precision``; so the same command on the same machine computes the same way. TensorFlow is imported only to measure.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from covidlab.config import PRESETS, TrainingConfig
from covidlab.errors import StorageError
from covidlab.files import read_json, write_json
from covidlab.learning.backbones.base import Backbone
from covidlab.learning.precision import decision_key, measured_film_seconds
from covidlab.paths import home

if TYPE_CHECKING:
    from covidlab.learning.device import Device

MEASURE_BATCH = 8
_TRIES = 3
# The last batch of an epoch may be smaller, and is then a program of its own.
_PROGRAMS = 2
# Making one took 3 s (block5) to 20 s (all layers) on an H100. So a run is not held up by a measurement that nothing can come of.
LEAST_BUILDING_SECONDS = 2.0


def choose_compilation(
    config: TrainingConfig, backbone: Backbone, device: "Device", *, precision: str, num_films: int
) -> bool:
    """Return whether a run that learns from so many films gains by compiled steps; never for a head alone, never on a processor."""
    if not device.is_gpu or config.fine_tune == "head":
        return False
    num_learned = config.epochs * num_films
    film_seconds = measured_film_seconds(config, backbone, device.name).get(precision)
    if film_seconds is not None and film_seconds * num_learned <= _PROGRAMS * LEAST_BUILDING_SECONDS:
        # Not even steps that took no time would make up for the programs.
        return False
    key = f"{decision_key(device.name, backbone, config.fine_tune)} | {precision}"
    kept = _kept().get(key)
    if kept is None:
        kept = measure(config, backbone, device, precision=precision)
        # A full disk is the run's to report; it is then measured again.
        with suppress(StorageError):
            write_json(home() / "compilation.json", {**_kept(), key: kept}, durable=False)
    return pays(kept, num_learned=num_learned)


def pays(measured: dict[str, float], *, num_learned: int) -> bool:
    """Return whether what is gained while so many films are learned is more than what making the programs takes.

    Parameters
    ----------
    measured : seconds of a film, "plain" and "compiled", and "building" a program
    """
    gained = (measured["plain"] - measured["compiled"]) * num_learned
    return gained > _PROGRAMS * measured["building"]


def measure(config: TrainingConfig, backbone: Backbone, device: "Device", *, precision: str) -> dict[str, float]:
    """Return the seconds a film takes in plain and in compiled steps, and those of making the program.

    Where no program can be made, since a part of CUDA is missing or the memory, compiled steps are no faster.
    """
    import tensorflow as tf

    plain, building = _film_seconds(_step(config, backbone, device, precision, compiled=False))
    compiled = plain
    with suppress(tf.errors.OpError, MemoryError):
        compiled, building = _film_seconds(_step(config, backbone, device, precision, compiled=True))
    return {"plain": plain, "compiled": compiled, "building": building}


def _film_seconds(step: Callable[[], object]) -> tuple[float, float]:
    """Seconds of a film in the quickest step, and what the first step took besides."""
    first, *later = (_timed(step) for _ in range(1 + _TRIES))
    return min(later) / MEASURE_BATCH, max(0.0, first - min(later))


def _step(config: TrainingConfig, backbone: Backbone, device: "Device", precision: str, *, compiled: bool) -> Callable:
    from covidlab.learning.learners import TailLearner
    from covidlab.learning.network import HEAD_UNITS, build_model, tail_of

    model = build_model(PRESETS[config.preset], backbone, num_classes=2)
    shape = (MEASURE_BATCH, *backbone.cut_point(config.fine_tune).shape)
    inputs = np.random.default_rng(0).random(shape, np.float32)
    labels, mask = np.arange(MEASURE_BATCH) % 2, np.ones((MEASURE_BATCH, HEAD_UNITS), np.float32)
    with device.scope():
        learner = TailLearner(tail_of(model, backbone, config.fine_tune), precision=precision, compiled=compiled)

    def run() -> None:
        with device.scope():
            learner.train_batch(inputs, labels, mask, 0.0)

    return run


def _timed(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


def _kept() -> dict:
    kept = read_json(home() / "compilation.json") or {}
    return {
        key: each
        for key, each in kept.items()
        if isinstance(each, dict)
        and all(isinstance(each.get(name), int | float) for name in ("plain", "compiled", "building"))
    }
