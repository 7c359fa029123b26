"""How much an answer moves the odds of a class: likelihood ratios with intervals over X-rays and over patients."""

import math
from dataclasses import dataclass

import numpy as np

from covidlab.intervals import CONFIDENCE, REACH, patient_weights

SIMEL, BOOTSTRAP = "log method over X-rays", "bootstrap over patients, no narrower than the log method over X-rays"


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
    called: np.ndarray,
    is_positive: np.ndarray,
    *,
    patient_ids: np.ndarray,
    seed: int = 0,
    num_resamples: int = 2000,
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
    doi 10.1016/0895-4356(91)90128-V, over films as if each were of a patient of its own. Where patients repeat, the interval is
    the percentile interval of a bootstrap over patients, widened to that one. Where one of the four counts is 0, a half is
    added to each (J. B. S. Haldane 1956, F. J. Anscombe 1956), in the resamples too.
    """
    cells = _cells(np.asarray(called, dtype=float), np.asarray(is_positive, dtype=bool))
    patients = np.unique(np.asarray(patient_ids), return_inverse=True)[1]
    repeats = len(patients) > patients.max() + 1
    total, resampled = cells.sum(axis=0)[None], None
    if repeats:
        by_patient = np.zeros((patients.max() + 1, 4))
        np.add.at(by_patient, patients, cells)
        resampled = patient_weights(len(by_patient), num_resamples, seed).astype(float) @ by_patient
    return _ratio(total, resampled, called=True), _ratio(total, resampled, called=False)


def _cells(called: np.ndarray, is_positive: np.ndarray) -> np.ndarray:
    """What each film adds to found, missed, called in error and rightly left out; (n, 4)."""
    share = called.mean(axis=0)
    return np.stack(
        [is_positive * share, is_positive * (1 - share), ~is_positive * share, ~is_positive * (1 - share)], 1
    )


def _ratio(total: np.ndarray, resampled: np.ndarray | None, *, called: bool) -> LikelihoodRatio:
    if total[0, :2].sum() == 0 or total[0, 2:].sum() == 0:
        return LikelihoodRatio(
            value=math.nan, low=math.nan, high=math.nan, method=SIMEL, has_half_added=False, simel=(math.nan, math.nan)
        )
    has_zero = bool((total < 1e-9).any())
    log, spread = (float(values[0]) for values in _log_ratio(_with_half(total), called=called))
    simel = (math.exp(log - REACH * spread), math.exp(log + REACH * spread))
    low, high, method = *simel, SIMEL
    if resampled is not None:
        # A resample without a class has no ratio.
        whole = resampled[(resampled[:, :2].sum(axis=1) > 0) & (resampled[:, 2:].sum(axis=1) > 0)]
        tail = (1 - CONFIDENCE) / 2
        drawn = np.exp(np.quantile(_log_ratio(_with_half(whole), called=called)[0], [tail, 1 - tail]))
        low, high, method = min(low, float(drawn[0])), max(high, float(drawn[1])), BOOTSTRAP
    return LikelihoodRatio(value=math.exp(log), low=low, high=high, method=method, has_half_added=has_zero, simel=simel)


def _with_half(cells: np.ndarray) -> np.ndarray:
    """Counts (m, 4), a half added to all four where one of them is 0."""
    return cells + 0.5 * (cells < 1e-9).any(axis=1, keepdims=True)


def _log_ratio(cells: np.ndarray, *, called: bool) -> tuple[np.ndarray, np.ndarray]:
    """Logarithm of the ratio and its standard error, of counts (m, 4)."""
    first, second = (cells[:, 0], cells[:, 2]) if called else (cells[:, 1], cells[:, 3])
    of_first, of_second = cells[:, :2].sum(axis=1), cells[:, 2:].sum(axis=1)
    log = np.log(first / of_first) - np.log(second / of_second)
    return log, np.sqrt(np.maximum(1 / first - 1 / of_first + 1 / second - 1 / of_second, 0))
