"""How little is enough: the classes told apart from less and less of the X-ray, on the same folds.

What it finds: ``rungs``, each with name, title, accuracy and auc (``Metric.to_dict``), difference (of the accuracy to that of
whole X-rays, paired, None for the header and the thumbnail) and probabilities (of the positive class for each X-ray, held out, mean
over the repeats; None where the rung could not be made of it); ``epochs``, how four models learn; and the X-rays themselves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from covidlab.audit.context import PartContext
from covidlab.audit.data import AuditData
from covidlab.data.splits import Split
from covidlab.evaluation.alterations import (
    LUNGS_BLACK,
    LUNGS_ONLY,
    MARGINS_ONLY,
    MARKERS_REMOVED,
    OUTLINE_ONLY,
    WHOLE,
    Alteration,
)
from covidlab.evaluation.paired import THRESHOLD, paired_accuracy
from covidlab.evaluation.probe import header_columns, seen_films, together, told_probabilities
from covidlab.language import tr, tr_lazy
from covidlab.learning.heads import HeadStack
from covidlab.metrics import Metric, accuracy_metric

VERSION = 1

ONE_BIT, HEADER, THUMBNAIL, CHOSEN = "one-bit", "header", "thumbnail", "model"
# From the least to the whole X-ray, as they are listed and drawn.
ALTERED = (OUTLINE_ONLY, MARGINS_ONLY, LUNGS_ONLY, LUNGS_BLACK, MARKERS_REMOVED, WHOLE)
# The models whose learning is kept epoch by epoch, and of how many X-rays at most.
FOLLOWED = (WHOLE, LUNGS_BLACK, LUNGS_ONLY, MARGINS_ONLY)
MOST_FOLLOWED = 400
_COLOUR_OR_GREY = tr_lazy("colour or grey")
_NUM_RUNGS = 4 + len(ALTERED)


@dataclass(frozen=True, kw_only=True, eq=False)
class Rung:
    """What can be told from one input. probabilities: (repeats, films, classes), held out; counted: (films,) bool, of which it
    could be made. accuracies, courses: of each epoch from 0, accuracy with its interval and (films,) probability of the positive class."""

    name: str
    title: str
    probabilities: np.ndarray
    counted: np.ndarray
    accuracies: Sequence[Metric] = ()
    courses: Sequence[np.ndarray] = ()


def compute(data: AuditData, context: PartContext) -> dict[str, Any]:
    """Return the figures of all rungs, the held-out probability of each X-ray, and how four models learn."""
    # Raises where an X-ray cannot be read, before anything is computed.
    num_films, rungs = len(data.prepared), {}
    for number, rung in enumerate(_rungs(data), start=1):
        if rung is not None:
            rungs[rung.name] = rung
        data.on_step()
        context.on_share(number / _NUM_RUNGS)
    whole, followed = rungs[WHOLE.name], _followed(data)
    counts = np.bincount(data.labels)
    return {
        "classes": list(data.catalog.classes),
        "positive_class": data.catalog.classes[data.positive_index],
        "chance": float(counts.max() / counts.sum()),
        "largest_class": data.catalog.classes[counts.argmax()],
        "num_films": num_films,
        "num_patients": data.catalog.num_patients,
        "num_folds": len(data.repeats[0]),
        "num_repeats": len(data.repeats),
        "files": data.catalog.films["file"].tolist(),
        "labels": data.labels.tolist(),
        **_lungs(data),
        "rungs": [_described(data, rung, whole) for rung in rungs.values()],
        "epochs": {
            "xrays": followed.tolist(),
            "models": {each.name: _course(rungs[each.name], followed) for each in FOLLOWED if each.name in rungs},
        },
    }


def _rungs(data: AuditData) -> Iterator[Rung | None]:
    """All rungs, None in place of one that cannot be made."""
    yield from _read_rungs(data)
    for alteration in ALTERED:
        yield _altered_rung(data, alteration)
    features = data.view_features()
    stack = data.train(features, data.splits)
    every = np.ones(len(data.labels), dtype=bool)
    yield Rung(
        name=CHOSEN,
        title=tr("the chosen model"),
        probabilities=data.held_out(stack, features[:, 0]),
        counted=every,
    )


def _read_rungs(data: AuditData) -> Iterator[Rung]:
    """The header and a thumbnail, each read by a logistic regression."""
    from threadpoolctl import threadpool_limits

    seen = list(seen_films(data.catalog, data.catalog.films["file"]))
    counted = np.array([one is not None for one in seen])
    facts = [one[0] for one in seen if one is not None]
    columns = dict(header_columns(facts))
    is_jpeg = all(one.format == "JPEG" for one in facts)
    bit = tr_lazy("one bit: colour or grey JPEG") if is_jpeg else tr_lazy("one bit: colour or grey file")
    inputs = {
        ONE_BIT: (bit, columns[_COLOUR_OR_GREY]),
        HEADER: (tr("file header only"), together(columns, len(facts))),
        THUMBNAIL: (
            tr("16 × 16 grey thumbnail"),
            np.stack([one[1].ravel() for one in seen if one is not None]).astype(float),
        ),
    }
    with threadpool_limits(1):
        for name, (title, table) in inputs.items():
            spread = np.zeros((len(counted), table.shape[1]))
            spread[counted] = table
            yield Rung(name=name, title=title, probabilities=_told(data, spread, counted), counted=counted)


def _told(data: AuditData, columns: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Held-out probabilities of a logistic regression on each fold, (repeats, films, classes)."""
    found = np.full((len(data.repeats), len(data.labels), data.num_classes), np.nan)
    for repeat, folds in zip(found, data.repeats, strict=True):
        data.on_step()
        for split in folds:
            repeat[split.validation] = told_probabilities(columns, data.labels, _kept(split, counted))
    return found


