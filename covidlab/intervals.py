"""95 % intervals of shares and of the area under a ROC curve, over independent X-rays, resamples of patients, the median of repeats; no SciPy."""

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np

CONFIDENCE = 0.95
# Standard errors that an interval reaches to each side.
REACH = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
# What bounds the memory of the bootstrap of a large set.
RESAMPLES_AT_ONCE = 200


@lru_cache(maxsize=4096)
def wilson_interval(num_right: float, num_total: float) -> tuple[float, float]:
    """Wilson's 95 % score interval of a proportion.

    Parameters
    ----------
    num_right : number of successes, 0 to ``num_total``; may be fractional
    num_total : number of trials

    Returns
    -------
    (low, high) : floats in [0, 1]; (nan, nan) where ``num_total`` is 0 or a number is nan

    Notes
    -----
    E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22, 209-212,
    doi 10.1080/01621459.1927.10502953. It never leaves [0, 1] and keeps a width at 0 of n and n of n.
    """
    if not (num_total > 0 and math.isfinite(num_right)):
        return math.nan, math.nan
    # Not statsmodels' function, which loads scipy.stats: pages ask for intervals too. A test holds both equal.
    squared, misses = REACH**2, num_total - num_right
    centre = (num_right + squared / 2) / (num_total + squared)
    half = REACH * math.sqrt(num_right * misses / num_total + squared / 4) / (num_total + squared)
    return max(0.0, centre - half), min(1.0, centre + half)


def share_interval(share: float, num_films: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share of ``num_films`` films, (nan, nan) where it is none.

    The number of films behind the share is whole, while a mean in float32 is off in the seventh place.
    """
    return wilson_interval(round(share * num_films) if math.isfinite(share) else math.nan, num_films)


def newcombe_interval(auc: float, num_positive: int, num_negative: int) -> tuple[float, float]:
    """95 % score interval of an AUC over independent films; R. G. Newcombe (2006), Statistics in Medicine 25, 559-573.

    Method 5: every true area whose own standard error reaches from it to ``auc``, in steps of 0.0005.
    """
    area = np.linspace(0, 1, 2001)
    extra = (num_positive + num_negative) / 2 - 1
    spread = area * (1 - area) * (1 + extra * ((1 - area) / (2 - area) + area / (1 + area)))
    reach = REACH * np.sqrt(spread / (num_positive * num_negative))
    held = area[np.abs(area - auc) <= reach]
    return (held.min(), held.max()) if len(held) else (auc, auc)


def median_over_repeats(values: np.ndarray) -> np.ndarray:
    """Median over the last axis of the values that are defined, nan where none is.

    It is the figure of a repeated cross-validation: one repeat with an odd split does not move it, and the honest curve shows it.
    """
    ordered, defined = np.sort(values, axis=-1), np.isfinite(values).sum(axis=-1, keepdims=True)
    # What is undefined stands last. Of an even number the two in the middle are averaged.
    middle = [
        np.take_along_axis(ordered, np.maximum(place, 0) // 2, axis=-1)[..., 0] for place in (defined - 1, defined)
    ]
    return np.where(defined[..., 0] > 0, (middle[0] + middle[1]) / 2, np.nan)


def patient_weights(num_patients: int, num_resamples: int, seed: int) -> np.ndarray:
    """How often each resample drew each patient; shape (num_resamples, num_patients)."""
    # Whole numbers, and sums of them below 2^24, are exact in float32.
    generator, weights = np.random.default_rng(seed), np.empty((num_resamples, num_patients), np.float32)
    for start in range(0, num_resamples, RESAMPLES_AT_ONCE):
        rows = weights[start : start + RESAMPLES_AT_ONCE]
        drawn = generator.integers(num_patients, size=rows.shape)
        cells = drawn + num_patients * np.arange(len(rows))[:, None]
        rows[:] = np.bincount(cells.ravel(), minlength=drawn.size).reshape(drawn.shape)
    return weights
