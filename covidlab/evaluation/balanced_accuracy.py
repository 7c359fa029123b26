"""Balanced accuracy: the share of X-rays that are told right, each class counted alike, with an interval over patients."""

import numpy as np

from covidlab.clustered import ratio_interval
from covidlab.metrics import WILSON_PATIENTS, Metric


def balanced_accuracy(labels: np.ndarray, predicted: np.ndarray, *, patient_ids: np.ndarray) -> Metric:
    """Mean over the classes of the share of their X-rays that were told right; chance is 1 / number of classes.

    Parameters
    ----------
    labels : int array of shape (n,), 0 to num_classes - 1, each at least once
    predicted : int array of shape (num_repeats, n), held-out answers of each repeat of a cross-validation
    patient_ids : array of shape (n,)

    Returns
    -------
    Metric, its value the mean over the repeats

    Notes
    -----
    Each class has the interval of ``clustered.ratio_interval``; that of the mean joins them, since classes rest on different X-rays:
    G. Y. Zou and A. Donner (2008), Statistics in Medicine 27, 1693-1702, doi 10.1002/sim.3095, equation 3.
    """
    labels, right = np.asarray(labels), (np.asarray(predicted) == labels).astype(float)
    patients = np.unique(np.asarray(patient_ids), return_inverse=True)[1]
    of_class = (labels[None] == np.unique(labels)[:, None]).astype(float)
    shares = (right.mean(axis=0) * of_class).sum(axis=1) / of_class.sum(axis=1)
    ends = np.array(
        [
            ratio_interval(float(share), right * own, np.broadcast_to(own, right.shape), patients)
            for share, own in zip(shares, of_class, strict=True)
        ]
    )
    value = float(shares.mean())
    below, above = np.sqrt(np.square(shares[:, None] - ends).sum(axis=0)) / len(shares)
    low, high = max(0.0, value - float(below)), min(1.0, value + float(above))
    return Metric(value, low, high, len(labels), WILSON_PATIENTS)