def _altered_rung(data: AuditData, alteration: Alteration) -> Rung | None:
    """A model that learns from altered X-rays and reads altered ones; None where too few have lungs."""
    counted = data.lungs.found if alteration.needs_lungs else np.ones(len(data.labels), dtype=bool)
    splits = [_kept(split, counted) for split in data.splits]
    if not all(len(np.unique(data.labels[split.train])) == data.num_classes for split in splits):
        return None
    features, accuracies, courses = data.features(alteration), [], []

    def follow(epoch: int, stack: HeadStack) -> None:
        held_out = data.held_out(stack, features)
        accuracies.append(_accuracy(data, held_out, counted))
        courses.append(held_out[..., data.positive_index].mean(axis=0))

    followed = {"on_epoch": follow} if alteration in FOLLOWED else {}
    stack = data.train(features, splits, **followed)
    return Rung(
        name=alteration.name,
        title=alteration.title,
        probabilities=data.held_out(stack, features),
        counted=counted,
        accuracies=accuracies,
        courses=courses,
    )


def _kept(split: Split, counted: np.ndarray) -> Split:
    """A fold that learns from the counted X-rays only."""
    return replace(split, train=split.train[counted[split.train]])


def _accuracy(data: AuditData, probabilities: np.ndarray, counted: np.ndarray) -> Metric:
    return accuracy_metric(
        data.labels[counted],
        probabilities[:, counted],
        patient_ids=data.patient_ids[counted],
        positive_index=data.positive_index,
        threshold=THRESHOLD,
    )


def _described(data: AuditData, rung: Rung, whole: Rung) -> dict[str, Any]:
    figures = data.figures(rung.probabilities, films=rung.counted)
    is_read = rung.name in (ONE_BIT, HEADER, THUMBNAIL)
    return {
        "name": rung.name,
        "title": rung.title,
        "accuracy": figures["accuracy"].to_dict(),
        "auc": figures["auc"].to_dict(),
        "difference": None if is_read or rung.name == WHOLE.name else _difference(data, rung, whole),
        "probabilities": _probabilities(
            rung.probabilities[..., data.positive_index].mean(axis=0), rung.counted, np.arange(len(data.labels))
        ),
    }


def _difference(data: AuditData, rung: Rung, whole: Rung) -> dict[str, float]:
    """How the accuracy differs from that of whole X-rays, over the X-rays that the rung counts."""
    films = rung.counted
    found = paired_accuracy(
        data.labels[films],
        whole.probabilities[:, films],
        rung.probabilities[:, films],
        patient_ids=data.patient_ids[films],
        positive_index=data.positive_index,
    )
    return {"value": found.value, "low": found.value - found.below, "high": found.value + found.above}


def _course(rung: Rung, followed: np.ndarray) -> dict[str, list]:
    """Accuracy at each epoch from 0 (value, low, high), and the probability of each followed X-ray at each."""
    courses = [_probabilities(course, rung.counted, followed) for course in rung.courses]
    return {
        "accuracy": [[round(end, 3) for end in (each.value, each.low, each.high)] for each in rung.accuracies],
        "probabilities": [list(film) for film in zip(*courses, strict=True)],
    }


def _probabilities(values: np.ndarray, counted: np.ndarray, films: np.ndarray) -> list[float | None]:
    return [round(float(values[film]), 3) if counted[film] else None for film in films]


def _followed(data: AuditData) -> np.ndarray:
    """Which X-rays are followed epoch by epoch: all, or some of a large set, evenly over its order."""
    num_films = len(data.labels)
    return np.unique(np.linspace(0, num_films - 1, min(num_films, MOST_FOLLOWED)).round().astype(int))


def _lungs(data: AuditData) -> dict[str, Any]:
    """Where the lungs come from: of each X-ray, and how many."""
    known, found = data.lungs.known, data.lungs.found
    of_film = np.where(known & found, "known", np.where(found, "estimated", "missing"))
    counts = {kind: int((of_film == kind).sum()) for kind in ("known", "estimated", "missing")}
    return {"lungs": counts, "lungs_of": of_film.tolist()}
