"""Another hospital: how the model does on other labelled X-rays, beside how it does on the set it learned from."""

import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from covidlab.audit.context import PartContext
from covidlab.audit.data import AuditData
from covidlab.audit.elsewhere_shift import SetSample, describe_shift, differences_of, sample_of_set
from covidlab.audit.elsewhere_visit import Others, read_others
from covidlab.errors import UsageError
from covidlab.evaluation.report import THRESHOLD
from covidlab.intake.visit_files import forget_visit
from covidlab.intake.visit_sources import UNKNOWN
from covidlab.learning.modelcard import read_card, require_sha256
from covidlab.learning.modelfile import load_head
from covidlab.metrics import UNDEFINED, Metric, report_metrics
from covidlab.prediction.reference import distances, nearest_mean, positive_log_odds

VERSION = 1
UNKNOWN_FIGURE = Metric(math.nan, math.nan, math.nan, 0, UNDEFINED).to_dict()
# Shares of the work: reading the files, then passing them through the network.
_READ, _PASSED = 0.3, 0.8


@dataclass(frozen=True, kw_only=True, eq=False)
class _Said:
    """Probability of the positive class as models say it.

    here: (repeats, X-rays of the set), from models that had not seen the patient. elsewhere: (models of all folds, other X-rays).
    chosen: (other X-rays,), of the model itself, None where it is not of this set, with its operating point.
    """

    here: np.ndarray
    elsewhere: np.ndarray
    chosen: np.ndarray | None
    chosen_threshold: float


def compute(data: AuditData, context: PartContext) -> dict[str, Any]:
    """Return how the model does on the X-rays in ``context.config.other``, a folder, a ZIP file or what a visitor brought.

    Every figure is of the positive class against all others. Those of the folds are means over the models of all folds, here on the
    X-rays each has not seen, elsewhere on all: the same models, so that the two can be compared.

    Returns
    -------
    dict of

    - other: name ("" of what a visitor brought), num_given and num_xrays by class, num_patients (None where not known),
      patients_from ("tables", "names", "unknown"), left_out (number by reason), positive (its classes that are the positive one)
    - positive_class, threshold, num_models
    - here, elsewhere: figures as ``metrics.report_metrics`` of the models of the folds; chosen: of the model itself, elsewhere,
      None where it is not of this set
    - classes: of each class elsewhere, name, is_positive, called (share called positive, a figure), chosen_called, far (share), auc (of the
      positive class beside this one, None where there is none)
    - here_classes: the same of the set, name, is_positive and called
    - limit: distance that 99 % of the set's own X-rays keep below; xrays: of each X-ray file, class, probability (mean over the
      models), models (share that calls it positive), chosen (probability), distance
    - shift: see ``elsewhere_shift.describe_shift``; differences: see ``elsewhere_shift.differences_of``
    """
    where = context.config.other
    if not where:
        raise UsageError("The folder or the ZIP file with X-rays of another hospital is expected. Received: none.")
    try:
        others = read_others(data, Path(where), on_share=lambda share: context.on_share(_READ * share))
    finally:
        forget_visit(Path(where))
    features = _features(data, others, context)
    said = _said(data, context, features)
    context.on_share(_PASSED)
    sample = sample_of_set(data)
    reference = sample.reference(data)
    far_away = nearest_mean(distances(features, reference.features))
    data.on_step()
    found = {
        "other": _about(others),
        "positive_class": data.catalog.positive_class,
        "threshold": THRESHOLD,
        "num_models": len(said.elsewhere),
        **_figures(data, others, said),
        "limit": _number(reference.limit),
        "xrays": _xrays(others, said, far_away),
    }
    for row in found["classes"]:
        of_class = np.array(others.visit.classes) == row["name"]
        row["far"] = None if np.isnan(reference.limit) else float((far_away[of_class] > reference.limit).mean())
    return found | _compared(data, others, sample, features, context)


def _compared(data: AuditData, others: Others, sample: SetSample, features: np.ndarray, context: PartContext) -> dict:
    shift = describe_shift(data, others, sample, features)
    context.on_share(0.9)
    return {"shift": shift, "differences": differences_of(data, others, sample)}


def _features(data: AuditData, others: Others, context: PartContext) -> np.ndarray:
    """Features of the other X-rays; those of a visitor are not kept."""
    films, done = others.visit.films, 0

    def make(missing: list[int]) -> np.ndarray:
        nonlocal done
        done += len(missing)
        context.on_share(_READ + (_PASSED - _READ) * done / len(films))
        return films[missing]

    if others.is_visitors:
        return data.maker.features(films)
    return data.maker.kept_features(others.visit.sha256s, make, of=f"elsewhere_v{VERSION}")


def _said(data: AuditData, context: PartContext, features: np.ndarray) -> _Said:
    stack = data.train(data.view_features(), data.splits)
    with data.device.scope():
        elsewhere = stack.probabilities(features)
    here = data.held_out(stack, data.features())
    chosen, threshold = _chosen(data, context, features)
    return _Said(
        here=here[..., data.positive_index].astype(float),
        elsewhere=elsewhere[..., data.positive_index].astype(float),
        chosen=chosen,
        chosen_threshold=threshold,
    )


def _chosen(data: AuditData, context: PartContext, features: np.ndarray) -> tuple[np.ndarray | None, float]:
    """What the audited model itself says, with its operating point; None where it learned from another set or deeper."""
    model = context.model
    card = read_card(model.path) if model else None
    if card is None or card.preset != data.config.preset or card.backbone != data.config.backbone:
        return None, THRESHOLD
    if card.data_fingerprint != data.catalog.fingerprint and context.config.run is None:
        return None, THRESHOLD
    require_sha256(model.path, model.sha256, name=model.name)
    loaded = load_head(model.path)
    if loaded is None or card.positive_class not in card.classes:
        return None, THRESHOLD
    kernel, bias, output_kernel, output_bias = loaded[0].get_weights()
    logits = np.maximum(features @ kernel + bias, 0) @ output_kernel + output_bias
    odds = positive_log_odds(logits.astype(float), card.classes.index(card.positive_class))
    return 1 / (1 + np.exp(-odds)), card.threshold


def _about(others: Others) -> dict[str, Any]:
    visit, known = others.visit, others.visit.patients_from != UNKNOWN
    return {
        "name": visit.name,
        "num_given": dict(visit.num_given),
        "num_xrays": dict(Counter(visit.classes)),
        "num_patients": len(np.unique(visit.patients)) if known else None,
        "patients_from": visit.patients_from,
        "left_out": dict(visit.left_out),
        "positive": sorted(others.positive),
    }


def _figures(data: AuditData, others: Others, said: _Said) -> dict[str, Any]:
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
    return {
        name: figure if name in ("sensitivity", "specificity") else UNKNOWN_FIGURE for name, figure in figures.items()
    }


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


def _xrays(others: Others, said: _Said, far_away: np.ndarray) -> list[dict[str, Any]]:
    mean, models = said.elsewhere.mean(axis=0), (said.elsewhere >= THRESHOLD).mean(axis=0)
    return [
        {
            "file": others.visit.files[at],
            "class": others.visit.classes[at],
            "probability": _number(mean[at]),
            "models": _number(models[at]),
            "chosen": None if said.chosen is None else _number(said.chosen[at]),
            "distance": _number(far_away[at]),
        }
        for at in range(others.visit.num_films)
    ]


def _number(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
