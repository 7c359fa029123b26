"""Lung transplant: how much of the model's answer goes with the lungs, how much with what is around them."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from covidlab.audit.context import PartContext
from covidlab.audit.data import AuditData
from covidlab.errors import DataError
from covidlab.evaluation import transplant as pixels
from covidlab.evaluation.transplant import Chest, has_two_lungs, there_and_back, transplanted
from covidlab.evaluation.transplant_shares import (
    Estimate,
    PairLogits,
    choose_pairs,
    frame_share,
    mean_over_patients,
)
from covidlab.language import tr
from covidlab.learning.heads import HeadStack

VERSION = 1
# Pairs of the two classes, and of each class for the control: two composites a pair. X-rays of each class whose lungs are cut out
# and put back: one composite each. Together the passes through the network that a first audit can afford.
NUM_PAIRS, NUM_SAME_CLASS, NUM_PUT_BACK = 60, 10, 12
FEWEST_PATIENTS = 3
SEED = 42
SIDES = ("positive", "others")
# The smallest probability whose logarithm is taken.
_SMALLEST = 1e-30

# Whose frame, whose lungs, and whether it is the frame's own lungs that were in the other's frame and came back.
Composite = tuple[int, int, bool]


def compute(data: AuditData, context: PartContext) -> dict[str, Any]:
    """Exchange the lungs of X-rays of two patients, read all by heads that saw neither patient, share out the logit.

    Returns frame and lungs (each an Estimate: shares of the gap between the classes), gap (logits), same_class and put_back (by side,
    change of the logit in shares of the gap), pairs and same_class_pairs (files, logits of the four pictures), num_films,
    num_estimated (their lungs are an estimate), num_composites, classes, positive_class, patients_known.
    """
    sides = _usable(data)
    unseen = _heads_without(data)
    pairs = _chosen(data, unseen, *sides, NUM_PAIRS)
    same_class = [_chosen(data, unseen, side, side, NUM_SAME_CLASS) for side in sides]
    put_back = [_each_patient_once(data, pairs), _each_patient_once(data, pairs[:, ::-1])]
    composites = _composites([pairs, *same_class], put_back)
    stack = data.train(data.view_features(), data.splits)
    context.on_share(0.1)
    changed = _logits(data, stack, _features(data, composites, context))
    read = Reading(unseen, _logits(data, stack, data.features()), dict(zip(composites, changed.T, strict=True)))
    return _found(data, read, pairs, same_class, put_back) | {"num_composites": len(composites)}


class Reading:
    """Logits of X-rays and of composites, each the mean over the heads that saw neither of two patients.

    Parameters
    ----------
    unseen : bool (heads, films), which heads have not seen which X-rays
    whole : (heads, films), logits of the X-rays as they are
    changed : of each composite (heads,)
    """

    def __init__(self, unseen: np.ndarray, whole: np.ndarray, changed: dict[Composite, np.ndarray]):
        self._unseen, self._whole, self._changed = unseen, whole, changed

    def whole(self, pairs: np.ndarray) -> np.ndarray:
        """Of the first X-ray of each pair as it is, (pairs,)."""
        return np.array([self._whole[self._heads(film, other), film].mean() for film, other in pairs])

    def exchanged(self, pairs: np.ndarray, *, put_back: bool = False) -> np.ndarray:
        """Of the first of each pair with the lungs of the second, or with its own that were in the second's frame, (pairs,)."""
        return np.array([self._changed[int(i), int(j), put_back][self._heads(i, j)].mean() for i, j in pairs])

    def of(self, pairs: np.ndarray) -> PairLogits:
        """Of all four pictures of each pair."""
        return PairLogits(
            whole_a=self.whole(pairs),
            whole_b=self.whole(pairs[:, ::-1]),
            frame_a=self.exchanged(pairs),
            frame_b=self.exchanged(pairs[:, ::-1]),
        )

    def _heads(self, film: int, other: int) -> np.ndarray:
        return self._unseen[:, film] & self._unseen[:, other]


def _usable(data: AuditData) -> tuple[np.ndarray, np.ndarray]:
    """X-rays with two lungs: of the positive class, and of the others."""
    two = np.array([has_two_lungs(mask) for mask in data.lungs.masks])
    is_positive = data.labels == data.positive_index
    sides = np.flatnonzero(two & is_positive), np.flatnonzero(two & ~is_positive)
    numbers = [len(np.unique(data.patient_ids[side])) for side in sides]
    if min(numbers) < FEWEST_PATIENTS:
        raise DataError(
            tr(
                "The lung transplant needs X-rays with two lungs of at least {fewest_patients} patients of the "
                "positive class and of {fewest_patients} others. Add masks of the lungs. Received: {numbers} and "
                "{numbers_2}.",
                fewest_patients=FEWEST_PATIENTS,
                numbers=numbers[0],
                numbers_2=numbers[1],
            )
        )
    return sides


def _heads_without(data: AuditData) -> np.ndarray:
    """Which heads have not seen which X-rays, bool (heads, films)."""
    unseen = np.zeros((len(data.splits), len(data.labels)), bool)
    for head, split in enumerate(data.splits):
        unseen[head, split.validation] = True
    return unseen


