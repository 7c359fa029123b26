"""(c) Predict with Grad-CAM on one film, decoding included, against a bare VGG16 forward pass in the same process."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from common import fresh_home, print_load, print_target, read_options

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from covidlab.config import PRESETS
from covidlab.data.catalog import Catalog, load_catalog
from covidlab.imaging.decode import decode_file
from covidlab.learning.backbones.vgg16 import BACKBONE
from covidlab.learning.modelfile import ModelCard, save_model
from covidlab.learning.network import build_head
from covidlab.prediction.predictor import Predictor

TARGET = 2.5


def head_model(path: Path, catalog: Catalog) -> Path:
    """Save a head as a run does. It has learned nothing, which costs no more and no less time."""
    card = ModelCard(
        kind="tail",
        preset="default",
        fine_tune="head",
        classes=list(catalog.classes),
        positive_class=catalog.positive_class,
        threshold=0.5,
        frozen_sha256=BACKBONE.weights_sha256,
    )
    save_model(path, build_head(PRESETS["default"], BACKBONE, num_classes=len(catalog.classes)), card)
    return path


def bare_pass() -> Callable[[], object]:
    """VGG16's convolutional layers alone, compiled, on one film that is in memory."""
    network = BACKBONE.build()
    compiled = tf.function(lambda films: network(films, training=False))
    films = tf.constant(np.random.default_rng(0).random((1, 224, 224, 3), np.float32))
    return lambda: compiled(films).numpy()


def seconds_of(step: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


def compare(what: str, film: Path, predictor: Predictor, bare: Callable[[], object], *, repeats: int) -> float:
    """Print the medians for one film and return their ratio; the two take turns, so that both see the same machine."""

    def predict():
        predictor.predict(decode_file(film))

    predict(), bare()
    taken = [(seconds_of(predict), seconds_of(read_only(film)), seconds_of(bare)) for _ in range(repeats)]
    ours, decoding, theirs = (median(times) for times in zip(*taken, strict=True))
    print(
        f"{what} ({film.name}): predict {1000 * ours:.0f} ms, of which decoding about {1000 * decoding:.0f} ms; "
        f"bare pass {1000 * theirs:.0f} ms; ratio {ours / theirs:.2f}"
    )
    return ours / theirs


def read_only(film: Path) -> Callable[[], object]:
    """Decoding alone."""
    return lambda: decode_file(film)


def main() -> None:
    """Print the ratio for the film of median size, which has the target, and for the largest."""
    options = read_options(
        __doc__, repeats={"type": int, "default": 10, "help": "predictions the median is taken over"}
    )
    with fresh_home() as home:
        catalog = load_catalog(options.dataset)
        predictor = Predictor(head_model(home / "model.keras", catalog))
        films = catalog.films.assign(pixels=catalog.films["width"] * catalog.films["height"]).sort_values("pixels")
        paths = [catalog.film_path(file) for file in films["file"]]
        bare = bare_pass()
        print_load()
        compare("largest film", paths[-1], predictor, bare, repeats=options.repeats)
        ratio = compare("film of median size", paths[len(paths) // 2], predictor, bare, repeats=options.repeats)
        print_load()
    print_target("predict with Grad-CAM, film of median size", ratio, target=TARGET, unit="x")


if __name__ == "__main__":
    main()
