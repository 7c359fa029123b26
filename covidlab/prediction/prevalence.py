"""What an answer means at a prevalence: predictive values from sensitivity and specificity, with intervals."""

import math
from dataclasses import dataclass
from typing import Protocol

from covidlab.errors import UsageError
from covidlab.language import tr


class Share(Protocol):
    """A share with its interval, as ``metrics.Metric`` is one."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class PredictiveValue:
    """A share of answers that are true; low <= value <= high, all nan where there is no such answer."""

    value: float
    low: float
    high: float


def predictive_values(
    sensitivity: Share, specificity: Share, prevalence: float
) -> tuple[PredictiveValue, PredictiveValue]:
    """Positive and negative predictive value by Bayes' theorem.

    Parameters
    ----------
    sensitivity, specificity : shares in [0, 1] with their intervals
    prevalence : share of the positive class among those who are examined, 0 to 1, taken as known

    Returns
    -------
    positive, negative : of the answers "positive" and "negative", the share that is true

    Raises UsageError where a share is outside of 0 to 1.

    Notes
    -----
    D. G. Altman and J. M. Bland (1994), Diagnostic tests 2: predictive values, BMJ 309, 102, doi 10.1136/bmj.309.6947.102.
    Both rise with sensitivity and with specificity, so over the box of both intervals they are lowest and highest in two of
    its corners. That interval is wider than the logit interval of N. D. Mercaldo, K. F. Lau and X. H. Zhou (2007), Statistics
    in Medicine 26, 2170-2183, doi 10.1002/sim.2677, and takes any intervals, also those of patients with several films.
    """
    _check(prevalence, sensitivity, specificity)
    return (
        _over_box(
            lambda true, other: _share_of(prevalence * true, (1 - prevalence) * (1 - other)), sensitivity, specificity
        ),
        _over_box(
            lambda true, other: _share_of((1 - prevalence) * true, prevalence * (1 - other)), specificity, sensitivity
        ),
    )


def _over_box(share, first: Share, second: Share) -> PredictiveValue:
    """Value and both corners of a share that rises with either of two figures."""
    value = share(first.value, second.value)
    if math.isnan(value):
        return PredictiveValue(math.nan, math.nan, math.nan)
    low, high = share(first.low, second.low), share(first.high, second.high)
    # Beside a corner where no answer is given, any share is possible.
    return PredictiveValue(value, 0.0 if math.isnan(low) else low, 1.0 if math.isnan(high) else high)


def _share_of(part: float, rest: float) -> float:
    return part / (part + rest) if part + rest > 0 else math.nan


def _check(prevalence: float, *figures: Share) -> None:
    values = [prevalence, *(value for figure in figures for value in (figure.value, figure.low, figure.high))]
    for value in values:
        # A nan is a figure that is undefined.
        if not (0 <= value <= 1 or math.isnan(value)):
            raise UsageError(
                tr("Prevalence, sensitivity and specificity are numbers from 0 to 1. Received: {value}.", value=value)
            )
