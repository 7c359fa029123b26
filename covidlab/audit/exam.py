"""The examination of maps: on phantoms with a planted tag, does each map point at the tag when, and only when, the model uses it?

Heads are trained on phantoms of which a share of the positive ones has a tag, a letter in the corner, and on phantoms where the tag is
independent of the class. Whether a head uses the tag is known without any map: the same phantom is read with and without the tag.
The phantoms are the same for every data set, so that what is found depends on the settings of the model only.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from covidlab.audit.context import PartContext
from covidlab.audit.data import AuditData, FeatureMaker
from covidlab.audit.exam_settings import exam_settings
from covidlab.audit.head_maps import HeadWeights, head_maps, log_odds
from covidlab.audit.phantom_figures import by_phantom, mean_interval
from covidlab.audit.phantom_marks import POSITIVE, mark_cells, pool_config
from covidlab.audit.phantom_pool import PhantomPool, train_on_phantoms
from covidlab.config import TrainingConfig
from covidlab.learning.device import Device
from covidlab.learning.network import pooled
from covidlab.phantom.film import PhantomConfig
from covidlab.prediction.explanation import Method
from covidlab.prediction.occlusion import map_from_readings

VERSION = 1

# Share of the positive phantoms that have the tag; "independent": half of all phantoms.
SHARES = (0.0, 0.2, 0.5, 0.8, 1.0)
INDEPENDENT = "independent"
# A head uses the tag of a phantom where removing it lowers the log odds by 1 or more (the odds fall to 37 % or less), and does
# not where that changes them by less than a half.
USED_FROM, UNUSED_BELOW = 1.0, 0.5
# A method passes where both limits of its intervals keep these.
LEAST_POWER, MOST_WRONG = 0.5, 0.2
_SEED = 20_200_316
_NUM_EXAMPLES = 3


@dataclass(frozen=True, kw_only=True)
class ExamSize:
    """How many phantoms and heads: to train on, held out, of these covered for occlusion maps; heads a level."""

    num_train: int = 80
    num_held_out: int = 60
    num_occluded: int = 20
    num_heads: int = 5
    phantoms: PhantomConfig = field(default_factory=lambda: pool_config(shortcut="letter", contrast=0.5))


def compute(data: AuditData, context: PartContext) -> dict[str, Any]:
    """Return what ``examine`` does, with the settings of the audited model."""
    return examine(data.maker, data.config, data.device, on_share=context.on_share, on_step=data.on_step)


def examine(
    maker: FeatureMaker,
    config: TrainingConfig,
    device: Device,
    *,
    size: ExamSize | None = None,
    on_share: Callable[[float], None] = lambda share: None,
    on_step: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Return how each method does.

    Returns
    -------
    dict : settings (see ``exam_settings``), num_train, num_held_out, num_occluded, num_heads, chance (share of the cells that the tag
    lies on), methods (by name: power, wrong, each {value, low, high, n}, and passed), levels (see ``_level``), examples. Power is the
    share of readings on which the model uses the tag and the brightest cell lies on it; wrong is the same of readings on which
    a model that learned that the tag says nothing does not use it. Intervals are Wilson's, by phantom.
    """
    size = size or ExamSize()
    held_out = _HeldOut.read(maker, size, on_share=on_share)
    train = range(size.num_train)
    pool = PhantomPool(maker, size.phantoms)
    features = [pooled(pool.activations(train, marked=marked), maker.preset) for marked in (False, True)]
    labels, levels = pool.labels(train), []
    for share in (*SHARES, INDEPENDENT):
        on_step()
        has_tag = _tagged(labels, share)
        heads = train_on_phantoms(
            np.where(has_tag[:, None], features[1], features[0]), labels, config, device, num_heads=size.num_heads
        )
        levels.append(_Level(share, [held_out.judge(weights) for weights in heads]))
    return {
        "settings": exam_settings(config),
        "num_train": size.num_train,
        "num_held_out": size.num_held_out,
        "num_occluded": size.num_occluded,
        "num_heads": size.num_heads,
        "chance": float(held_out.tag.mean()),
        "contrast": size.phantoms.lesion_contrast,
        "methods": {str(method): _of_method(levels, method) for method in Method},
        "levels": [level.described() for level in levels],
        "examples": _examples(levels, held_out),
    }


