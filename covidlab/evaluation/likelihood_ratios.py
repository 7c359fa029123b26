"""How much an answer moves the odds of a class: likelihood ratios with intervals over X-rays and over patients."""

import math
from dataclasses import dataclass

import numpy as np

from covidlab.clustered import independent_films
from covidlab.intervals import REACH
from covidlab.language import tr_lazy

SIMEL, OVER_PATIENTS = tr_lazy("log method over X-rays"), tr_lazy("log method over patients")
# A count below it is 0.
_NONE = 1e-9


@dataclass(frozen=True, kw_only=True)
class LikelihoodRatio:
    """A ratio of two shares with its 95 % interval; nan where a class has no X-ray.

    has_half_added: whether a count was 0, so that a half was added to all four. simel: the interval of the log method alone.
    """

    value: float
    low: float
    high: float
    method: str
    has_half_added: bool
    simel: tuple[float, float]


def likelihood_ratios(
    called: np.ndarray, is_positive: np.ndarray, *, patient_ids: np.ndarray
) -> tuple[LikelihoodRatio, LikelihoodRatio]:
    """Return LR+, sensitivity / (1 - specificity), and LR-, (1 - sensitivity) / specificity.

    Parameters
    ----------
    called : (num_repeats, n) bool, whether a film was put into the class; counts are means over the repeats
    is_positive : (n,) bool, whether it is of the class
    patient_ids : (n,)

    Notes
    -----
    D. L. Simel, G. P. Samsa and D. B. Matchar (1991), Likelihood ratios with confidence, J. Clin. Epidemiol. 44, 763-770,
    doi 10.1016/0895-4356(91)90128-V, over films as if each were of a patient of its own. Where patients repeat, the counts of each class are
    those of as many films as its patients are worth (``clustered.independent_films``). Where one of the four counts is 0, a half is
    added to each (J. B. S. Haldane 1956, F. J. Anscombe 1956).
    """
    called, is_positive = np.asarray(called, dtype=float), np.asarray(is_positive, dtype=bool)
    patients, share = np.unique(np.asarray(patient_ids), return_inverse=True)[1], called.mean(axis=0)
    sides = [side.astype(float) for side in (is_positive, ~is_positive)]
    total = np.array([count for side in sides for count in ((side * share).sum(), (side * (1 - share)).sum())])
    worth = total
    if len(patients) > patients.max() + 1 and all(side.any() for side in sides):
        worth = total * np.repeat([_worth(called, side, patients) for side in sides], 2)
    method = SIMEL if worth is total else OVER_PATIENTS
    return _ratio(total, worth, method, called=True), _ratio(total, worth, method, called=False)


def _worth(called: np.ndarray, side: np.ndarray, patients: np.ndarray) -> float:
    """What the films of one class tell, as a share of what as many independent films would."""
    every = np.broadcast_to(side, called.shape)
    return (
        independent_films(float((called * every).sum() / every.sum()), called * every, every, patients)[0] / side.sum()
    )


def _ratio(total: np.ndarray, worth: np.ndarray, method: str, *, called: bool) -> LikelihoodRatio:
    if total[:2].sum() == 0 or total[2:].sum() == 0:
        return LikelihoodRatio(
            value=math.nan, low=math.nan, high=math.nan, method=SIMEL, has_half_added=False, simel=(math.nan, math.nan)
        )
    log, over_films = _log_ratio(_with_half(total), called=called)
    spread = _log_ratio(_with_half(worth), called=called)[1]
    simel, interval = ((math.exp(log - REACH * error), math.exp(log + REACH * error)) for error in (over_films, spread))
    has_zero = bool((total < _NONE).any())
    return LikelihoodRatio(
        value=math.exp(log), low=interval[0], high=interval[1], method=method, has_half_added=has_zero, simel=simel
    )


def _with_half(cells: np.ndarray) -> np.ndarray:
    """Counts (4,), a half added to all four where one of them is 0."""
    return cells + 0.5 * (cells < _NONE).any()


def _log_ratio(cells: np.ndarray, *, called: bool) -> tuple[float, float]:
    """Logarithm of the ratio and its standard error, of counts (4,)."""
    first, second = (cells[0], cells[2]) if called else (cells[1], cells[3])
    of_first, of_second = cells[:2].sum(), cells[2:].sum()
    log = math.log(first / of_first) - math.log(second / of_second)
    return log, math.sqrt(max(1 / first - 1 / of_first + 1 / second - 1 / of_second, 0.0))
