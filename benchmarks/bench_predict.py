"""(c) Predict as the page does (decoded in the sandbox, Grad-CAM in the reader) against a bare VGG16 pass in this process.

A batch as the command line reads it (decoded ahead in the sandbox, checked, printed) against the forward passes alone.
"""

import io
import os
import time
from collections.abc import Callable
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from common import fresh_home, print_load, print_target, read_options

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from covidlab.cli import main as command
from covidlab.config import PRESETS, REFERENCE
from covidlab.data.catalog import Catalog, load_catalog
from covidlab.imaging.prepared import prepare_image
from covidlab.imaging.sandbox import Sandbox
from covidlab.intake.upload import UPLOAD_RECIPE, visitor_film
from covidlab.learning.backbones.vgg16 import BACKBONE
from covidlab.learning.modelcard import ModelCard
from covidlab.learning.modelfile import save_model
from covidlab.learning.network import build_head
from covidlab.prediction.loading import ModelFile, load_predictor
from covidlab.services.reader import Reader

TARGET = 2.5
TARGET_ADDED_MS = 100
TARGET_BATCH = 1.3
BATCH_SIZE = 50


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


@dataclass(frozen=True)
class Ways:
    """What is compared: the pages' way to a prediction, the same decoding without a process, VGG16 alone."""

    sandbox: Sandbox
    reader: Reader
    model: ModelFile
    bare: Callable[[], object]

    def predict(self, data: bytes) -> None:
        """Decode in the sandbox, predict in the reader, as the page Predict does."""
        film = visitor_film(data, name="film", prepare=self.sandbox.prepare)
        self.reader.predict(film.inputs, self.model, notes=film.notes)


def compare(what: str, film: Path, ways: Ways, *, repeats: int) -> tuple[float, float]:
    """Print the medians for one film; return predicting over a bare pass, and the seconds that the sandbox adds to decoding.

    All take turns, so that they see the same machine.
    """
    data = film.read_bytes()
    steps = (
        lambda: ways.predict(data),
        lambda: ways.sandbox.prepare(data, recipe=UPLOAD_RECIPE),
        lambda: prepare_image(data, recipe=UPLOAD_RECIPE),
        ways.bare,
    )
    for step in steps:
        step()
    taken = [[seconds_of(step) for step in steps] for _ in range(repeats)]
    ours, in_sandbox, in_place, theirs = (median(times) for times in zip(*taken, strict=True))
    print(
        f"{what} ({film.name}): predict {1000 * ours:.0f} ms, of which decoding in the sandbox about "
        f"{1000 * in_sandbox:.0f} ms (in place {1000 * in_place:.0f} ms); bare pass {1000 * theirs:.0f} ms; "
        f"ratio {ours / theirs:.2f}"
    )
    return ours / theirs, in_sandbox - in_place


def read_batch(paths: list[Path], model: Path) -> None:
    """The whole command, in this process, so that TensorFlow and the model are warm."""
    with redirect_stdout(io.StringIO()) as printed, redirect_stderr(io.StringIO()):
        command(["predict", "--json", "--anyway", "--model", str(model), *map(str, paths)])
    lines = printed.getvalue().splitlines()
    refused = sum('"status": "refused"' in line for line in lines)
    if len(lines) != len(paths) or refused:
        # Whatever is refused takes no forward pass: the comparison would be with fewer.
        raise SystemExit(f"{len(paths)} X-rays should be read. Received: {len(lines)} lines, {refused} refused.")


def compare_batch(paths: list[Path], model: Path, *, repeats: int) -> float:
    """Print the medians for a batch; return the command over the forward passes of the same predictor."""
    predictor = load_predictor(ModelFile(path=model))
    inputs = [prepare_image(path.read_bytes(), recipe=UPLOAD_RECIPE).inputs[predictor.resize] for path in paths]
    steps = (
        lambda: read_batch(paths, model),
        lambda: [predictor.predict_prepared(prepared) for prepared in inputs],
    )
    read_batch(paths[:2], model)
    taken = [[seconds_of(step) for step in steps] for _ in range(repeats)]
    ours, theirs = (median(times) for times in zip(*taken, strict=True))
    print(
        f"batch of {len(paths)}: command {ours:.2f} s, forward passes alone {theirs:.2f} s, ratio {ours / theirs:.2f}"
    )
    return ours / theirs


def main() -> None:
    """Print the figures for the film of median size, which have the targets, and for the largest."""
    options = read_options(
        __doc__, repeats={"type": int, "default": 10, "help": "predictions the median is taken over"}
    )
    with fresh_home() as home, closing(Reader()) as reader, closing(Sandbox()) as sandbox:
        catalog = load_catalog(options.dataset)
        model = ModelFile(path=head_model(home / "model.keras", catalog))
        films = catalog.films.assign(pixels=catalog.films["width"] * catalog.films["height"]).sort_values("pixels")
        paths = [catalog.film_path(file) for file in films["file"]]
        ways = Ways(sandbox, reader, model, bare_pass())
        print_load()
        print(f"computed in {REFERENCE}, in which X-rays are read")
        compare("largest film", paths[-1], ways, repeats=options.repeats)
        ratio, added = compare("film of median size", paths[len(paths) // 2], ways, repeats=options.repeats)
        batch = compare_batch(paths[:BATCH_SIZE], model.path, repeats=3)
        print_load()
    print_target("predict with Grad-CAM, film of median size", ratio, target=TARGET, unit="x")
    print_target("added by decoding in the sandbox", 1000 * added, target=TARGET_ADDED_MS, unit="ms")
    print_target("a batch on the command line against forward passes alone", batch, target=TARGET_BATCH, unit="x")


if __name__ == "__main__":
    main()
