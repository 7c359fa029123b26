"""Figures of another hospital beside those of the set, each of the positive class against all others, with intervals over patients."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from covidlab.audit.data import AuditData
from covidlab.audit.elsewhere_visit import Others
from covidlab.evaluation.report import THRESHOLD
from covidlab.intake.visit_sources import UNKNOWN
from covidlab.metrics import UNDEFINED, Metric, report_metrics

_UNKNOWN = Metric(math.nan, math.nan, math.nan, 0, UNDEFINED).to_dict()


@dataclass(frozen=True, kw_only=True, eq=False)
class Said:
    """Probability of the positive class as models say it.

    here: (repeats, X-rays of the set), from models that had not seen the patient. elsewhere: (models of all folds, other X-rays).
    chosen: (other X-rays,), of the model itself, None where it is not of this set, with its operating point.
    """

    here: np.ndarray
    elsewhere: np.ndarray
    chosen: np.ndarray | None
    chosen_threshold: float


def figures_of(data: AuditData, others: Others, said: Said) -> dict[str, Any]:
    """Return here, elsewhere, chosen, classes and here_classes, as ``elsewhere.compute`` says."""
    is_here, is_there = data.labels == data.positive_index, others.is_positive
    of_set = {"patient_ids": data.patient_ids, "known": data.catalog.patients_known}
    of_others = {"patient_ids": others.visit.patients, "known": others.visit.patients_from != UNKNOWN}
    chosen, at = said.chosen, said.chosen_threshold
    classes = []
    for name in dict.fromkeys(sorted(others.visit.classes)):
        films = np.array(others.visit.classes) == name
        row = {"name": name, "is_positive": name in others.positive}
        row["called"] = _called(is_there, said.elsewhere, films, **of_others)
        row["chosen_called"] = (
            None if chosen is None else _called(is_there, chosen[None], films, threshold=at, **of_others)
        )
        row["auc"] = _auc_beside(is_there, said.elsewhere, films, **of_others)
        classes.append(row)
    return {
        "here": _metrics(is_here, said.here, **of_set),
        "elsewhere": _of_both(is_there, _metrics(is_there, said.elsewhere, **of_others)),
        "chosen": None
        if chosen is None
        else _of_both(is_there, _metrics(is_there, chosen[None], threshold=at, **of_others)),
        "classes": classes,
        "here_classes": [
            {
                "name": name,
                "is_positive": label == data.positive_index,
                "called": _called(is_here, said.here, data.labels == label, **of_set),
            }
            for label, name in enumerate(data.catalog.classes)
        ],
    }


def _metrics(
    is_positive: np.ndarray,
    probabilities: np.ndarray,
    *,
    patient_ids: np.ndarray,
    known: bool,
    threshold: float = THRESHOLD,
) -> dict[str, dict]:
    """Figures of the positive class against all others; probabilities (models, X-rays)."""
    found = report_metrics(
        is_positive.astype(int),
        np.stack([1 - probabilities, probabilities], axis=-1),
        patient_ids=patient_ids,
        positive_index=1,
        threshold=threshold,
    )
    return {name: (each if known else each.without_patients()).to_dict() for name, each in found.items()}


def _of_both(is_positive: np.ndarray, figures: dict[str, dict]) -> dict[str, dict]:
    """Figures without those that need X-rays of both sides, where there is one side: beside the set's own they would mean nothing."""
    if is_positive.any() and not is_positive.all():
        return figures
    return {name: figure if name in ("sensitivity", "specificity") else _UNKNOWN for name, figure in figures.items()}


def _called(
    is_positive: np.ndarray, probabilities: np.ndarray, films: np.ndarray, *, patient_ids: np.ndarray, **options: Any
) -> dict[str, Any]:
    """Share of the X-rays of one class that are called the positive one, as a figure."""
    figures = _metrics(is_positive[films], probabilities[:, films], patient_ids=patient_ids[films], **options)
    if is_positive[films].any():
        return figures["sensitivity"]
    right = figures["specificity"]
    if right["value"] is None:
        return right
    return {**right, "value": 1 - right["value"], "low": 1 - right["high"], "high": 1 - right["low"]}


def _auc_beside(
    is_positive: np.ndarray, probabilities: np.ndarray, films: np.ndarray, *, patient_ids: np.ndarray, known: bool
) -> dict[str, Any] | None:
    """Area under the ROC curve of the positive class beside this class alone; None for the positive one."""
    both = films | is_positive
    if is_positive[films].any() or not is_positive.any():
        return None
    return _metrics(is_positive[both], probabilities[:, both], patient_ids=patient_ids[both], known=known)["auc"]


def xrays_of(others: Others, said: Said, far_away: np.ndarray) -> list[dict[str, Any]]:
    """Return what is said of each X-ray elsewhere; ``far_away``: distance of each to the set, (n,)."""
    mean, models = said.elsewhere.mean(axis=0), (said.elsewhere >= THRESHOLD).mean(axis=0)
    return [
        {
            "file": others.visit.files[at],
            "class": others.visit.classes[at],
            "probability": rounded(mean[at]),
            "models": rounded(models[at]),
            "chosen": None if said.chosen is None else rounded(said.chosen[at]),
            "distance": rounded(far_away[at]),
        }
        for at in range(others.visit.num_films)
    ]


def rounded(value: float) -> float | None:
    """Return a number with four decimals; None where it is not finite."""
    return round(float(value), 4) if np.isfinite(value) else None