def _tagged(labels: np.ndarray, share: float | str) -> np.ndarray:
    """Which phantoms learned from have the tag: the first of the positive ones in a random order, so that levels are nested."""
    order = np.random.default_rng(_SEED).permutation(len(labels))
    has_tag = np.zeros(len(labels), bool)
    if share == INDEPENDENT:
        for label in np.unique(labels):
            own = order[labels[order] == label]
            has_tag[own[: len(own) // 2]] = True
        return has_tag
    positive = order[labels[order] == POSITIVE]
    has_tag[positive[: round(share * len(positive))]] = True
    return has_tag


@dataclass(frozen=True, kw_only=True, eq=False)
class _Judged:
    """What one head does with the held-out phantoms. change: (n,) what the tag adds to the log odds. points, near: by method, (n,)
    whether the brightest cell lies on the tag, or on it or a cell beside it; nan where the phantom was not mapped. maps:
    by method. right, right_without: (n,) bool, with the tag and without."""

    change: np.ndarray
    points: dict[Method, np.ndarray]
    near: dict[Method, np.ndarray]
    maps: dict[Method, np.ndarray]
    right: np.ndarray
    right_without: np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class _HeldOut:
    """The held-out phantoms, all with the tag and all without. tag, beside: cells of the tag, and those with the ones beside them."""

    maker: FeatureMaker
    numbers: Sequence[int]
    labels: np.ndarray
    with_tag: np.ndarray
    without: np.ndarray
    covered: np.ndarray
    tag: np.ndarray
    beside: np.ndarray

    @classmethod
    def read(cls, maker: FeatureMaker, size: ExamSize, *, on_share: Callable[[float], None]) -> "_HeldOut":
        """Pass the phantoms through the network, where that was not done before; it takes nearly all of the time."""
        pool, numbers = PhantomPool(maker, size.phantoms), range(size.num_train, size.num_train + size.num_held_out)
        with_tag = pool.activations(numbers, marked=True)
        on_share(0.1)
        without = pool.activations(numbers, marked=False)
        on_share(0.2)
        covered = []
        for done, number in enumerate(numbers[: size.num_occluded]):
            covered.append(pool.covered_features([number])[0])
            on_share(0.2 + 0.7 * (done + 1) / size.num_occluded)
        tag = mark_cells(size.phantoms)
        return cls(
            maker=maker,
            numbers=numbers,
            labels=pool.labels(numbers),
            with_tag=with_tag,
            without=pooled(without, maker.preset),
            covered=np.stack(covered),
            tag=tag,
            beside=_grown(tag),
        )

    def judge(self, weights: HeadWeights) -> _Judged:
        """Read all phantoms with a head, and make its maps for the positive class."""
        made = head_maps(self.with_tag, weights, preset=self.maker.preset, class_index=POSITIVE)
        without = log_odds(self.without, weights, class_index=POSITIVE)
        covered = log_odds(self.covered, weights, class_index=POSITIVE)
        maps = {**made.maps, Method.OCCLUSION: map_from_readings(made.log_odds[: len(covered)], covered)}
        return _Judged(
            change=made.log_odds - without,
            points={method: self._hits(each, self.tag) for method, each in maps.items()},
            near={method: self._hits(each, self.beside) for method, each in maps.items()},
            maps=maps,
            right=(made.log_odds > 0) == (self.labels == POSITIVE),
            right_without=(without > 0) == (self.labels == POSITIVE),
        )

    def _hits(self, maps: np.ndarray, cells: np.ndarray) -> np.ndarray:
        """Whether the brightest cell of each map is among some cells; an empty map points nowhere."""
        flat = maps.reshape(len(maps), -1)
        hits = cells.ravel()[flat.argmax(axis=1)] & (flat.max(axis=1) > 0)
        return np.concatenate([hits.astype(float), np.full(len(self.labels) - len(maps), np.nan)])


@dataclass(frozen=True, eq=False)
class _Level:
    """Heads trained at one share of the tag, and what they do."""

    share: float | str
    judged: Sequence[_Judged]

    def described(self) -> dict[str, Any]:
        """Figures of this level: what the tag adds to the log odds, shares of right answers, how often each method points at it."""
        change = np.stack([each.change for each in self.judged])
        return {
            "share": self.share,
            "change": mean_interval(change.mean(axis=0)),
            "used": by_phantom((change >= USED_FROM).astype(float)),
            "accuracy": by_phantom(np.stack([each.right for each in self.judged]).astype(float)),
            "accuracy_without": by_phantom(np.stack([each.right_without for each in self.judged]).astype(float)),
            "points": {str(method): by_phantom(self.hits(method)) for method in Method},
            "near": {str(method): by_phantom(self.hits(method, near=True)) for method in Method},
        }

    def hits(self, method: Method, *, near: bool = False) -> np.ndarray:
        """Whether a method points at the tag, (heads, n), nan where the phantom was not mapped."""
        return np.stack([(each.near if near else each.points)[method] for each in self.judged])


def _of_method(levels: Sequence[_Level], method: Method) -> dict[str, Any]:
    of_class = [level for level in levels if level.share != INDEPENDENT]
    changes = np.concatenate([[each.change for each in level.judged] for level in of_class])
    used = {near: np.concatenate([level.hits(method, near=near) for level in of_class]) for near in (False, True)}
    independent = next(level for level in levels if level.share == INDEPENDENT)
    unused = np.abs([each.change for each in independent.judged]) < UNUSED_BELOW
    power = by_phantom(np.where(changes >= USED_FROM, used[False], np.nan))
    wrong = by_phantom(np.where(unused, independent.hits(method), np.nan))
    return {
        "power": power,
        "near": by_phantom(np.where(changes >= USED_FROM, used[True], np.nan)),
        "wrong": wrong,
        "passed": bool(power["n"] and wrong["n"] and power["low"] > LEAST_POWER and wrong["high"] < MOST_WRONG),
    }


def _examples(levels: Sequence[_Level], held_out: _HeldOut) -> list[dict[str, Any]]:
    """Maps of the first phantoms by the first head of two levels: the tag on all of a class, and independent of it."""
    shown = [level for level in levels if level.share in (1.0, INDEPENDENT)]
    return [
        {
            "share": level.share,
            "number": int(held_out.numbers[place]),
            "change": float(level.judged[0].change[place]),
            "points": {str(method): bool(level.judged[0].points[method][place]) for method in Method},
            "maps": {str(method): np.round(level.judged[0].maps[method][place], 4).tolist() for method in Method},
        }
        for level in shown
        for place in range(min(_NUM_EXAMPLES, len(held_out.covered)))
    ]


def _grown(cells: np.ndarray) -> np.ndarray:
    """Cells and those beside them, corners included."""
    padded = np.pad(cells, 1)
    rows, columns = cells.shape
    shifted = [padded[row : row + rows, column : column + columns] for row in range(3) for column in range(3)]
    return np.logical_or.reduce(shifted)
