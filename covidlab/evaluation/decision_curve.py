"""What acting on a model is worth at each threshold, against acting on every X-ray and on none; no SciPy, pages ask too.

A. J. Vickers and E. B. Elkin (2006), Decision curve analysis: a novel method for evaluating prediction models, Medical Decision
Making 26, 565-574, doi 10.1177/0272989X06295361. A threshold of 20 % means: one X-ray of the class that is missed is as bad as four
others that are acted on for nothing. The net benefit counts what is found, less what is acted on for nothing at that rate.
"""

import math
from dataclasses import dataclass

from covidlab.metrics import Metric


@dataclass(frozen=True)
class NetBenefit:
    """A net benefit with its 95 % interval: as if that share of the X-rays were found and none acted on for nothing."""

    value: float
    low: float
    high: float


def net_benefit(sensitivity: Metric, specificity: Metric, *, prevalence: float, threshold: float) -> NetBenefit:
    """Return the net benefit of acting where the probability reaches the threshold.

    Parameters
    ----------
    sensitivity, specificity : at this threshold
    prevalence : share of the class among those who are examined, taken as known; in a set that was put together by class it
        is no property of the set
    threshold : probability in (0, 1)

    Notes
    -----
    The interval joins those of both shares, which rest on different X-rays: G. Y. Zou and A. Donner (2008), Statistics in Medicine
    27, 1693-1702, doi 10.1002/sim.3095. So it is over patients where theirs are. It holds one threshold at a time.
    """
    found, for_nothing = prevalence, (1 - prevalence) * _odds(threshold)
    value = found * sensitivity.value - for_nothing * (1 - specificity.value)
    below = math.hypot(
        found * (sensitivity.value - sensitivity.low), for_nothing * (specificity.value - specificity.low)
    )
    above = math.hypot(
        found * (sensitivity.high - sensitivity.value), for_nothing * (specificity.high - specificity.value)
    )
    return NetBenefit(value, value - below, value + above)


def acting_on_all(*, prevalence: float, threshold: float) -> float:
    """Return the net benefit of acting on every X-ray; that of acting on none is 0."""
    return prevalence - (1 - prevalence) * _odds(threshold)


def _odds(threshold: float) -> float:
    return threshold / (1 - threshold)
