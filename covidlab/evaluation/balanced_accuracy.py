"""Balanced accuracy: the share of X-rays that are told right, each class counted alike, with an interval over patients."""

import numpy as np

from covidlab.intervals import CONFIDENCE, wilson_interval
from covidlab.metrics import BOOTSTRAP, Metric


def balanced_accuracy(
    labels: np.ndarray,
    predicted: np.ndarray,
    *,
    patient_ids: np.ndarray,
    seed: int = 0,
    num_resamples: int = 2000,
) -> Metric:
    """Mean over the classes of the share of their X-rays that were told right; chance is 1 / number of classes.

    Parameters
    ----------
    labels : int array of shape (n,), 0 to num_classes - 1, each at least once
    predicted : int array of shape (num_repeats, n), held-out answers of each repeat of a cross-validation
    patient_ids : array of shape (n,)
    seed, num_resamples : of the bootstrap

    Returns
    -------
    Metric, its value the mean over the repeats

    Notes
    -----
    The interval is that of a bootstrap over patients, as in ``metrics.report_metrics``, and never narrower than what
    Wilson's intervals of the classes give for their mean over as many independent X-rays: G. Y. Zou and A. Donner (2008),
    Statistics in Medicine 27, 1693-1702, doi 10.1002/sim.3095, equation 3.
    """
    labels, right = np.asarray(labels), (np.asarray(predicted) == labels).mean(axis=0)
    patients = np.unique(np.asarray(patient_ids), return_inverse=True)[1]
    of_class = labels[None] == np.unique(labels)[:, None]
    shares = (of_class * right).sum(axis=1) / of_class.sum(axis=1)
    value = float(shares.mean())
    low, high = _mean_of_wilson(shares, of_class.sum(axis=1))
    resampled = _resampled(right, of_class, patients, num_resamples, seed)
    if len(resampled):
        tail = (1 - CONFIDENCE) / 2
        drawn = np.quantile(resampled, [tail, 1 - tail])
        low, high = min(low, drawn[0]), max(high, drawn[1])
    return Metric(value, float(max(0.0, low)), float(min(1.0, high)), len(labels), BOOTSTRAP)


def _mean_of_wilson(shares: np.ndarray, numbers: np.ndarray) -> tuple[float, float]:
    """Interval of the mean of independent shares, from Wilson's interval of each."""
    low, high = np.transpose(
        [wilson_interval(share * number, number) for share, number in zip(shares, numbers, strict=True)]
    )
    below, above = (np.sqrt(((shares - end) ** 2).sum()) / len(shares) for end in (low, high))
    return shares.mean() - below, shares.mean() + above


def _resampled(right: np.ndarray, of_class: np.ndarray, patients: np.ndarray, number: int, seed: int) -> np.ndarray:
    """Balanced accuracy of resamples of the patients, those that lack a class left out."""
    num_patients = patients.max() + 1
    drawn = np.random.default_rng(seed).multinomial(num_patients, np.full(num_patients, 1 / num_patients), size=number)
    told, all_of = np.zeros((2, num_patients, len(of_class)))
    np.add.at(told, patients, (of_class * right).T)
    np.add.at(all_of, patients, of_class.T.astype(float))
    numbers = drawn @ all_of
    whole = (numbers > 0).all(axis=1)
    return ((drawn @ told)[whole] / numbers[whole]).mean(axis=1)
