"""How the figures of one run differ from those of another, each change with its interval: same X-rays, paired by patient."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from covidlab.errors import ModelError
from covidlab.evaluation.paired import PairedDifference, paired_differences
from covidlab.files import file_stamp
from covidlab.metrics import METRICS
from covidlab.prediction.reference import load_reference
from covidlab.runs.store import Run

CROSS_VALIDATION, VALIDATION = "cross_validation", "validation"
_PAIRS_KEPT = 128


@dataclass(frozen=True, kw_only=True)
class Change:
    """A figure of one run less that of another; ``low`` and ``high`` are None where no interval is known.

    num_films: X-rays that both runs answered, 0 where these differ. is_same: whether both gave exactly the same answers.
    """

    value: float
    low: float | None = None
    high: float | None = None
    num_films: int = 0
    is_same: bool = False


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


def changes(first: Run, second: Run, *, source: str) -> dict[str, Change]:
    """Return how each figure of ``second`` differs from that of ``first``, by the names in ``METRICS``.

    The interval is that of ``evaluation.paired``. In a cross-validation it takes the answers averaged over the repeats, and
    stands around the difference of the reported figures, which are means over the repeats.

    Parameters
    ----------
    source : ``CROSS_VALIDATION`` or ``VALIDATION``, whose figures and answers are compared
    """
    paired = _paired(first.path, second.path, source, (_stamp(first), _stamp(second)))
    before, after = figures_of(first, source), figures_of(second, source)
    return {
        name: _around(after[name]["value"] - before[name]["value"], paired, name)
        for name in METRICS
        if _is_known(before.get(name)) and _is_known(after.get(name))
    }


def figures_of(run: Run, source: str) -> Mapping:
    """Return the figures in the report of a run by name; empty where there are none."""
    report = run.report() or {}
    figures = report if source == VALIDATION else report.get("cross_validation") or {}
    return figures if "accuracy" in figures else {}


@dataclass(frozen=True, kw_only=True, eq=False)
class _Paired:
    """What comes of two runs' answers to the same X-rays."""

    differences: Mapping[str, PairedDifference]
    num_films: int
    is_same: bool


def _around(value: float, paired: _Paired | None, name: str) -> Change:
    """A reported difference with the interval of the paired answers around it."""
    difference = paired.differences.get(name) if paired else None
    if difference is None:
        return Change(value=value)
    if paired.is_same and value == 0:
        return Change(value=value, low=value, high=value, num_films=paired.num_films, is_same=True)
    return Change(
        value=value,
        low=max(-1.0, value - difference.below),
        high=min(1.0, value + difference.above),
        num_films=paired.num_films,
    )


@lru_cache(maxsize=_PAIRS_KEPT)
def _paired(first: Path, second: Path, source: str, stamps: tuple) -> _Paired | None:
    """What the answers of two runs give; None where they are not known or not about the same X-rays."""
    read = _validation_answers if source == VALIDATION else _crossed_answers
    before, after = read(Run(first)), read(Run(second))
    if before is None or after is None or not before.same_films_as(after):
        return None
    differences = paired_differences(
        before.labels,
        before.probabilities,
        after.probabilities,
        patient_ids=before.patients,
        positive_index=before.positive_index,
    )
    if not before.has_all_classes:
        differences.pop("accuracy", None)
    is_same = np.array_equal(before.probabilities, after.probabilities)
    return _Paired(differences=differences, num_films=len(before.files), is_same=is_same)


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
        known = load_reference(run.reference_path)
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
    return tuple(map(file_stamp, (run.reference_path, run.path / "predictions.csv", run.path / "report.json")))
