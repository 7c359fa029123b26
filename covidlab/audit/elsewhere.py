"""Another hospital: how the model does on other labelled X-rays, beside how it does on the set it learned from."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from covidlab.audit.context import PartContext
from covidlab.audit.data import AuditData
from covidlab.audit.elsewhere_figures import Said, figures_of, rounded, xrays_of
from covidlab.audit.elsewhere_shift import SetSample, describe_shift, differences_of, sample_of_set
from covidlab.audit.elsewhere_visit import Others, read_others
from covidlab.errors import UsageError
from covidlab.evaluation.report import THRESHOLD
from covidlab.intake.visit_files import forget_visit
from covidlab.intake.visit_sources import UNKNOWN
from covidlab.language import tr
from covidlab.learning.modelcard import read_card, require_sha256
from covidlab.learning.modelfile import load_head
from covidlab.prediction.reference import distances, nearest_mean, positive_log_odds

VERSION = 1
# Shares of the work: reading the files, then passing them through the network.
_READ, _PASSED = 0.3, 0.8


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
        raise UsageError(tr("The folder or the ZIP file with X-rays of another hospital is expected. Received: none."))
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
        **figures_of(data, others, said),
        "limit": rounded(reference.limit),
        "xrays": xrays_of(others, said, far_away),
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


def _said(data: AuditData, context: PartContext, features: np.ndarray) -> Said:
    stack = data.train(data.view_features(), data.splits)
    with data.device.scope():
        elsewhere = stack.probabilities(features)
    here = data.held_out(stack, data.features())
    chosen, threshold = _chosen(data, context, features)
    return Said(
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
