"""Shares and means over phantoms with 95 % intervals, as plain JSON values; each phantom is a patient of its own."""

import math
from typing import Any

import numpy as np

from covidlab.intervals import CONFIDENCE, wilson_interval
from covidlab.student_t import two_sided_quantile


def by_phantom(values: np.ndarray) -> dict[str, Any]:
    """Return a share {value, low, high, n}: Wilson's interval with the phantoms for the trials.

    Parameters
    ----------
    values : (heads, n) 0 or 1, nan where a reading does not count; a phantom counts with the mean of its readings
    """
    counts = np.isfinite(values).sum(axis=0)
    means = np.nansum(values, axis=0)[counts > 0] / counts[counts > 0]
    if not len(means):
        return {"value": None, "low": None, "high": None, "n": 0}
    low, high = wilson_interval(float(means.sum()), len(means))
    return {"value": float(means.mean()), "low": low, "high": high, "n": len(means)}


def mean_interval(values: np.ndarray) -> dict[str, Any]:
    """Return a mean over phantoms with Student's 95 % interval, {value, low, high, n}; nan does not count."""
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return {"value": None, "low": None, "high": None, "n": len(values)}
    half = two_sided_quantile(1 - CONFIDENCE, len(values) - 1) * float(values.std(ddof=1)) / math.sqrt(len(values))
    mean = float(values.mean())
    return {"value": mean, "low": mean - half, "high": mean + half, "n": len(values)}
