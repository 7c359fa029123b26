"""Cross-validation with patients kept together, and what an 80/20 split by image would have said."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from covidlab.audit.context import PartContext
from covidlab.audit.data import AuditData
from covidlab.audit.image_split import NUM_COUNTED, NUM_TRAINED, accuracy_by_image, count_leaks, image_splits
from covidlab.data.patients import stated_patient
from covidlab.data.splits import Split
from covidlab.evaluation.permutation import permutation_p, shares_told
from covidlab.evaluation.report import THRESHOLD
from covidlab.metrics import predicted_classes

VERSION = 1
# Of so many patients each has a head of its own; for more it would take minutes, and say what folds say.
MOST_LEFT_OUT = 200
# Fewer for a large set, whose permuted classes would take much memory, and whose splits differ little.
NUM_PERMUTATIONS, FEW_PERMUTATIONS = 999, 199
FEW_TRAINED = 10
LARGE_SET = 2000


def compute(data: AuditData, context: PartContext) -> dict[str, Any]:
    """Return the figures on held-out X-rays, by patient and by image.

    Returns
    -------
    dict of

    - repeats, folds, num_films, num_patients (None where patients are not known), class_patients (their number by class)
    - figures: as ``AuditData.figures``, of all repeats; spread: values, lowest, highest and sd of the repeats' accuracies
    - xrays: file, class, patient, and of its probabilities in all repeats mean, lowest and highest; right, the share of repeats
    - one_out: figures and heads, with one patient left out at a time; None for many patients
    - by_image: see ``image_split``; leaks is None where patients are not known
    - permutation: value (balanced accuracy), p, permutations, and the values with permuted classes
    """
    features, films = data.view_features(), data.features()
    context.on_share(0.2)
    held_out = data.held_out(data.train(features, data.splits), films)
    context.on_share(0.5)
    return {
        "repeats": len(data.repeats),
        "folds": len(data.repeats[0]),
        "num_films": data.catalog.num_films,
        "num_patients": data.catalog.num_patients,
        "class_patients": _patients_by_class(data),
        "positive_class": data.catalog.positive_class,
        "figures": _figures(data, held_out),
        "spread": _spread(_right(data, held_out).mean(axis=1)),
        "xrays": _xrays(data, held_out),
        "one_out": _one_out(data, features, films),
        "by_image": _by_image(data, features, context),
        "permutation": _permutation(data, films),
    }


def _figures(data: AuditData, probabilities: np.ndarray) -> dict[str, dict]:
    return {name: figure.to_dict() for name, figure in data.figures(probabilities).items()}


def _right(data: AuditData, probabilities: np.ndarray) -> np.ndarray:
    """Whether each X-ray is called what it is, (..., films) bool."""
    return predicted_classes(probabilities, positive_index=data.positive_index, threshold=THRESHOLD) == data.labels


def _spread(accuracies: np.ndarray) -> dict[str, Any]:
    """How far repeats lie apart; no interval, since all repeats have the same X-rays."""
    return {
        "values": [round(float(value), 6) for value in accuracies],
        "lowest": float(accuracies.min()),
        "highest": float(accuracies.max()),
        "sd": float(accuracies.std(ddof=1)) if len(accuracies) > 1 else None,
    }


def _xrays(data: AuditData, held_out: np.ndarray) -> list[dict[str, Any]]:
    positive, right = held_out[..., data.positive_index].astype(float), _right(data, held_out).mean(axis=0)
    named = zip(data.catalog.films["file"], data.catalog.films["class"], data.patient_ids, strict=True)
    return [
        {
            "file": file,
            "class": folder,
            "patient": stated_patient(patient),
            "mean": round(float(own.mean()), 6),
            "lowest": round(float(own.min()), 6),
            "highest": round(float(own.max()), 6),
            "right": round(float(share), 6),
        }
        for (file, folder, patient), own, share in zip(named, positive.T, right, strict=True)
    ]


def _one_out(data: AuditData, features: np.ndarray, films: np.ndarray) -> Mapping[str, Any] | None:
    """Figures with one patient left out at a time."""
    patients = np.unique(data.patient_ids)
    if len(patients) > MOST_LEFT_OUT:
        return None
    splits = [Split(*_sides(data.patient_ids == patient)) for patient in patients]
    stack = data.train(features, splits)
    with data.device.scope():
        said = stack.probabilities(films)
    held_out = np.empty(said.shape[1:], said.dtype)
    for of_head, split in zip(said, splits, strict=True):
        held_out[split.validation] = of_head[split.validation]
    return {"heads": len(patients), "figures": _figures(data, held_out)}


def _sides(left_out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.flatnonzero(~left_out), np.flatnonzero(left_out)


def _by_image(data: AuditData, features: np.ndarray, context: PartContext) -> dict[str, Any]:
    context.on_share(0.7)
    splits = image_splits(data.catalog, NUM_COUNTED)
    data.on_step()
    known, number = data.catalog.patients_known, NUM_TRAINED if data.catalog.num_films <= LARGE_SET else FEW_TRAINED
    of_patients = {"labels": data.labels, "positive_index": data.positive_index}
    return {
        **accuracy_by_image(data, features, splits[:number]),
        "leaks": count_leaks(splits, data.patient_ids, **of_patients) if known else None,
    }


def _permutation(data: AuditData, films: np.ndarray) -> dict[str, Any]:
    """The test over patients, with a classifier that is learned a thousand times in a second."""
    number = NUM_PERMUTATIONS if data.catalog.num_films <= LARGE_SET else FEW_PERMUTATIONS
    shares = shares_told([films], data.labels, data.patient_ids, num_permutations=number, on_step=data.on_step)[0]
    return {
        "value": float(shares[0]),
        "p": permutation_p(shares),
        "permutations": number,
        "by_chance": [round(float(value), 4) for value in shares[1:]],
    }


def _patients_by_class(data: AuditData) -> dict[str, int] | None:
    if not data.catalog.patients_known:
        return None
    films = data.catalog.films
    return {name: int(films.loc[films["class"] == name, "patient_id"].nunique()) for name in data.catalog.classes}