def _chosen(data: AuditData, unseen: np.ndarray, first: np.ndarray, second: np.ndarray, number: int) -> np.ndarray:
    """Pairs of X-rays of two patients that one head at least has seen neither of; (pairs, 2) positions."""
    patients = data.patient_ids[first], data.patient_ids[second]
    by_one_head = unseen[:, first].T.astype(int) @ unseen[:, second].astype(int) > 0
    allowed = by_one_head & (patients[0][:, None] != patients[1][None])
    allowed = np.triu(allowed) if first is second else allowed
    pairs = choose_pairs(allowed, patients, number=number, seed=SEED)
    return np.column_stack([first[pairs[:, 0]], second[pairs[:, 1]]])


def _each_patient_once(data: AuditData, pairs: np.ndarray) -> np.ndarray:
    """The first pair of each patient of the first side, as many as are put back."""
    places = np.unique(data.patient_ids[pairs[:, 0]], return_index=True)[1]
    return pairs[np.sort(places)[:NUM_PUT_BACK]]


def _composites(exchanged: Sequence[np.ndarray], put_back: Sequence[np.ndarray]) -> list[Composite]:
    """All that the network must read, each once."""
    both_ways = np.concatenate([*exchanged, *(pairs[:, ::-1] for pairs in exchanged)])
    made = [
        *((i, j, False) for i, j in both_ways.tolist()),
        *((i, j, True) for i, j in np.concatenate(put_back).tolist()),
    ]
    return list(dict.fromkeys(made))


def _features(data: AuditData, composites: Sequence[Composite], context: PartContext) -> np.ndarray:
    """Features of all composites, (composites, features); kept on the disk."""

    def make(places: list[int]) -> np.ndarray:
        data.on_step()
        context.on_share(0.1 + 0.9 * places[0] / len(composites))
        return np.stack([_composite(data, composites[place]) for place in places])

    keys = [_key(data, composite) for composite in composites]
    return data.maker.kept_features(keys, make, of=f"transplant_v{pixels.VERSION}")


def _composite(data: AuditData, composite: Composite) -> np.ndarray:
    *films, put_back = composite
    frame, donor = (Chest(film=data.prepared[film], lungs=data.lungs.masks[film]) for film in films)
    return there_and_back(frame, donor) if put_back else transplanted(frame, donor)


def _key(data: AuditData, composite: Composite) -> str:
    """What the pixels of a composite depend on besides their version."""
    *films, put_back = composite
    digest = hashlib.sha256(b"put back" if put_back else b"exchanged")
    for film in films:
        digest.update(data.catalog.films["sha256"].iloc[film].encode() + data.lungs.masks[film].tobytes())
    return digest.hexdigest()


def _logits(data: AuditData, stack: HeadStack, features: np.ndarray) -> np.ndarray:
    """Logit of the positive class against all others, from each head, float64 (heads, n)."""
    with data.device.scope():
        said = np.maximum(stack.probabilities(features).astype(float), _SMALLEST)
    others = np.delete(said, data.positive_index, axis=-1).sum(axis=-1)
    return np.log(said[..., data.positive_index]) - np.log(others)


def _found(data: AuditData, read: Reading, pairs, same_class, put_back) -> dict[str, Any]:
    logits, patients = read.of(pairs), data.patient_ids[pairs]
    frame = frame_share(logits, patients)
    gap = mean_over_patients(logits.gap, patients)
    films = np.unique(np.concatenate([*same_class, pairs, *put_back]))
    return {
        "positive_class": data.catalog.positive_class,
        "classes": list(data.catalog.classes),
        "patients_known": data.catalog.patients_known,
        "frame": frame.to_dict(),
        "lungs": frame.rest().to_dict(),
        "gap": gap.to_dict(),
        "same_class": dict(zip(SIDES, (_moved_by_others(data, read, each, gap) for each in same_class), strict=True)),
        "put_back": dict(zip(SIDES, (_moved_by_itself(data, read, each, gap) for each in put_back), strict=True)),
        "pairs": list(_told(data, read, pairs)),
        "same_class_pairs": [told for each in same_class for told in _told(data, read, each)],
        "num_films": len(films),
        "num_estimated": int((~data.lungs.known[films]).sum()),
    }


def _moved_by_others(data: AuditData, read: Reading, pairs: np.ndarray, gap: Estimate) -> dict[str, Any]:
    """What the lungs of another patient of the class change, in shares of the gap."""
    both_ways = np.concatenate([pairs, pairs[:, ::-1]])
    moved = read.exchanged(both_ways) - read.whole(both_ways)
    return mean_over_patients(moved, data.patient_ids[both_ways], over=gap.value).to_dict()


def _moved_by_itself(data: AuditData, read: Reading, pairs: np.ndarray, gap: Estimate) -> dict[str, Any]:
    """What an X-ray's own lungs, cut out, stretched and put back, change, in shares of the gap."""
    moved = read.exchanged(pairs, put_back=True) - read.whole(pairs)
    return mean_over_patients(moved, data.patient_ids[pairs[:, 0]], over=gap.value).to_dict()


def _told(data: AuditData, read: Reading, pairs: np.ndarray) -> Iterator[dict[str, Any]]:
    """Files and logits of each pair, as JSON has them."""
    logits = read.of(pairs)
    files = data.catalog.films["file"].to_numpy()[pairs]
    numbers = np.column_stack([logits.whole_a, logits.whole_b, logits.frame_a, logits.frame_b]).round(4)
    for (file_a, file_b), (whole_a, whole_b, frame_a, frame_b) in zip(files.tolist(), numbers.tolist(), strict=True):
        yield {
            "a": file_a,
            "b": file_b,
            "whole_a": whole_a,
            "whole_b": whole_b,
            "frame_a": frame_a,
            "frame_b": frame_b,
        }
