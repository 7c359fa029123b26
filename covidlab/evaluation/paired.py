"""How the figures of two models differ on the same X-rays: an interval over patients, never narrower than pairs of X-rays allow."""

from dataclasses import dataclass

import numpy as np

from covidlab.clustered import jackknife_variance
from covidlab.intervals import CONFIDENCE, REACH, median_over_repeats
from covidlab.metrics import METRICS, metrics_without_each_patient, predicted_classes
from covidlab.student_t import two_sided_quantile

THRESHOLD = 0.5


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
    Patients are resampled by leaving out each in turn (the jackknife), for both models the same; the standard error is multiplied by
    Student's quantile for as many patients as have X-rays that the figure counts. On fifty films two models often call all of them alike,
    and nothing differs; other films still could. So the interval of what rests on calls is never left shorter than that of D. G. Bonett
    and R. M. Price (2012), Adjusted Wald confidence interval for a difference of binomial proportions based on paired data,
    J. Educ. Behav. Stat. 37, 479-488, doi 10.3102/1076998611411915, over the films that the figure counts.
    """
    options = {"patient_ids": patient_ids, "positive_index": positive_index, "threshold": THRESHOLD}
    before, after = (metrics_without_each_patient(labels, said, **options) for said in (first, second))
    patients = np.unique(np.asarray(patient_ids), return_inverse=True)[1]
    pairs = _counted_pairs(labels, first, second, positive_index)
    found = {}
    for name in METRICS:
        change, (films, right) = after[name] - before[name], pairs[name]
        if np.isfinite(change[0]):
            least = bonett_price_reach(*right) if right is not None and films.any() else 0.0
            found[name] = _between(change[0], change[1:][np.unique(patients[films])], least=least)
    return found


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
    value = np.subtract(*(median_over_repeats(own.mean(axis=1)) for own in reversed(right)))
    # The median over the repeats varies as their mean does, which is smooth.
    change, sizes = (right[1].astype(float) - right[0]).mean(axis=0), np.bincount(patients)
    without = (change.sum() - np.bincount(patients, weights=change)) / np.maximum(len(change) - sizes, 1)
    least = np.mean([bonett_price_reach(*pair) for pair in zip(*right, strict=True)])
    return _between(value, without, least=float(least))


def bonett_price_reach(first: np.ndarray, second: np.ndarray) -> float:
    """Return half the length of the 95 % interval of a difference of two shares of the same films.

    Parameters
    ----------
    first, second : (n,) bool, what each model got right; or how often, 0 to 1, where each has several answers
    """
    gained = np.asarray(second, float) - np.asarray(first, float)
    only_first, only_second = np.maximum(-gained, 0).sum(), np.maximum(gained, 0).sum()
    shares = np.array([only_first + 1, only_second + 1]) / (len(first) + 2)
    return float(REACH * np.sqrt((shares.sum() - (shares[1] - shares[0]) ** 2) / (len(first) + 2)))


def _between(value: float, without: np.ndarray, *, least: float) -> PairedDifference:
    """A difference with its interval from what it is without each patient, not nearer than ``least``; one patient tells nothing."""
    if len(without) < 2:
        return PairedDifference(value=float(value), below=1 + float(value), above=1 - float(value))
    error = float(np.nan_to_num(jackknife_variance(without))) ** 0.5
    reach = max(two_sided_quantile(1 - CONFIDENCE, len(without) - 1) * error, least)
    return PairedDifference(value=float(value), below=reach, above=reach)


def _counted_pairs(labels, first, second, positive_index: int) -> dict[str, tuple[np.ndarray, tuple | None]]:
    """Which films a figure counts, (n,) bool, and what each model got right of them; None for what does not rest on calls."""
    is_positive = np.asarray(labels) == positive_index
    called = [probabilities[:, positive_index] >= THRESHOLD for probabilities in (first, second)]
    right = [calls == is_positive for calls in called]
    either = called[0] | called[1]
    everything = np.ones(len(is_positive), dtype=bool)
    counted = {
        "accuracy": everything,
        "sensitivity": is_positive,
        "specificity": ~is_positive,
        "precision": either,
        "f1": either | is_positive,
    }
    pairs = {name: (films, (right[0][films], right[1][films])) for name, films in counted.items()}
    return pairs | {"auc": (everything, None)}
