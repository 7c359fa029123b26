"""How a run learned, epoch by epoch: the probability of each X-ray, the cross-validated accuracy, the weights of the head.

films.csv                the X-rays followed: file, class, patient_id ("" where not stated), side ("training" or "validation")
film_probabilities.csv   epoch, then the probability of the positive class of each of them; epoch 0 is before learning
crossvalidation.csv      the honest curve (runs.tables.CROSSED)
epoch_heads.bin          float16 records of epoch and weights of the head, for maps of earlier epochs

Written by runs.recording, read by pages; runs of earlier versions have none of these. No TensorFlow.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd

from covidlab.runs.store import Run
from covidlab.runs.tables import CROSSED, Table

FILMS, PROBABILITIES, CROSSVALIDATION = "films.csv", "film_probabilities.csv", "crossvalidation.csv"
EPOCH_HEADS = "epoch_heads.bin"

# Columns of films.csv, and the two values of the last.
FILM_COLUMNS = ("file", "class", "patient_id", "side")
TRAINING, VALIDATION = "training", "validation"

# Of larger sets an even choice is followed.
MAX_FILMS = 2000
# At least that many epochs are kept of each run; all of them where that costs little.
NUM_KEPT = 11
# Weights of 100 epochs are 7 MB.
MAX_HEADS = 101
# float16 holds whole numbers, as those of epochs, to 2048 exactly.
HEADS_DTYPE = np.float16


@dataclass(frozen=True, kw_only=True, eq=False)
class LearningRecord:
    """What is known of how a run learned; any part may be empty.

    films: columns file, class, patient_id, side. epochs: (epochs,) int, rising, those of ``probabilities``, (epochs, films) float
    in [0, 1], of the positive class. crossed: columns epoch, accuracy, low, high, lowest, highest.
    """

    films: pd.DataFrame
    epochs: np.ndarray
    probabilities: np.ndarray
    crossed: pd.DataFrame


def load_record(run: Run) -> LearningRecord:
    """Return how a run has learned so far."""
    films = load_films(run)
    table = probabilities_table(len(films)).load(run.path / PROBABILITIES)
    return LearningRecord(
        films=films,
        epochs=table["epoch"].to_numpy(int),
        probabilities=table.drop(columns="epoch").to_numpy(float),
        crossed=load_crossed(run),
    )


def load_films(run: Run) -> pd.DataFrame:
    """Return the X-rays a run follows, a row each; empty where it follows none."""
    with suppress(OSError, ValueError):
        return pd.read_csv(run.path / FILMS, dtype=str, keep_default_na=False)
    return pd.DataFrame(columns=list(FILM_COLUMNS), dtype=str)


def load_crossed(run: Run) -> pd.DataFrame:
    """Return the honest curve of a run, a row an epoch; empty where there is none."""
    return CROSSED.load(run.path / CROSSVALIDATION)


def load_epoch_heads(run: Run, shapes: Sequence[tuple[int, ...]]) -> dict[int, list[np.ndarray]]:
    """Return the weights of the head after each epoch that is kept, float32.

    Parameters
    ----------
    shapes : of the weights, in the order of ``get_weights()`` of the head
    """
    length = 1 + sum(int(np.prod(shape)) for shape in shapes)
    with suppress(OSError):
        numbers = np.fromfile(run.path / EPOCH_HEADS, HEADS_DTYPE)
        records = numbers[: len(numbers) // length * length].reshape(-1, length)
        # Of an epoch that was done twice the later record counts.
        return {int(record[0]): _unpacked(record[1:], shapes) for record in records}
    return {}


def kept_epochs(num_epochs: int, *, is_cheap: bool) -> set[int]:
    """Return after which epochs the X-rays are read: all of them where that is cheap, else some, the last included."""
    if is_cheap:
        return set(range(num_epochs + 1))
    return evenly(num_epochs, NUM_KEPT)


def evenly(num_epochs: int, count: int) -> set[int]:
    """Return at most ``count`` epochs from 0 to the last, both included."""
    return {round(epoch) for epoch in np.linspace(0, num_epochs, min(count, num_epochs + 1))}


def probabilities_table(num_films: int) -> Table:
    """Return the form of film_probabilities.csv for so many X-rays; its columns are their places in films.csv."""
    return Table(columns=("epoch", *map(str, range(num_films))), integers=("epoch",), without_header=())


def _unpacked(numbers: np.ndarray, shapes: Sequence[tuple[int, ...]]) -> list[np.ndarray]:
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    parts = np.split(numbers.astype(np.float32), ends[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
