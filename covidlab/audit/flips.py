"""Labels changed or X-rays dropped: which patients' answers change.

The labels change in training alone. Every X-ray, a dropped one too, is still read by heads that have not learned from its patient,
and answers are compared with the labels of the set. As the yardstick the same heads are trained with other seeds and no change.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from covidlab.audit.context import PartContext
from covidlab.audit.data import AuditData
from covidlab.data.patients import stated_patient
from covidlab.data.splits import Split
from covidlab.errors import UsageError
from covidlab.evaluation.paired import paired_accuracy
from covidlab.evaluation.report import THRESHOLD
from covidlab.language import tr

VERSION = 1
# With no change but the seed: what differs then is noise.
NUM_OTHER_SEEDS = 4


def compute(data: AuditData, context: PartContext) -> dict[str, Any]:
    """Return what the answers are with some labels flipped ({"flip": [files]}) or X-rays dropped ({"drop": [files]}) in training.

    Returns
    -------
    dict of

    - flip, drop: files; repeats, folds, num_patients (None where patients are not known)
    - before, after: as ``AuditData.figures``; difference: value, low, high of the accuracy, paired over patients
    - patients: patient, class, files, before, after (mean probability of the positive class), changed (the call), touched (an X-ray
      of it was flipped or dropped); those whose probability moves most come first
    - changed, moved: number of patients whose call changed, and the mean move of a patient's probability
    - seeds: the same two of each other seed alone
    """
    flip, drop = (_positions(data, context.options.get(name) or [], name) for name in ("flip", "drop"))
    if not (flip or drop):
        raise UsageError(tr("This part needs X-rays whose labels are flipped or that are dropped. Received: none."))
    labels, splits = _flipped(data, flip), _without(data, [*drop])
    features, films = data.view_features(), data.features()
    seeds = _held_out(data, features, films, data.splits * (1 + NUM_OTHER_SEEDS), data.labels)
    context.on_share(0.8)
    before, after = seeds[0], _held_out(data, features, films, splits, labels)[0]
    patients = _Patients(data)
    others = [patients.moved(before, other) for other in seeds[1:]]
    return {
        "flip": [data.catalog.films["file"].iloc[film] for film in flip],
        "drop": [data.catalog.films["file"].iloc[film] for film in drop],
        "repeats": len(data.repeats),
        "folds": len(data.repeats[0]),
        "num_patients": data.catalog.num_patients,
        "positive_class": data.catalog.positive_class,
        "before": {name: each.to_dict() for name, each in data.figures(before).items()},
        "after": {name: each.to_dict() for name, each in data.figures(after).items()},
        "difference": _difference(data, before, after),
        "patients": patients.described(before, after, touched=[*flip, *drop]),
        **patients.moved(before, after),
        "seeds": others,
    }


def _positions(data: AuditData, files: Sequence[str], name: str) -> list[int]:
    place_of = {file: place for place, file in enumerate(data.catalog.films["file"])}
    unknown = [file for file in files if file not in place_of]
    if unknown:
        raise UsageError(
            tr("The X-rays to {name} must be files of the set. Received: {unknown}.", name=name, unknown=unknown[0])
        )
    return sorted({place_of[file] for file in files})


def _flipped(data: AuditData, flip: Sequence[int]) -> np.ndarray:
    """Labels with those of some X-rays changed: the positive class for the largest other one, any other for the positive one."""
    labels, sizes = data.labels.copy(), np.bincount(data.labels, minlength=data.num_classes)
    sizes[data.positive_index] = -1
    for film in flip:
        labels[film] = sizes.argmax() if labels[film] == data.positive_index else data.positive_index
    return labels


def _without(data: AuditData, drop: Sequence[int]) -> list[Split]:
    splits = [Split(np.setdiff1d(split.train, drop), split.validation) for split in data.splits]
    # By the labels of the set: somebody may flip a whole class, and see.
    if any(len(np.unique(data.labels[split.train])) < data.num_classes for split in splits):
        raise UsageError(tr("A class has no X-ray left to learn from in some fold. Drop fewer of them."))
    return splits


def _held_out(
    data: AuditData, features: np.ndarray, films: np.ndarray, splits: Sequence[Split], labels: np.ndarray
) -> list[np.ndarray]:
    """Held-out answers of heads on ``data.splits``, or several times as many, each time with other seeds."""
    number, found = len(data.splits), []
    stack = data.train(features, splits, labels=labels)
    with data.device.scope():
        said = stack.probabilities(films)
    for start in range(0, len(splits), number):
        found.append(data.held_out_of(said[start : start + number]))
    return found


def _difference(data: AuditData, before: np.ndarray, after: np.ndarray) -> dict[str, float]:
    """How the accuracy differs on the same folds, with its interval over patients."""
    found = paired_accuracy(
        data.labels, before, after, patient_ids=data.patient_ids, positive_index=data.positive_index
    )
    return {"value": found.value, "low": found.value - found.below, "high": found.value + found.above}


class _Patients:
    """The answers for whole patients: the mean over their X-rays and over the repeats."""

    def __init__(self, data: AuditData):
        self.data = data
        self.names, self.of_films = np.unique(data.patient_ids, return_inverse=True)

    def moved(self, before: np.ndarray, after: np.ndarray) -> dict[str, Any]:
        """How many patients are called otherwise, and how far their probabilities move on average."""
        first, second = self._means(before), self._means(after)
        return {
            "changed": int(((first >= THRESHOLD) != (second >= THRESHOLD)).sum()),
            "moved": float(np.abs(second - first).mean()),
        }

    def described(self, before: np.ndarray, after: np.ndarray, *, touched: Sequence[int]) -> list[dict[str, Any]]:
        """What is said of each patient, those that move most first."""
        first, second = self._means(before), self._means(after)
        order = np.argsort(-np.abs(second - first), kind="stable")
        return [self._row(place, float(first[place]), float(second[place]), touched) for place in order]

    def _row(self, place: int, first: float, second: float, touched: Sequence[int]) -> dict[str, Any]:
        own, films = np.flatnonzero(self.of_films == place), self.data.catalog.films
        return {
            "patient": stated_patient(self.names[place]),
            "class": films["class"].iloc[own[0]],
            "files": films["file"].iloc[own].tolist(),
            "before": round(first, 6),
            "after": round(second, 6),
            "changed": (first >= THRESHOLD) != (second >= THRESHOLD),
            "touched": bool(np.isin(own, touched).any()),
        }

    def _means(self, held_out: np.ndarray) -> np.ndarray:
        of_films = held_out[..., self.data.positive_index].mean(axis=0, dtype=float)
        return np.bincount(self.of_films, weights=of_films) / np.bincount(self.of_films)
