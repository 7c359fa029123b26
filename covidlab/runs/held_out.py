"""What a run's models said of X-rays they had not learned from: for a view of the whole set. No TensorFlow."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from covidlab.data.catalog import Catalog
from covidlab.files import file_stamp
from covidlab.prediction.reference import load_out_of_fold
from covidlab.runs.store import Run

THRESHOLD = 0.5


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldOut:
    """Answers by the rows of a catalog.

    probabilities: (films,) float, of the positive class; nan where there is no answer from a model that had not seen the X-ray.
    threshold: operating point. is_crossed: they are of the models of the folds, which had not seen the patient either where
    patients are known; else of the run's own model on its validation part.
    """

    probabilities: np.ndarray
    threshold: float
    is_crossed: bool

    @property
    def num_known(self) -> int:
        """Number of X-rays with an answer."""
        return int(np.isfinite(self.probabilities).sum())

    def is_right(self, catalog: Catalog) -> np.ndarray:
        """Whether each X-ray is on the side of its class, (films,) bool; False where there is no answer."""
        is_positive = catalog.labels == catalog.positive_index
        called = np.nan_to_num(self.probabilities, nan=-1.0) >= self.threshold
        return np.isfinite(self.probabilities) & (called == is_positive)


def held_out_answers(run: Run, catalog: Catalog) -> HeldOut | None:
    """Return what is known; None where the run has no answer for any X-ray of the catalog, or knows other classes.

    X-rays are found by their content, so a copy of a set in another folder has the answers too.
    """
    stamp = tuple(map(file_stamp, (run.reference_path, run.path / "predictions.csv")))
    return _held_out(run.path, stamp, catalog)


# A catalog never changes; the files of a run do when it ends.
@lru_cache(maxsize=8)
def _held_out(path: Path, stamp: tuple, catalog: Catalog) -> HeldOut | None:
    run = Run(path)
    answers, is_crossed = _crossed(run, catalog), True
    if not answers:
        answers, is_crossed = _validated(run, catalog), False
    column = "sha256" if is_crossed else "file"
    probabilities = np.array([answers.get(key, np.nan) for key in catalog.films[column]], float)
    if not np.isfinite(probabilities).any():
        return None
    threshold = float((run.report() or {}).get("threshold", THRESHOLD))
    return HeldOut(probabilities=probabilities, threshold=threshold, is_crossed=is_crossed)


def _crossed(run: Run, catalog: Catalog) -> dict[str, float]:
    """Mean answer of the models of the folds by the content of the X-ray; empty where these do not fit the catalog."""
    known = load_out_of_fold(run.reference_path)
    if known is None or set(known.classes) != set(catalog.classes) or known.positive_class != catalog.positive_class:
        return {}
    answers = zip(known.sha256s, known.probabilities, strict=True)
    return {sha256: float(value) for sha256, value in answers if np.isfinite(value)}


def _validated(run: Run, catalog: Catalog) -> dict[str, float]:
    """Answer of the run's model by file, on its validation part; empty where that is of another set."""
    data = run.load_facts().get("data") or {}
    if data.get("fingerprint") != catalog.fingerprint:
        return {}
    table = run.predictions()
    return dict(zip(table["file"], table["probability"].astype(float), strict=True))
