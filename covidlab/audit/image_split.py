"""Splits by image, as in the published procedure: how often a patient is on both sides, and what accuracy they give."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from covidlab.audit.data import AuditData
from covidlab.config import SPLIT_SEED
from covidlab.data.catalog import Catalog
from covidlab.data.splits import Split, splits_by_image
from covidlab.evaluation.report import THRESHOLD
from covidlab.metrics import predicted_classes

# Splits that are only counted, and the first of these on which heads are trained.
NUM_COUNTED, NUM_TRAINED = 400, 50


def image_splits(catalog: Catalog, number: int) -> list[Split]:
    """Return splits by image of as many seeds, the published one first."""
    return splits_by_image(catalog, range(SPLIT_SEED, SPLIT_SEED + number))


def count_leaks(
    splits: Sequence[Split], patient_ids: np.ndarray, *, labels: np.ndarray, positive_index: int
) -> dict[str, Any]:
    """Return on how many splits a patient is on both sides, and of how many validation X-rays the patient is in training.

    Returns
    -------
    dict of splits (their number), with_shared_patient (splits), num_positive (mean number of validation X-rays of the positive
    class) and positive_shared (of these, the mean number whose patient is in training)
    """
    shared = [has_patient_in_training(split, patient_ids) for split in splits]
    positive = [labels[split.validation] == positive_index for split in splits]
    return {
        "splits": len(splits),
        "with_shared_patient": int(sum(each.any() for each in shared)),
        "num_positive": float(np.mean([each.sum() for each in positive])),
        "positive_shared": float(np.mean([(one & two).sum() for one, two in zip(shared, positive, strict=True)])),
    }


def has_patient_in_training(split: Split, patient_ids: np.ndarray) -> np.ndarray:
    """Return of each validation X-ray whether an X-ray of its patient is in training, bool."""
    return np.isin(patient_ids[split.validation], patient_ids[split.train])


def accuracy_by_image(data: AuditData, features: np.ndarray, splits: Sequence[Split]) -> dict[str, Any]:
    """Train a head with the settings of the model on each split and return what its validation X-rays say.

    Parameters
    ----------
    features : of all views, as ``AuditData.view_features`` gives them

    Returns
    -------
    dict of accuracies (one a split), num_validation (X-rays of one split), and of positive validation X-rays whose patient is
    in training (``known``) and whose is not (``new``): right (answers) and of (answers of all splits)
    """
    stack = data.train(features, splits)
    with data.device.scope():
        said = stack.probabilities(data.features())
    right = [_right(data, of_head[split.validation], split) for of_head, split in zip(said, splits, strict=True)]
    found = {
        "accuracies": [round(float(each.mean()), 6) for each in right],
        "num_validation": len(splits[0].validation),
    }
    if data.catalog.patients_known:
        positive = np.concatenate([data.labels[split.validation] == data.positive_index for split in splits])
        shared = np.concatenate([has_patient_in_training(split, data.patient_ids) for split in splits])
        hits = np.concatenate(right)
        for name, which in (("known", positive & shared), ("new", positive & ~shared)):
            found[name] = {"right": int(hits[which].sum()), "of": int(which.sum())}
    return found


def _right(data: AuditData, probabilities: np.ndarray, split: Split) -> np.ndarray:
    called = predicted_classes(probabilities, positive_index=data.positive_index, threshold=THRESHOLD)
    return called == data.labels[split.validation]
