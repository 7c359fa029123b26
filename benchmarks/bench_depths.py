"""How long an epoch takes at each depth, from cached activations, against a fit of the whole network.

The whole network is what a person would write: every layer in one graph, the frozen ones with ``trainable = False``, each batch
from the pixels. Both do the same steps on the same X-rays with the same weights, turn about. Printed are the medians of the
steps after the first, which builds the graph, times the steps of an epoch of 40 X-rays; as seconds of the clock, which other
work on the machine lengthens, and as seconds of the processor, whose ratio it hardly changes. Then what the frozen pass costs
with other batch sizes and threads (``FORWARD_BATCH`` of learning/film_activations.py).
"""

import argparse
import os
import time
from collections.abc import Callable
from functools import partial

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from common import fresh_home, print_load, print_target

STEPS_OF_AN_EPOCH, BATCH = 5, 8
BLOCK5_TARGET = 0.6
BATCHES, NUM_FILMS = (4, 8, 16, 32), 32


def main() -> None:
    """Measure every depth, then the frozen pass."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=3, help="steps measured, after the first")
    parser.add_argument("--depths", nargs="*", default=["head", "block5", "block4", "all"])
    options = parser.parse_args()
    print_load()
    with fresh_home():
        for depth in options.depths:
            measure_depth(depth, options.steps)
        measure_passes()


def measure_depth(depth: str, num_steps: int) -> None:
    """Print the seconds of an epoch from the cached activation and of the whole network."""
    from covidlab.config import PRESETS, TrainingConfig
    from covidlab.learning.backbones.vgg16 import BACKBONE
    from covidlab.learning.building import build_learner
    from covidlab.learning.film_activations import forward
    from covidlab.learning.learners import TailLearner
    from covidlab.learning.network import HEAD_UNITS, build_model, pooled, tail_of

    generator, preset = np.random.default_rng(0), PRESETS["default"]
    films = generator.integers(0, 256, (BATCH, 224, 224, 3)).astype(np.uint8)
    labels, mask = np.arange(BATCH) % 2, np.ones((BATCH, HEAD_UNITS), np.float32)
    learner, tail = build_learner(TrainingConfig(dataset="", fine_tune=depth), ["covid", "normal"])
    inputs = films.astype(np.float32) / 255
    if depth != "all":
        inputs = forward(preset, BACKBONE, depth)(films).numpy()
    if depth == "head":
        inputs = pooled(inputs, preset)
    model = tail_of(build_model(preset, BACKBONE, num_classes=2), BACKBONE, "all")
    for layer in model.layers:
        layer.trainable = layer.trainable and layer.name in {each.name for each in tail.layers}
    whole = TailLearner(model)
    pixels = films.astype(np.float32) / 255
    ours, theirs = [], []
    for _ in range(num_steps + 1):
        ours.append(seconds_of(lambda: learner.train_batch(inputs, labels, mask, 1e-4)))
        theirs.append(seconds_of(lambda: whole.train_batch(pixels, labels, mask, 1e-4)))
    (clock, processor), (whole_clock, whole_processor) = (np.median(each[1:], axis=0) for each in (ours, theirs))
    print(
        f"{depth}: an epoch takes {STEPS_OF_AN_EPOCH * clock:.2f} s, of the whole network {STEPS_OF_AN_EPOCH * whole_clock:.2f} s "
        f"(processor {STEPS_OF_AN_EPOCH * processor:.2f} s and {STEPS_OF_AN_EPOCH * whole_processor:.2f} s)",
        flush=True,
    )
    if depth == "block5":
        print_target(
            "block5, a step against the whole network, processor",
            processor / whole_processor,
            target=BLOCK5_TARGET,
            unit="x",
        )
        print_target(
            "block5, a step against the whole network, clock", clock / whole_clock, target=BLOCK5_TARGET, unit="x"
        )


def measure_passes() -> None:
    """Print what an X-ray takes through the frozen layers by batch size, in the precisions that the processor has."""
    from covidlab.config import PRESETS
    from covidlab.learning.backbones.vgg16 import BACKBONE
    from covidlab.learning.film_activations import FORWARD_BATCH, forward

    films = np.random.default_rng(1).integers(0, 256, (NUM_FILMS, 224, 224, 3)).astype(np.uint8)
    for precision in ("float32", "bfloat16"):
        frozen = forward(PRESETS["default"], BACKBONE, "head", precision)
        frozen(films[:1])
        figures = {size: [] for size in BATCHES}
        for _ in range(2):
            for size in BATCHES:
                figures[size].append(seconds_of(partial(pass_in_batches, frozen, films, size)))
        said = (
            f"{size}: {1000 * min(each)[0] / NUM_FILMS:.0f} ({1000 * min(e[1] for e in each) / NUM_FILMS:.0f})"
            for size, each in figures.items()
        )
        print(
            f"frozen pass in {precision}, ms an X-ray by batch size, clock (processor): {', '.join(said)}", flush=True
        )
    print(f"in use: batches of {FORWARD_BATCH}")


def pass_in_batches(frozen: Callable, films: np.ndarray, size: int) -> None:
    """Pass all films through the frozen layers, so many at a time."""
    for at in range(0, len(films), size):
        frozen(films[at : at + size])


def seconds_of(work: Callable) -> tuple[float, float]:
    """Seconds of the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


if __name__ == "__main__":
    main()
