"""Whether probabilities mean what they say: the Brier score, and how often a class is there where a probability says so."""

from dataclasses import dataclass, replace

import numpy as np

from covidlab.intervals import CONFIDENCE, patient_weights
from covidlab.language import tr_lazy
from covidlab.metrics import Metric, call_metrics

# More bins would hold two or three X-rays each in a set of fifty.
NUM_BINS = 5
STUDENTIZED = tr_lazy("studentized bootstrap over patients")
# Values that differ by less do not differ.
_SAME = 1e-12


@dataclass(frozen=True, kw_only=True)
class ReliabilityBin:
    """The answers between two probabilities.

    low, high: its ends, the lower one included. mean: of the probabilities in it. share: of its X-rays in the class, a mean over the
    repeats, with its interval. num_films: X-rays in it in a repeat, on average. num_patients: whose X-rays are in it in any repeat.
    """

    low: float
    high: float
    mean: float
    share: Metric
    num_films: float
    num_patients: int


def squared_errors(probabilities: np.ndarray, is_positive: np.ndarray) -> np.ndarray:
    """Return the squared error of each film, (n,), a mean over the repeats; their mean is the Brier score.

    Parameters
    ----------
    probabilities : (num_repeats, n) float, of the class
    is_positive : (n,) bool, whether the film is of the class

    Notes
    -----
    G. W. Brier (1950), Verification of forecasts expressed in terms of probability, Monthly Weather Review 78, 1-3. For two
    classes it is half of Brier's own, as is usual now.
    """
    return np.square(np.asarray(probabilities, dtype=float) - np.asarray(is_positive)).mean(axis=0)


def mean_by_patient(
    values: np.ndarray,
    patient_ids: np.ndarray,
    *,
    low: float,
    high: float,
    seed: int = 0,
    num_resamples: int = 2000,
) -> Metric:
    """Return the mean over films with its 95 % interval over patients, within ``low`` and ``high``.

    Notes
    -----
    Studentized bootstrap over patients (B. Efron and R. J. Tibshirani 1993, An Introduction to the Bootstrap, chapter 12), with the
    standard error for patients as clusters. Squared errors are mostly small and seldom large, so on patients as those of the
    curated set the percentile interval and that of Student's t held a simulated truth in 86 to 93 of 100 sets, this one in 93 to
    96. Where the films do not differ, nothing is known of how patients vary, and the interval is all of the range.
    """
    value, patients = float(values.mean()), np.unique(np.asarray(patient_ids), return_inverse=True)[1]
    sums, sizes = np.bincount(patients, weights=values), np.bincount(patients)
    if len(sums) < 2 or np.ptp(values) < _SAME:
        return Metric(value, low, high, len(values), STUDENTIZED)
    weights = patient_weights(len(sums), num_resamples, seed).astype(float)
    means = (weights @ sums) / (weights @ sizes)
    errors = _clustered_error(sums[None] - means[:, None] * sizes, weights, sizes)
    whole = errors > _SAME
    tail = (1 - CONFIDENCE) / 2
    lowest, highest = np.quantile((means[whole] - value) / errors[whole], [tail, 1 - tail])
    error = float(_clustered_error((sums - value * sizes)[None], np.ones((1, len(sums))), sizes)[0])
    ends = (min(value, value - highest * error), max(value, value - lowest * error))
    return Metric(value, float(max(low, ends[0])), float(min(high, ends[1])), len(values), STUDENTIZED)


def _clustered_error(residuals: np.ndarray, weights: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Standard error of the mean in each resample; residuals and weights (resamples, patients)."""
    number = len(sizes)
    return np.sqrt(number / (number - 1) * (weights * residuals**2).sum(axis=1)) / (weights @ sizes)


def reliability(
    probabilities: np.ndarray, is_positive: np.ndarray, *, patient_ids: np.ndarray, num_bins: int = NUM_BINS
) -> list[ReliabilityBin]:
    """Return bins of equal width, those without an answer left out; parameters as ``squared_errors``.

    Notes
    -----
    The interval of a share is that of ``metrics.call_metrics`` for the precision: over patients, and no narrower than Wilson's for as
    many X-rays. Equal widths, since bins of equal counts would hide that hardly any answer lies in the middle.
    """
    probabilities, is_positive = np.asarray(probabilities, dtype=float), np.asarray(is_positive)
    edges = np.linspace(0, 1, num_bins + 1)
    number_of = np.clip(np.digitize(probabilities, edges) - 1, 0, num_bins - 1)
    found = []
    for number in range(num_bins):
        if not (inside := number_of == number).any():
            continue
        share = call_metrics(is_positive.astype(int), inside.astype(int), patient_ids=patient_ids, positive_index=1)
        found.append(
            ReliabilityBin(
                low=float(edges[number]),
                high=float(edges[number + 1]),
                mean=float(probabilities[inside].mean()),
                share=replace(share["precision"], n=int(inside.any(axis=0).sum())),
                num_films=float(inside.sum() / len(inside)),
                num_patients=len(np.unique(np.asarray(patient_ids)[inside.any(axis=0)])),
            )
        )
    return found
