"""Calibration: whether probabilities mean what they say, what acting on them is worth, a threshold by cost, likelihood ratios.

All of it is of X-rays that a head has not seen, and what is fitted (temperatures, thresholds) is fitted within the training part of
their fold (``calibrated_inner``). Shares are of the positive class against all others.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from covidlab.audit.calibrated_inner import NestedAnswers, nested_answers
from covidlab.audit.context import PartContext
from covidlab.audit.data import AuditData
from covidlab.evaluation.comparison import patient_interval
from covidlab.evaluation.cost_threshold import cheapest_threshold
from covidlab.evaluation.likelihood_ratios import OVER_PATIENTS, LikelihoodRatio, likelihood_ratios
from covidlab.evaluation.reliability import (
    STUDENTIZED,
    mean_by_patient,
    reliability,
    squared_errors,
)
from covidlab.evaluation.report import THRESHOLD
from covidlab.evaluation.temperature import fitted_temperature, is_at_end, with_temperature
from covidlab.metrics import Metric, call_metrics

VERSION = 1

# Thresholds of the decision curve.
GRID = (0.01, 0.02, *(round(0.05 * step, 2) for step in range(1, 20)), 0.98, 0.99)
# What a missed X-ray of the class costs, where one that is called so in error costs 1.
COSTS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)

_WITHOUT_PATIENTS = {name: name.replace("patients", "X-rays") for name in (OVER_PATIENTS, STUDENTIZED)}


def compute(data: AuditData, context: PartContext) -> dict[str, Any]:
    """Return the calibration of the settings before and after a temperature, and what depends on thresholds; see ``_Judged``."""
    nested = nested_answers(data, on_share=lambda share: context.on_share(0.7 * share))
    judged = _Judged(data)
    temperatures = _temperatures(nested, data.labels)
    before, after = nested.outer, _tempered(nested, temperatures)
    found = {
        "num_films": len(data.labels),
        "num_positive": int(judged.is_positive.sum()),
        "num_patients": data.catalog.num_patients,
        "positive_class": data.catalog.positive_class,
        "num_repeats": len(nested.outer),
        "num_folds": nested.num_folds,
        "temperature": _describe_temperatures(temperatures),
        "brier": judged.brier(before, after),
        "reliability": {"before": judged.bins(before), "after": judged.bins(after)},
    }
    context.on_share(0.8)
    found["usual"] = {"threshold": THRESHOLD, **judged.calls(judged.of_class(before) >= THRESHOLD)}
    found["thresholds"], found["thresholds_after"] = (
        [{"threshold": threshold, **judged.shares(judged.of_class(one) >= threshold)} for threshold in GRID]
        for one in (before, after)
    )
    found["costs"] = [judged.at_cost(cost, nested) for cost in COSTS]
    return found


class _Judged:
    """Figures of answers, each as JSON values with its interval over patients; over X-rays where patients are not known."""

    def __init__(self, data: AuditData):
        self.is_positive = data.labels == data.positive_index
        self._data = data

    def of_class(self, probabilities: np.ndarray) -> np.ndarray:
        """The probability of the positive class."""
        return probabilities[..., self._data.positive_index]

    def brier(self, before: np.ndarray, after: np.ndarray) -> dict[str, Any]:
        """Brier scores, what always saying the share of the class gives, and how both scores differ from it and each other."""
        errors = {
            name: squared_errors(self.of_class(one), self.is_positive)
            for name, one in (("before", before), ("after", after))
        }
        share = self.is_positive.mean()
        constant = np.square(share - self.is_positive)
        found: dict[str, Any] = {name: self._mean(own, low=0.0) for name, own in errors.items()}
        found["constant"] = float(constant.mean())
        found["change"] = self._difference(errors["after"] - errors["before"])
        found["below_constant"] = self._mean(constant - errors["before"], low=-1.0)
        return found

    def bins(self, probabilities: np.ndarray) -> list[dict[str, Any]]:
        """The bins of the reliability diagram."""
        bins = reliability(self.of_class(probabilities), self.is_positive, patient_ids=self._data.patient_ids)
        return [{**asdict(one), "share": self._figure(one.share)} for one in bins]

    def shares(self, called: np.ndarray) -> dict[str, Any]:
        """Sensitivity and specificity of calls, (repeats, films) bool."""
        figures = call_metrics(
            self.is_positive.astype(int), called.astype(int), patient_ids=self._data.patient_ids, positive_index=1
        )
        return {name: self._figure(figures[name]) for name in ("sensitivity", "specificity")}

    def calls(self, called: np.ndarray) -> dict[str, Any]:
        """Sensitivity, specificity and both likelihood ratios of calls."""
        positive, negative = likelihood_ratios(called, self.is_positive, patient_ids=self._data.patient_ids)
        return {**self.shares(called), "lr_positive": self._ratio(positive), "lr_negative": self._ratio(negative)}

    def at_cost(self, cost: float, nested: NestedAnswers) -> dict[str, Any]:
        """What thresholds chosen by cost, each within the training part of a fold, give on the fold."""
        thresholds = np.zeros(nested.inner.shape[:2])
        for repeat, fold in np.ndindex(thresholds.shape):
            own = nested.fold_of[repeat] != fold
            answers = self.of_class(nested.inner[repeat, fold, own])
            thresholds[repeat, fold] = cheapest_threshold(answers, self.is_positive[own], cost=cost)
        said = self.of_class(nested.outer)
        called = said >= np.take_along_axis(thresholds, nested.fold_of, axis=1)
        saved = self._costs(said >= THRESHOLD, cost) - self._costs(called, cost)
        return {
            "cost": cost,
            "threshold": _spread(thresholds),
            **self.calls(called),
            "cost_each": float(self._costs(called, cost).mean()),
            "saved": self._difference(saved),
        }

    def _costs(self, called: np.ndarray, cost: float) -> np.ndarray:
        """The mean cost of each X-ray over the repeats."""
        return np.where(self.is_positive, cost * ~called, called).mean(axis=0)

    def _mean(self, values: np.ndarray, *, low: float, high: float = 1.0) -> dict[str, Any]:
        return self._figure(mean_by_patient(values, self._data.patient_ids, low=low, high=high))

    def _difference(self, values: np.ndarray) -> dict[str, Any]:
        """A mean difference of each X-ray with its interval, None where no X-ray differs.

        Few patients may be all that differ; an interval that follows their skewness would then be too sure of the sign.
        """
        found = patient_interval(values, self._data.patient_ids)
        ends = {"low": found.low, "high": found.high} if found else {"low": None, "high": None}
        return {"value": float(values.mean()), **ends, "n": len(values)}

    def _figure(self, figure: Metric) -> dict[str, Any]:
        if not self._data.catalog.patients_known:
            figure = replace(
                figure.without_patients(), method=_WITHOUT_PATIENTS.get(figure.method, figure.without_patients().method)
            )
        return figure.to_dict()

    def _ratio(self, ratio: LikelihoodRatio) -> dict[str, Any]:
        method = (
            ratio.method if self._data.catalog.patients_known else _WITHOUT_PATIENTS.get(ratio.method, ratio.method)
        )
        numbers = {name: _finite(getattr(ratio, name)) for name in ("value", "low", "high")}
        simel = [_finite(end) for end in ratio.simel]
        return {**numbers, "simel": simel, "method": method, "has_half_added": ratio.has_half_added}


def _temperatures(nested: NestedAnswers, labels: np.ndarray) -> np.ndarray:
    """The temperature of each fold, (repeats, folds), fitted on the answers within its training part."""
    found = np.ones(nested.inner.shape[:2])
    for repeat, fold in np.ndindex(found.shape):
        own = nested.fold_of[repeat] != fold
        found[repeat, fold] = fitted_temperature(nested.inner[repeat, fold, own], labels[own])
    return found


def _tempered(nested: NestedAnswers, temperatures: np.ndarray) -> np.ndarray:
    """The answers to held-out X-rays with the temperature of their fold."""
    return with_temperature(nested.outer, np.take_along_axis(temperatures, nested.fold_of, axis=1)[..., None])


def _describe_temperatures(temperatures: np.ndarray) -> dict[str, Any]:
    at_end = sum(is_at_end(one) for one in temperatures.ravel())
    return {**_spread(temperatures), "number": temperatures.size, "number_at_end": at_end}


def _spread(values: np.ndarray | Sequence[float]) -> dict[str, float]:
    return {"median": float(np.median(values)), "lowest": float(np.min(values)), "highest": float(np.max(values))}


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
