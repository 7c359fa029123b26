"""Curves of the part calibration at a prevalence that a reader chooses: plain arithmetic on what the part found, for pages."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from covidlab.evaluation.decision_curve import NetBenefit, acting_on_all, net_benefit
from covidlab.metrics import Metric
from covidlab.prediction.prevalence import PredictiveValue, predictive_values

Found = Mapping[str, Any]


@dataclass(frozen=True)
class DecisionPoint:
    """What acting on the model is worth at a threshold, beside acting on every X-ray; acting on none is worth 0."""

    threshold: float
    model: NetBenefit
    on_all: float

    @property
    def is_worth_more(self) -> bool:
        """Whether the whole interval of the model is above acting on every X-ray and above acting on none."""
        return self.model.low > max(0.0, self.on_all) + 1e-12


def decision_points(found: Found, *, prevalence: float, of: str = "thresholds") -> list[DecisionPoint]:
    """Return the decision curve, at thresholds from low to high; the set has X-rays of the class and others.

    The probabilities are those of a set with its own share of the class. At another prevalence they are first turned into what they are
    there by Bayes' theorem, so each threshold of the set stands for another one (C. Elkan 2001, IJCAI, theorem 2).

    Parameters
    ----------
    of : "thresholds", of the answers of the model, or "thresholds_after", of those with the temperature
    """
    points = []
    shift = _odds(prevalence) / _odds(found["num_positive"] / found["num_films"])
    for at in found[of]:
        sensitivity, specificity = metric_of(at["sensitivity"]), metric_of(at["specificity"])
        threshold = _share(_odds(at["threshold"]) * shift)
        model = net_benefit(sensitivity, specificity, prevalence=prevalence, threshold=threshold)
        points.append(DecisionPoint(threshold, model, acting_on_all(prevalence=prevalence, threshold=threshold)))
    return points


def predictive_points(at: Found, prevalences: Sequence[float]) -> list[tuple[PredictiveValue, PredictiveValue]]:
    """Return both predictive values of the calls ``at`` a threshold, for each prevalence."""
    figures = metric_of(at["sensitivity"]), metric_of(at["specificity"])
    return [predictive_values(*figures, prevalence) for prevalence in prevalences]


def metric_of(figure: Found) -> Metric:
    """Return a figure from its JSON values."""
    numbers = [math.nan if figure[name] is None else figure[name] for name in ("value", "low", "high")]
    return Metric(*numbers, figure["n"], figure["method"])


def _odds(share: float) -> float:
    return share / (1 - share)


def _share(odds: float) -> float:
    return odds / (1 + odds)
