"""Which precision a machine computes in: measured once, kept on the disk, the same ever after.

float32 is the reference. A smaller type is taken where it is at least half as fast again and gives nearly the same. The
decision is kept for the device, the version of TensorFlow, the backbone and the depth, so that the same command gives the
same figures. TensorFlow is imported only to measure: pages ask what was decided.

No global policy of Keras is set, since ``keras.utils.clear_session`` would undo it: layers are rebuilt one by one.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from covidlab.config import PRESETS, REFERENCE, TrainingConfig
from covidlab.errors import StorageError
from covidlab.files import read_json, write_json
from covidlab.learning.backbones.base import Backbone
from covidlab.learning.processor import has_bfloat16
from covidlab.paths import home

if TYPE_CHECKING:
    from covidlab.learning.device import Device

MIN_SPEEDUP = 1.5

# What a smaller type may change of pooled features and of probabilities (relative L2), or it is not taken at all.
MAX_FEATURE_ERROR = 0.02
MAX_PROBABILITY_ERROR = 0.1

# Together. A processor takes as long for each X-ray with two as with sixteen; a GPU has nothing to do with two, and tells the
# types apart only with as many as a pass or a step of a run has.
MEASURE_BATCH = 2
_PASSED_BY_A_GPU, _LEARNED_BY_A_GPU = 16, TrainingConfig.batch_size
MEASURE_SECONDS = 0.5


def choose_precision(config: TrainingConfig, backbone: Backbone, device: "Device") -> str:
    """Return the precision a run begins with: what was asked for, what was decided here before, or what is now measured.

    Returns
    -------
    str, "float32", "bfloat16" or, on a GPU only, "float16"
    """
    if config.precision != "auto":
        return config.precision
    candidates = candidates_of(device)
    if not candidates:
        return REFERENCE
    key = decision_key(device.name, backbone, config.fine_tune)
    kept, together = _decisions().get(key), _measured_together(device, config.fine_tune)
    # Earlier versions did not write it, and measured with two on a GPU, too.
    if kept is None or kept.get("together", MEASURE_BATCH) != together:
        kept = {"together": together} | decide(measure(backbone, device, config.fine_tune, candidates))
        # A full disk is the run's to report; the decision is then measured again.
        with suppress(StorageError):
            write_json(home() / "precision.json", {**_decisions(), key: kept}, durable=False)
    return kept["precision"]


def candidates_of(device: "Device") -> tuple[str, ...]:
    """Return the smaller types that are worth measuring on a device."""
    return ("float16", "bfloat16") if device.is_gpu else ("bfloat16",) if has_bfloat16() else ()


def kept_precision(config: TrainingConfig, backbone: Backbone, device_name: str) -> str:
    """Return what ``choose_precision`` would return, as far as that was decided; float32 until then."""
    if config.precision != "auto":
        return config.precision
    return _decisions().get(decision_key(device_name, backbone, config.fine_tune), {}).get("precision", REFERENCE)


def measured_film_seconds(config: TrainingConfig, backbone: Backbone, device_name: str) -> dict[str, float]:
    """Return the seconds one film took in each precision when that was measured; empty until then."""
    return _decisions().get(decision_key(device_name, backbone, config.fine_tune), {}).get("film_seconds", {})


def decision_key(device_name: str, backbone: Backbone, fine_tune: str) -> str:
    """Return the name under which a decision is kept in precision.json."""
    return f"{device_name} | TensorFlow {version('tensorflow')} | {backbone.name} | {fine_tune}"


def measure(
    backbone: Backbone,
    device: "Device",
    fine_tune: str,
    candidates: tuple[str, ...],
    *,
    seconds: float = MEASURE_SECONDS,
) -> dict[str, float]:
    """Return the seconds one film takes in float32 and in each candidate that gives nearly the same.

    At the depth "head" a pass through the frozen layers is measured, at the others a step of what learns.
    """
    precisions = (REFERENCE, *candidates)
    work = _passes if fine_tune == "head" else _steps
    steps = work(backbone, device, fine_tune, precisions)
    # The first call also builds the graph.
    results = {name: step() for name, step in steps.items()}
    bound = MAX_FEATURE_ERROR if fine_tune == "head" else MAX_PROBABILITY_ERROR
    near = [name for name in precisions if _error(results[name], results[REFERENCE]) <= bound]
    taken = dict.fromkeys(near, np.inf)
    deadline, num_films = time.monotonic() + seconds, _measured_together(device, fine_tune)
    while np.inf in taken.values() or time.monotonic() < deadline:
        # In turns, so that what else the machine does falls on both.
        for name in near:
            started = time.monotonic()
            steps[name]()
            taken[name] = min(taken[name], (time.monotonic() - started) / num_films)
    return taken


def decide(film_seconds: dict[str, float]) -> dict:
    """Return the precision to take ("precision") and what it was decided by ("film_seconds")."""
    fastest = min(film_seconds, key=film_seconds.get)
    is_worth_it = film_seconds[REFERENCE] >= MIN_SPEEDUP * film_seconds[fastest]
    return {"precision": fastest if is_worth_it else REFERENCE, "film_seconds": film_seconds}


def _measured_together(device: "Device", fine_tune: str) -> int:
    """How many films go through the layers at once while they are measured."""
    if not device.is_gpu:
        return MEASURE_BATCH
    return _PASSED_BY_A_GPU if fine_tune == "head" else _LEARNED_BY_A_GPU


def _passes(backbone: Backbone, device: "Device", fine_tune: str, precisions: tuple[str, ...]) -> dict[str, Callable]:
    from covidlab.learning.film_activations import forward

    shape = (_measured_together(device, fine_tune), backbone.input_side, backbone.input_side, 3)
    films = np.random.default_rng(0).integers(0, 256, shape, np.uint8)

    def step(precision: str) -> Callable[[], np.ndarray]:
        def run() -> np.ndarray:
            with device.scope():
                return forward(PRESETS["default"], backbone, fine_tune, precision)(films).numpy().mean(axis=(1, 2))

        return run

    return {precision: step(precision) for precision in precisions}


def _steps(backbone: Backbone, device: "Device", fine_tune: str, precisions: tuple[str, ...]) -> dict[str, Callable]:
    import tensorflow as tf

    from covidlab.learning.learners import TailLearner
    from covidlab.learning.network import HEAD_UNITS, build_model, tail_of

    tf.keras.utils.set_random_seed(0)
    model = build_model(PRESETS["default"], backbone, num_classes=2)
    num_films = _measured_together(device, fine_tune)
    inputs = np.random.default_rng(0).random((num_films, *backbone.cut_point(fine_tune).shape), np.float32)
    labels, mask = np.arange(num_films) % 2, np.ones((num_films, HEAD_UNITS), np.float32)

    def step(precision: str) -> Callable[[], np.ndarray]:
        with device.scope():
            # Each has weights of its own; a rate of 0 leaves them as they are.
            learner = TailLearner(tail_of(model, backbone, fine_tune), precision=precision)

        def run() -> np.ndarray:
            with device.scope():
                learner.train_batch(inputs, labels, mask, 0.0)
                return learner.probabilities(inputs)

        return run

    return {precision: step(precision) for precision in precisions}


def _error(result: np.ndarray, reference: np.ndarray) -> float:
    """Largest relative distance of a row from the reference's; infinite where it is no number."""
    distance = np.linalg.norm(result - reference, axis=1) / np.linalg.norm(reference, axis=1)
    return float(np.nan_to_num(distance, nan=np.inf).max())


def _decisions() -> dict:
    decisions = read_json(home() / "precision.json") or {}
    return {key: kept for key, kept in decisions.items() if isinstance(kept, dict) and "precision" in kept}
