"""Figures of the model over all X-rays against the amount of a change: heads trained on unchanged X-rays read changed ones.

The heads and folds are those of the cross-validation, so each X-ray is read by heads that have not seen its patient.

Options: {"scale": NAME} for one scale of ``evaluation.alterations.SCALES`` alone, or {"scale": "named"} for the named changes.

What it finds: ``whole`` (unchanged), ``scales`` (by name, a list of figures, one for each amount) and ``named`` (by name). Figures have
value (of a scale), accuracy, sensitivity, specificity (``Metric.to_dict``) and means: the mean probability of the positive class by class.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from covidlab.audit.context import PartContext
from covidlab.audit.curves_text import NAMED
from covidlab.audit.data import AuditData
from covidlab.errors import UsageError
from covidlab.evaluation.alterations import ALTERATIONS, SCALES, WHOLE, Alteration
from covidlab.language import tr
from covidlab.learning.heads import HeadStack

VERSION = 1

_FIGURES = ("accuracy", "sensitivity", "specificity")


def compute(data: AuditData, context: PartContext) -> dict[str, Any]:
    """Return the figures for each amount and each named change; raises UsageError for an unknown scale."""
    asked = list(_asked(context.options.get("scale")))
    # Raises where an X-ray cannot be read, before anything is computed.
    num_films = len(data.prepared)
    stack = data.train(data.view_features(), data.splits)
    whole = _figures(data, stack, WHOLE)
    scales, named = {}, {}
    for number, (scale, value, alteration) in enumerate(asked, start=1):
        found = _figures(data, stack, alteration)
        if scale:
            scales.setdefault(scale, []).append({"value": value, **found})
        else:
            named[alteration.name] = {"title": alteration.title, **found}
        data.on_step()
        context.on_share(number / len(asked))
    return {
        "classes": list(data.catalog.classes),
        "positive_class": data.catalog.classes[data.positive_index],
        "num_films": num_films,
        "num_patients": data.catalog.num_patients,
        "num_heads": len(data.splits),
        "whole": whole,
        "scales": scales,
        "named": named,
    }


def _asked(scale: str | None) -> Iterator[tuple[str, float | None, Alteration]]:
    """The changes that are read: scale and amount ("" and None for a named one), and the alteration."""
    if scale not in (None, NAMED, *SCALES):
        raise UsageError(
            tr(
                "A curve is of {scales} or {named}. Received: {scale}.",
                scales=", ".join(SCALES),
                named=NAMED,
                scale=scale,
            )
        )
    for each in SCALES.values():
        if scale in (None, each.name):
            yield from ((each.name, value, each.at(value)) for value in each.values)
    if scale in (None, NAMED):
        yield from (("", None, each) for each in ALTERATIONS.values() if each.name != WHOLE.name)


def _figures(data: AuditData, stack: HeadStack, alteration: Alteration) -> dict[str, Any]:
    """The figures of held-out answers for changed X-rays; those without the lungs that a change needs do not count."""
    probabilities = data.held_out(stack, _features(data, alteration))
    films = data.lungs.found if alteration.needs_lungs else np.ones(len(data.labels), bool)
    figures = data.figures(probabilities, films=films)
    positive = probabilities[..., data.positive_index].mean(axis=0)
    means = {
        name: float(positive[films & (data.labels == label)].mean()) if (films & (data.labels == label)).any() else None
        for label, name in enumerate(data.catalog.classes)
    }
    return {**{name: figures[name].to_dict() for name in _FIGURES}, "means": means}


def _features(data: AuditData, alteration: Alteration) -> np.ndarray:
    """Features of changed X-rays; of a change that leaves every pixel those that are there already."""
    if alteration.name != WHOLE.name and np.array_equal(data.altered(alteration), data.prepared):
        return data.features(WHOLE)
    return data.features(alteration)
