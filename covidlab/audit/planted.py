"""The lab of planted shortcuts: heads learn from phantoms with a mark, and read others with it, without it, and with it swapped.

As in Geirhos et al. 2020 (arXiv 2004.07780): a shortcut is known by what happens where it no longer helps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from covidlab.audit.context import PartContext
from covidlab.audit.data import AuditData
from covidlab.audit.head_maps import HeadMaps, HeadWeights, head_maps, log_odds
from covidlab.audit.phantom_figures import by_phantom, mean_interval
from covidlab.audit.phantom_marks import POSITIVE, mark_cells
from covidlab.audit.phantom_pool import PhantomPool, train_on_phantoms
from covidlab.audit.planted_options import (
    AS_LEARNED,
    CONDITIONS,
    FIRST_HELD_OUT,
    NUM_HELD_OUT,
    REMOVED,
    SWAPPED,
    PlantedOptions,
)
from covidlab.config import TrainingConfig
from covidlab.learning.device import Device
from covidlab.learning.network import pooled
from covidlab.prediction.explanation import Method
from covidlab.prediction.lung_attention import Lungs, lung_attention

VERSION = 1

NUM_HEADS = 5
_METHODS = (Method.GRAD_CAM, Method.GRAD_CAM_PLUS_PLUS)
_SEED = 20_200_316
_EXAMPLES_A_CLASS = 2


def compute(data: AuditData, context: PartContext) -> dict[str, Any]:
    """Return what ``planted`` does for the options of the part, with the settings of the audited model."""
    options = PlantedOptions.from_dict(context.options)
    found = plant(
        PhantomPool(data.maker, options.phantoms),
        options,
        data.config,
        data.device,
        held_out=range(FIRST_HELD_OUT, FIRST_HELD_OUT + NUM_HELD_OUT),
        on_share=context.on_share,
    )
    return {"options": options.to_dict(), **found}


# Thousands of small products: threads of their own take longer to wake than to multiply, above all beside other work.
@threadpool_limits.wrap(limits=1, user_api="blas")
def plant(
    pool: PhantomPool,
    options: PlantedOptions,
    config: TrainingConfig,
    device: Device,
    *,
    held_out: Sequence[int],
    on_share=lambda share: None,
) -> dict[str, Any]:
    """Return how heads that learned from marked phantoms read others.

    Returns
    -------
    dict : num_held_out, num_heads; by condition: accuracy, epochs (accuracy after each epoch, 0 being before the first), lungs (by
    method: heat inside the lungs over chance, of positive phantoms); points (by method: share of positive phantoms with the mark
    whose brightest cell lies on it; None where the mark has no place), change (what the mark adds to the log odds of one
    phantom), examples
    """
    train = range(options.num)
    labels = pool.labels(train)
    marked = is_marked(train, labels, strength=options.strength)
    features = pooled(_chosen(pool, train, marked), pool.maker.preset)
    on_share(0.3)
    unseen = _Unseen.read(pool, held_out, strength=options.strength)
    on_share(0.9)
    epochs: dict[str, list[float]] = {condition: [] for condition in CONDITIONS}

    def at_epoch(epoch: int, heads: list[HeadWeights]) -> None:
        for condition in CONDITIONS:
            epochs[condition].append(float(unseen.right(condition, heads).mean()))

    heads = train_on_phantoms(features, labels, config, device, num_heads=NUM_HEADS, on_epoch=at_epoch)
    return {
        "num_held_out": len(held_out),
        "num_heads": NUM_HEADS,
        "accuracy": {condition: by_phantom(unseen.right(condition, heads)) for condition in CONDITIONS},
        "epochs": epochs,
        **_maps(unseen, heads, mark_cells(pool.config)),
        "examples": _examples(unseen, heads[0]),
    }


def is_marked(numbers: Sequence[int], labels: np.ndarray, *, strength: float) -> np.ndarray:
    """Return which phantoms have the mark, bool (n,): with probability (1 + strength) / 2 where positive, else (1 - strength) / 2.

    The draw of a phantom is the same at every strength, so that a stronger mark changes as few phantoms as can be.
    """
    draws = np.array([np.random.default_rng([_SEED, number]).random() for number in numbers])
    return draws < (1 + np.where(labels == POSITIVE, strength, -strength)) / 2


def _chosen(pool: PhantomPool, numbers: Sequence[int], marked: np.ndarray) -> np.ndarray:
    """Activations of phantoms, each with the mark or without."""
    found = None
    for has_mark in (True, False):
        places = np.flatnonzero(marked == has_mark)
        if len(places):
            made = pool.activations([numbers[place] for place in places], marked=has_mark)
            found = np.empty((len(numbers), *made.shape[1:]), np.float32) if found is None else found
            found[places] = made
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class _Unseen:
    """The held-out phantoms. marked, without: activations of all with the mark and of all without, (n, height, width, features),
    and features of the same, (2, n, features). has_mark: by condition, (n,) bool. lungs: (n, side, side) bool."""

    pool: PhantomPool
    numbers: Sequence[int]
    labels: np.ndarray
    marked: np.ndarray
    without: np.ndarray
    features: np.ndarray
    has_mark: Mapping[str, np.ndarray]
    lungs: np.ndarray

    @classmethod
    def read(cls, pool: PhantomPool, numbers: Sequence[int], *, strength: float) -> "_Unseen":
        """Pass the phantoms through the network, where that was not done before."""
        labels = pool.labels(numbers)
        marked, without = (pool.activations(numbers, marked=has_mark) for has_mark in (True, False))
        return cls(
            pool=pool,
            numbers=numbers,
            labels=labels,
            marked=marked,
            without=without,
            features=np.stack([pooled(each, pool.maker.preset) for each in (marked, without)]),
            has_mark={
                AS_LEARNED: is_marked(numbers, labels, strength=strength),
                REMOVED: np.zeros(len(labels), bool),
                SWAPPED: is_marked(numbers, labels, strength=-strength),
            },
            lungs=pool.truth(numbers)[:, 0],
        )

    def activations(self, condition: str, places: np.ndarray) -> np.ndarray:
        """Activations of some phantoms as they are marked in a condition."""
        has_mark = self.has_mark[condition][places]
        return np.where(has_mark[:, None, None, None], self.marked[places], self.without[places])

    def right(self, condition: str, heads: Sequence[HeadWeights]) -> np.ndarray:
        """Which phantoms each head calls right, float (heads, n)."""
        features = np.where(self.has_mark[condition][:, None], *self.features)
        called = np.stack([log_odds(features, head, class_index=POSITIVE) > 0 for head in heads])
        return (called == (self.labels == POSITIVE)).astype(float)

    def mapped(self, condition: str, head: HeadWeights, places: np.ndarray) -> HeadMaps:
        """Maps for the positive class of some phantoms."""
        return head_maps(self.activations(condition, places), head, preset=self.pool.maker.preset, class_index=POSITIVE)


def _maps(unseen: _Unseen, heads: Sequence[HeadWeights], cells: np.ndarray) -> dict[str, Any]:
    """Where the maps of the positive phantoms lie, and what the mark adds to the log odds of all."""
    positive = np.flatnonzero(unseen.labels == POSITIVE)
    made = {condition: [unseen.mapped(condition, head, positive) for head in heads] for condition in CONDITIONS}
    has_mark = unseen.has_mark[AS_LEARNED][positive]
    read = np.stack([log_odds(unseen.features, head, class_index=POSITIVE) for head in heads])
    change = (read[:, 0] - read[:, 1]).mean(axis=0)
    return {
        "change": mean_interval(change),
        "lungs": {
            condition: {
                str(method): mean_interval(_over_chance([each.maps[method] for each in maps], unseen.lungs[positive]))
                for method in _METHODS
            }
            for condition, maps in made.items()
        },
        "points": {
            str(method): by_phantom(_hits([each.maps[method] for each in made[AS_LEARNED]], cells)[:, has_mark])
            if cells.any()
            else None
            for method in _METHODS
        },
    }


def _over_chance(maps: Sequence[np.ndarray], lungs: np.ndarray) -> np.ndarray:
    """Heat inside the lungs over chance, the mean over heads (n,), nan where all maps of a phantom are empty."""
    found = [
        [
            attention.ratio if (attention := lung_attention(heat, Lungs(mask, estimated=False))) else np.nan
            for heat, mask in zip(of_head, lungs, strict=True)
        ]
        for of_head in maps
    ]
    counts = np.isfinite(found).sum(axis=0)
    return np.where(counts > 0, np.nansum(found, axis=0) / np.maximum(counts, 1), np.nan)


def _hits(maps: Sequence[np.ndarray], cells: np.ndarray) -> np.ndarray:
    """Whether the brightest cell lies on the mark, float (heads, n)."""
    flat = np.stack(maps).reshape(len(maps), len(maps[0]), -1)
    return (cells.ravel()[flat.argmax(axis=-1)] & (flat.max(axis=-1) > 0)).astype(float)


def _examples(unseen: _Unseen, head: HeadWeights) -> list[dict[str, Any]]:
    """The first phantoms of each class, in each condition: the mark, the first head's probability, and its map."""
    places = np.concatenate([np.flatnonzero(unseen.labels == label)[:_EXAMPLES_A_CLASS] for label in (POSITIVE, 0)])
    made = {condition: unseen.mapped(condition, head, places) for condition in CONDITIONS}
    return [
        {
            "number": int(unseen.numbers[place]),
            "positive": bool(unseen.labels[place] == POSITIVE),
            "readings": {
                condition: {
                    "has_mark": bool(unseen.has_mark[condition][place]),
                    "probability": float(1 / (1 + np.exp(-maps.log_odds[at]))),
                    "map": np.round(maps.maps[Method.GRAD_CAM][at], 4).tolist(),
                }
                for condition, maps in made.items()
            },
        }
        for at, place in enumerate(places)
    ]
