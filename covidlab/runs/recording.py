"""Writes how a run learns, see ``runs.learning_record``, while it is executed."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from covidlab.config import TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.data.patients import stated_patients
from covidlab.data.splits import Split
from covidlab.evaluation.report import THRESHOLD
from covidlab.files import replacing, storage_errors
from covidlab.metrics import accuracy_metric, predicted_classes
from covidlab.runs.learning_record import (
    CROSSVALIDATION,
    EPOCH_HEADS,
    FILMS,
    HEADS_DTYPE,
    MAX_FILMS,
    MAX_HEADS,
    PROBABILITIES,
    TRAINING,
    VALIDATION,
    evenly,
    kept_epochs,
    load_films,
    probabilities_table,
)
from covidlab.runs.store import Run
from covidlab.runs.tables import CROSSED

# The honest curve of a larger set has fewer points: each costs a look at all of its X-rays by 50 heads.
CROSSED_EVERY_EPOCH = 1000


class Recorder:
    """Writes the record of a run under way, whose lock the caller holds.

    ``followed`` are the positions in the catalog of the X-rays whose probabilities are kept.
    """

    def __init__(self, run: Run, catalog: Catalog, split: Split, config: TrainingConfig):
        self._run, self._catalog = run, catalog
        self._last, self._is_head = config.epochs, config.fine_tune == "head"
        step = -(-catalog.num_films // MAX_FILMS)
        self.followed = np.arange(0, catalog.num_films, step)
        self._table = probabilities_table(len(self.followed))
        films = _films_table(catalog, split, self.followed)
        if not films.equals(load_films(run)):
            # Nothing of an earlier set of X-rays belongs to these.
            self.forget_after(0)
            with replacing(run.path / FILMS) as temporary:
                films.to_csv(temporary, index=False)

    def forget_after(self, epoch: int) -> None:
        """Drop what belongs to epochs after ``epoch``, which will come again; everything where that is 0."""
        path = self._run.path / PROBABILITIES
        if not epoch:
            for name in (PROBABILITIES, EPOCH_HEADS, CROSSVALIDATION):
                (self._run.path / name).unlink(missing_ok=True)
        elif path.exists():
            self._table.keep(path, lambda row: row["epoch"] <= epoch)

    def wants(self, epoch: int, *, is_last: bool = False) -> bool:
        """Whether the X-rays are to be read after this epoch; ``is_last``: the run ends with it, sooner than planned."""
        return is_last or epoch in kept_epochs(self._last, is_cheap=self._is_head)

    def wants_head(self, epoch: int, *, is_last: bool = False) -> bool:
        """Whether the weights of the head are kept after this epoch."""
        return self._is_head and (is_last or epoch in evenly(self._last, MAX_HEADS))

    def wants_crossed(self, epoch: int, *, is_last: bool = False) -> bool:
        """Whether the honest curve has a point here."""
        return is_last or epoch in kept_epochs(self._last, is_cheap=self._catalog.num_films <= CROSSED_EVERY_EPOCH)

    def add(self, epoch: int, probabilities: np.ndarray) -> None:
        """Add the probabilities of the X-rays that are followed, (films,) float, after an epoch."""
        row = {"epoch": epoch, **{str(place): value for place, value in enumerate(probabilities)}}
        self._table.append(self._run.path / PROBABILITIES, [row])

    def add_head(self, epoch: int, weights: Sequence[np.ndarray]) -> None:
        """Add the weights of the head after an epoch."""
        numbers = np.concatenate([[epoch], *(array.ravel() for array in weights)])
        # Too high a rate makes weights that float16 cannot hold.
        record = np.clip(numbers, *(sign * np.finfo(HEADS_DTYPE).max for sign in (-1, 1))).astype(HEADS_DTYPE)
        path = self._run.path / EPOCH_HEADS
        with storage_errors(path), open(path, "ab") as file:
            # A kill may have left a part of a record.
            file.truncate(file.tell() // record.nbytes * record.nbytes)
            file.write(record.tobytes())

    def begin_crossed(self) -> None:
        """Begin the honest curve anew."""
        (self._run.path / CROSSVALIDATION).unlink(missing_ok=True)

    def add_crossed(self, epoch: int, probabilities: np.ndarray) -> None:
        """Add one epoch of the honest curve from what heads say of X-rays they have not seen, (repeats, films, classes)."""
        row = {"epoch": epoch, **crossed_row(self._catalog, probabilities)}
        CROSSED.append(self._run.path / CROSSVALIDATION, [row])


def crossed_row(catalog: Catalog, probabilities: np.ndarray) -> dict[str, float]:
    """Return one point of an honest curve, the columns of ``runs.tables.CROSSED`` without the epoch.

    Parameters
    ----------
    probabilities : (repeats, films, classes), of heads that have not seen the film; the accuracy is the median of the repeats
    """
    labels, positive = catalog.labels, catalog.positive_index
    patients = catalog.films["patient_id"].to_numpy()
    figure = accuracy_metric(labels, probabilities, patient_ids=patients, positive_index=positive, threshold=THRESHOLD)
    predicted = predicted_classes(probabilities, positive_index=positive, threshold=THRESHOLD)
    of_repeats = (predicted == labels).mean(axis=1)
    bounds = {"lowest": of_repeats.min(), "highest": of_repeats.max()}
    return {"accuracy": figure.value, "low": figure.low, "high": figure.high, **bounds}


def _films_table(catalog: Catalog, split: Split, films: np.ndarray) -> pd.DataFrame:
    rows = catalog.films.iloc[films]
    sides = np.where(np.isin(films, split.validation), VALIDATION, TRAINING)
    patients = stated_patients(rows["patient_id"]).astype(str).to_numpy()
    return pd.DataFrame(
        {"file": rows["file"].to_numpy(), "class": rows["class"].to_numpy(), "patient_id": patients, "side": sides},
        dtype=str,
    )
