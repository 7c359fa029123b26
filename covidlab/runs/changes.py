"""How the figures of one run differ from those of another, each change with its interval: same X-rays, paired by patient."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from covidlab.errors import ModelError
from covidlab.metrics import CONFIDENCE, METRICS, resampled_metrics
from covidlab.prediction.reference import Reference, load_reference
from covidlab.runs.store import Run

CROSS_VALIDATION, VALIDATION = "cross_validation", "validation"
_RUNS_KEPT = 64


@dataclass(frozen=True, kw_only=True)
class Change:
    """A figure of one run less that of another; ``low`` and ``high`` are None where no interval is known.

    num_films: X-rays that both runs answered, 0 where these differ. num_changed: how many of them the runs call differently.
    """

    value: float
    low: float | None = None
    high: float | None = None
    num_films: int = 0
    num_changed: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class _Answers:
    """What a run says of X-rays it did not learn from.

    files, labels, patients: of each X-ray. probabilities: (films, classes). has_all_classes: False where only the probability
    of the positive class is known and there are more than two, so that the accuracy over all classes is not.
    """

    files: tuple[str, ...]
    labels: np.ndarray
    patients: np.ndarray
    probabilities: np.ndarray
    positive_index: int
    has_all_classes: bool = True

    def same_films_as(self, other: "_Answers") -> bool:
        """Whether both are about the same X-rays in the same classes."""
        return self.files == other.files and np.array_equal(self.labels, other.labels)

    @property
    def called_positive(self) -> np.ndarray:
        """(films,) bool, at the operating point of the figures."""
        return self.probabilities[:, self.positive_index] >= 0.5


def changes(first: Run, second: Run, *, source: str) -> dict[str, Change]:
    """Return how each figure of ``second`` differs from that of ``first``, by the names in ``METRICS``.

    The interval comes from a bootstrap that draws the same patients for both runs. In a cross-validation it takes the answers
    averaged over the repeats, and is moved to the difference of the reported figures, which are means over the repeats.

    Parameters
    ----------
    source : ``CROSS_VALIDATION`` or ``VALIDATION``, whose figures and answers are compared
    """
    paired = _paired_changes(first, second, source)
    before, after = figures_of(first, source), figures_of(second, source)
    return {
        name: _moved(paired.get(name), after[name]["value"] - before[name]["value"])
        for name in METRICS
        if _is_known(before.get(name)) and _is_known(after.get(name))
    }


def figures_of(run: Run, source: str) -> Mapping:
    """Return the figures in the report of a run by name; empty where there are none."""
    report = run.report() or {}
    figures = report if source == VALIDATION else report.get("cross_validation") or {}
    return figures if "accuracy" in figures else {}


def _paired_changes(first: Run, second: Run, source: str) -> dict[str, Change]:
    """Changes of the figures that both runs' own answers give; empty where they are not about the same X-rays."""
    keys = [(run.path, source, _stamp(run)) for run in (first, second)]
    before, after = (_answers(*key) for key in keys)
    if before is None or after is None or not before.same_films_as(after):
        return {}
    counts = {
        "num_films": len(before.files),
        "num_changed": int((before.called_positive != after.called_positive).sum()),
    }
    names = [name for name in METRICS if name != "accuracy" or before.has_all_classes]
    differences = {name: _resampled(*keys[1])[name] - _resampled(*keys[0])[name] for name in names}
    return {name: replace(_change(values), **counts) for name, values in differences.items() if np.isfinite(values[0])}


def _change(differences: np.ndarray) -> Change:
    """The difference itself, which comes first, with the percentile interval of the resampled ones."""
    value, resampled = float(differences[0]), differences[np.isfinite(differences)]
    low, high = np.quantile(resampled, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Change(value=value, low=min(float(low), value), high=max(float(high), value))


def _moved(change: Change | None, value: float) -> Change:
    if change is None:
        return Change(value=value)
    return replace(change, value=value, low=value + change.low - change.value, high=value + change.high - change.value)


@lru_cache(maxsize=2 * _RUNS_KEPT)
def _answers(path: Path, source: str, stamp: tuple) -> _Answers | None:
    return _validation_answers(Run(path)) if source == VALIDATION else _crossed_answers(Run(path))


@lru_cache(maxsize=2 * _RUNS_KEPT)
def _resampled(path: Path, source: str, stamp: tuple) -> dict[str, np.ndarray]:
    answers = _answers(path, source, stamp)
    # The same seed for every run, so that all draw the same patients.
    return resampled_metrics(
        answers.labels, answers.probabilities, patient_ids=answers.patients, positive_index=answers.positive_index
    )


def _validation_answers(run: Run) -> _Answers | None:
    table, report = run.predictions(), run.report() or {}
    classes = report.get("classes") or []
    if table.empty or not classes or not {f"p_{name}" for name in classes} <= set(table.columns):
        return None
    table = table.sort_values("file")
    # Where nobody stated the patient, each X-ray counts as one.
    patients = table["patient_id"].fillna("").where(table["patient_id"].fillna("") != "", "\0" + table["file"])
    return _Answers(
        files=tuple(table["file"]),
        labels=np.array([classes.index(name) for name in table["class"]], dtype=int),
        patients=patients.to_numpy(str),
        probabilities=table[[f"p_{name}" for name in classes]].to_numpy(float),
        positive_index=classes.index(report["positive_class"]),
    )


def _crossed_answers(run: Run) -> _Answers | None:
    try:
        known: Reference = load_reference(run.reference_path)
    except ModelError:
        # Runs of earlier versions kept none.
        return None
    if not known.num_films or not np.isfinite(known.out_of_fold).all():
        return None
    order = np.argsort(np.array(known.files))
    positive = known.out_of_fold[order].astype(float)
    return _Answers(
        files=tuple(np.array(known.files)[order]),
        labels=(known.labels[order] == known.positive_index).astype(int),
        patients=known.patients[order],
        probabilities=np.stack([1 - positive, positive], axis=1),
        positive_index=1,
        has_all_classes=len(known.classes) == 2,
    )


def _is_known(figure: Mapping | None) -> bool:
    return bool(figure) and figure.get("value") is not None


def _stamp(run: Run) -> tuple:
    """Changes with the files that hold answers, which are replaced whole."""
    stamps = []
    for path in (run.reference_path, run.path / "predictions.csv", run.path / "report.json"):
        with suppress(OSError):
            facts = path.stat()
            stamps.append((path.name, facts.st_ino, facts.st_mtime_ns, facts.st_size))
    return tuple(stamps)
