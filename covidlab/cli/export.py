"""``export``: save a model as an ONNX file, which programs without TensorFlow can use."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from covidlab.data.catalog import list_films
from covidlab.errors import CovidLabError, ModelError, UnreadableImage, UsageError
from covidlab.learning.modelcard import read_card
from covidlab.learning.quiet import load_tensorflow_quietly
from covidlab.paths import DEFAULT_MODEL, dataset_folder
from covidlab.runs.store import Run, RunStore
from covidlab.text import pluralize

if TYPE_CHECKING:
    import numpy as np

# More say no more, and take a second for four X-rays on two cores.
MOST_COMPARED = 200
NUM_SYNTHETIC = 8
_SYNTHETIC_SIDE = 512


def add_parser(commands) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("export", help="save a trained model as ONNX, compared with the model first")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--run", metavar="ID", help="run (its folder's name) whose model is exported")
    which.add_argument("--model", metavar="PATH", help="model file")
    parser.add_argument("--onnx", metavar="FILE", required=True, help="where to save the ONNX file")
    parser.add_argument(
        "--dataset",
        metavar="DIR",
        help="X-rays to compare on (default: those of the run, else COVIDLAB_DATASET or dataset/)",
    )
    parser.set_defaults(command=export)


@dataclass(frozen=True)
class Comparable:
    """X-rays to compare on: their files, none for synthetic ones, and what they are called."""

    paths: Sequence[Path]
    called: str

    def __len__(self) -> int:
        return len(self.paths) or NUM_SYNTHETIC

    def prepared(self, *, resize: str, side: int) -> "Iterator[np.ndarray]":
        """Yield each X-ray as a network takes it, uint8 (side, side, 3); files that cannot be read are passed over."""
        from covidlab.imaging.prepare import model_input

        for pixels in self._pixels():
            yield model_input(pixels, resize=resize, side=side)

    def _pixels(self) -> "Iterator[np.ndarray]":
        from covidlab.imaging.decode import decode_file

        for path in self.paths:
            with suppress(UnreadableImage):
                yield decode_file(path).pixels
        if not self.paths:
            yield from _synthetic()


def export(options: argparse.Namespace) -> int:
    """Export, show progress, and say how far the file is from the model."""
    from tqdm import tqdm

    run = _run(options.run) if options.run else None
    path = run.model_path if run else Path(options.model)
    # What is no model of ours, and a folder without X-rays, is said before TensorFlow is loaded.
    card = read_card(path)
    films = _to_compare_on(options.dataset, run)
    load_tensorflow_quietly()
    from covidlab.config import PRESETS
    from covidlab.learning.backbones import find_backbone
    from covidlab.learning.modelcard import require_sha256
    from covidlab.learning.modelfile import load_model
    from covidlab.learning.onnx_export import export_onnx, require_onnx
    from covidlab.runs.models import model_file

    require_onnx()
    if run:
        require_sha256(path, model_file(run).sha256, name=run.name)
    model, card = load_model(path)
    prepared = films.prepared(resize=PRESETS[card.preset].resize, side=find_backbone(card.backbone).input_side)
    with tqdm(total=len(films), unit=" X-ray", desc="compared", file=sys.stderr, disable=None, delay=1) as bar:
        result = export_onnx(
            model, card, Path(options.onnx), prepared, progress=lambda num_done: bar.update(num_done - bar.n)
        )
    print(f"The model was saved as ONNX: {options.onnx}")
    print(
        f"Compared with the model on {pluralize(result.num_films, 'X-ray')} ({films.called}): the probabilities differ by at "
        f"most {result.largest_difference:.7f}."
    )
    print("Not for diagnosis.", file=sys.stderr)
    return 0


def _run(run_id: str) -> Run:
    """The run of this name, also the one that ships with the package; raises ModelError where it has no model."""
    run = Run(DEFAULT_MODEL) if run_id == DEFAULT_MODEL.name else RunStore().get(run_id)
    if not run.model_path.exists():
        raise ModelError(f"This run has no model yet. Wait until it is finished, or name another. Received: {run_id}.")
    return run


def _to_compare_on(named: str | None, run: Run | None) -> Comparable:
    """X-rays of the folder named, else those of the run, else those of the data set in use, else synthetic ones."""
    if named:
        paths = list(list_films(Path(named)))
        if not paths:
            raise UsageError(f"A folder with X-rays to compare on is expected. Received: {named}.")
        return _spread(paths, "the data set given")
    if run and run.path != DEFAULT_MODEL and (paths := _present(Path(run.load_dataset().path))):
        return _spread(paths, "the data set of the run")
    if paths := _present(dataset_folder()):
        return _spread(paths, "the data set in use")
    return Comparable((), "synthetic X-rays, because no data set is here")


def _present(folder: Path) -> list[Path]:
    """X-rays of a folder; none where there is no such folder, or it cannot be understood."""
    with suppress(CovidLabError):
        return list(list_films(folder))
    return []


def _spread(paths: Sequence[Path], called: str) -> Comparable:
    """At most 200 X-rays, evenly spread, and what they are called."""
    if len(paths) <= MOST_COMPARED:
        return Comparable(paths, called)
    chosen = [paths[number * len(paths) // MOST_COMPARED] for number in range(MOST_COMPARED)]
    return Comparable(chosen, f"{called}, of {len(paths):,} evenly spread")


def _synthetic() -> "Iterator[np.ndarray]":
    """Synthetic X-rays, uint8 (height, width, 3)."""
    import numpy as np

    from covidlab.phantom.film import PhantomConfig, make_phantom

    config = PhantomConfig(num_films=NUM_SYNTHETIC, size=_SYNTHETIC_SIDE)
    for number in range(NUM_SYNTHETIC):
        yield np.repeat(make_phantom(config, number).pixels[..., None], 3, axis=2)
