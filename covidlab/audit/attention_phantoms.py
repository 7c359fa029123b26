"""Maps against opacities on phantoms, where these are known exactly: does a map show where the opacities are?"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from covidlab.audit.data import AuditData
from covidlab.audit.head_maps import head_maps
from covidlab.audit.phantom_figures import by_phantom, mean_interval
from covidlab.audit.phantom_marks import POSITIVE, pool_config
from covidlab.audit.phantom_pool import PhantomPool, train_on_phantoms
from covidlab.learning.network import pooled
from covidlab.phantom.film import PhantomConfig
from covidlab.prediction.explanation import Method
from covidlab.prediction.map_trial import brightest_region, random_regions

CONTRAST = 0.5
NUM_TRAIN, NUM_HEADS = 40, 3
# Held out: those of the examination, so that these pass through the network once.
HELD_OUT = range(80, 120)
_METHODS = (Method.GRAD_CAM, Method.GRAD_CAM_PLUS_PLUS)


def on_phantoms(
    data: AuditData,
    *,
    phantoms: PhantomConfig | None = None,
    num_train: int = NUM_TRAIN,
    held_out: Sequence[int] = HELD_OUT,
) -> dict[str, Any]:
    """Return how the maps of positive phantoms lie to their opacities, by heads that learned from others, without any planted mark.

    Returns
    -------
    dict : num_train, num_heads, methods (by name: points, the share whose brightest cell is at least half opacity, with
    chance_points, the share of such cells; overlap, intersection over union of the brightest tenth and the opacities, with
    chance_overlap, that of regions of the same shape elsewhere)
    """
    pool = PhantomPool(data.maker, phantoms or pool_config(shortcut="none", contrast=CONTRAST))
    train, preset = range(num_train), data.maker.preset
    features = pooled(pool.activations(train, marked=False), preset)
    heads = train_on_phantoms(features, pool.labels(train), data.config, data.device, num_heads=NUM_HEADS)
    positive = [number for number, label in zip(held_out, pool.labels(held_out), strict=True) if label == POSITIVE]
    activations, opacities = pool.activations(positive, marked=False), pool.truth(positive)[:, 1]
    made = [head_maps(activations, head, preset=preset, class_index=POSITIVE).maps for head in heads]
    return {
        "num_train": num_train,
        "num_heads": NUM_HEADS,
        "methods": {str(method): _described([maps[method] for maps in made], opacities) for method in _METHODS},
    }


def _described(maps: Sequence[np.ndarray], opacities: np.ndarray) -> dict[str, Any]:
    """Figures of one method, ``maps`` by each head (n, 7, 7)."""
    cells = np.array([_mostly(mask, maps[0].shape[1:]) for mask in opacities])
    found = np.array([[_overlaps(heat, mask) for heat, mask in zip(each, opacities, strict=True)] for each in maps])
    overlap, chance = np.nanmean(found, axis=0).T
    return {
        "points": by_phantom(np.array([_hits(each, cells) for each in maps])),
        "chance_points": float(cells.mean()),
        "overlap": mean_interval(overlap),
        "chance_overlap": mean_interval(chance),
    }


def _hits(maps: np.ndarray, cells: np.ndarray) -> np.ndarray:
    flat = maps.reshape(len(maps), -1)
    return (cells.reshape(len(cells), -1)[np.arange(len(maps)), flat.argmax(axis=1)] & (flat.max(axis=1) > 0)).astype(
        float
    )


def _mostly(mask: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Cells of a map of which a mask covers at least half."""
    return cv2.resize(mask.astype(np.float32), shape[::-1], interpolation=cv2.INTER_AREA) >= 0.5


def _overlaps(heat: np.ndarray, mask: np.ndarray) -> tuple[float, float]:
    """Intersection over union of the brightest tenth and a mask, and the mean of that of such regions elsewhere."""
    region = brightest_region(heat, side=len(mask))
    others = [intersection_over_union(each, mask) for each in random_regions(region)]
    return intersection_over_union(region, mask), float(np.mean(others))


def intersection_over_union(first: np.ndarray, second: np.ndarray) -> float:
    """Return what two masks share over what either covers, 0 where both are empty."""
    either = (first | second).sum()
    return float((first & second).sum() / either) if either else 0.0
