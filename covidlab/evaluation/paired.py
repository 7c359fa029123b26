"""How the figures of two models differ on the same X-rays: a bootstrap over patients, never narrower than pairs of X-rays allow."""

from dataclasses import dataclass

import numpy as np

from covidlab.intervals import CONFIDENCE, REACH, median_over_repeats, patient_weights
from covidlab.metrics import METRICS, predicted_classes, resampled_metrics

THRESHOLD = 0.5
_NUM_RESAMPLES = 2000


@dataclass(frozen=True, kw_only=True)
class PairedDifference:
    """A figure of the second model less that of the first, and how far its 95 % interval reaches below and above."""

    value: float
    below: float
    above: float


def paired_differences(
    labels: np.ndarray, first: np.ndarray, second: np.ndarray, *, patient_ids: np.ndarray, positive_index: int
) -> dict[str, PairedDifference]:
    """Return how each figure of ``metrics.METRICS`` differs, without those that are undefined.

    Parameters
    ----------
    labels, patient_ids : (n,) class and patient of each film
    first, second : (n, num_classes) probabilities of the two models

    Notes
    -----
    Both models meet the same resamples of the patients. On fifty films two models often call all of them alike, and no resample
    differs; other films still could. So the interval of what rests on calls is never left shorter than that of D. G. Bonett and
    R. M. Price (2012), Adjusted Wald confidence interval for a difference of binomial proportions based on paired data,
    J. Educ. Behav. Stat. 37, 479-488, doi 10.3102/1076998611411915, over the films that the figure counts.
    """
    options = {"patient_ids": patient_ids, "positive_index": positive_index, "threshold": THRESHOLD}
    before, after = (resampled_metrics(labels, probabilities, **options) for probabilities in (first, second))
    pairs = _pairs_by_metric(labels, first, second, positive_index)
    return {
        name: _difference(after[name] - before[name], pairs.get(name))
        for name in METRICS
        if np.isfinite(after[name][0] - before[name][0])
    }


def paired_accuracy(
    labels: np.ndarray, first: np.ndarray, second: np.ndarray, *, patient_ids: np.ndarray, positive_index: int
) -> PairedDifference:
    """Return how the accuracy, the median over the repeats of a cross-validation, differs; its interval as in ``paired_differences``.

    Parameters
    ----------
    labels, patient_ids : (n,) class and patient of each film
    first, second : (num_repeats, n, num_classes) held-out probabilities of the two models on the same folds
    """
    right = [
        predicted_classes(probabilities, positive_index=positive_index, threshold=THRESHOLD) == labels
        for probabilities in (first, second)
    ]
    patients = np.unique(np.asarray(patient_ids), return_inverse=True)[1]
    # The first row is the X-rays as they are.
    drawn = np.concatenate([np.ones((1, patients.max() + 1)), patient_weights(patients.max() + 1, _NUM_RESAMPLES, 0)])
    before, after = (_median_accuracies(own, patients, drawn) for own in right)
    least = np.mean([bonett_price_reach(*pair) for pair in zip(*right, strict=True)])
    return _between(after - before, least=float(least))


def _median_accuracies(right: np.ndarray, patients: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Median over the repeats of the accuracy in each draw of patients; right (num_repeats, n), drawn (draws, patients)."""
    told = np.stack([np.bincount(patients, weights=own) for own in right], axis=1)
    return median_over_repeats((drawn @ told) / (drawn @ np.bincount(patients))[:, None])


def bonett_price_reach(first: np.ndarray, second: np.ndarray) -> float:
    """Return half the length of the 95 % interval of a difference of two shares of the same films.

    Parameters
    ----------
    first, second : (n,) bool, what each model got right
    """
    only_first, only_second = (first & ~second).sum(), (second & ~first).sum()
    shares = np.array([only_first + 1, only_second + 1]) / (len(first) + 2)
    return float(REACH * np.sqrt((shares.sum() - (shares[1] - shares[0]) ** 2) / (len(first) + 2)))


def _difference(values: np.ndarray, pairs: tuple[np.ndarray, np.ndarray] | None) -> PairedDifference:
    return _between(values, least=bonett_price_reach(*pairs) if pairs is not None and len(pairs[0]) else 0.0)


def _between(values: np.ndarray, *, least: float) -> PairedDifference:
    """The difference itself, which comes first, with the percentiles of the resampled ones, not nearer than ``least``."""
    value, resampled = float(values[0]), values[np.isfinite(values)]
    low, high = np.quantile(resampled, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return PairedDifference(value=value, below=max(value - float(low), least), above=max(float(high) - value, least))


def _pairs_by_metric(labels, first, second, positive_index: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """What each model got right of the films that a figure counts."""
    is_positive = np.asarray(labels) == positive_index
    called = [probabilities[:, positive_index] >= THRESHOLD for probabilities in (first, second)]
    right = [calls == is_positive for calls in called]
    either = called[0] | called[1]
    counted = {
        "accuracy": np.ones(len(is_positive), dtype=bool),
        "sensitivity": is_positive,
        "specificity": ~is_positive,
        "precision": either,
        "f1": either | is_positive,
    }
    return {name: (right[0][films], right[1][films]) for name, films in counted.items()}
