"""Heat against lungs: where the maps of each method lie, and whether they depend on what was learned.

Each X-ray is mapped by heads of the cross-validation that have not seen it. On phantoms, where the opacities are known, the same
is done against them. Maps of heads with random weights, and of VGG16 with a random last block, are compared with those of trained ones
(Adebayo et al. 2018, arXiv 1810.03292): a map that stays the same does not depend on what was learned.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.stats import rankdata

from covidlab.audit.attention_phantoms import on_phantoms
from covidlab.audit.context import PartContext
from covidlab.audit.data import AuditData
from covidlab.audit.head_maps import HeadWeights, head_maps, log_odds
from covidlab.audit.random_block import random_block_activations
from covidlab.errors import DataError
from covidlab.evaluation.transplant_shares import mean_over_patients
from covidlab.language import tr
from covidlab.learning.heads import HeadStack
from covidlab.prediction.explanation import Method
from covidlab.prediction.lung_attention import Lungs, lung_attention
from covidlab.prediction.occlusion import CELLS_A_SIDE, covered_films, map_from_readings

VERSION = 1

# Repeats of the cross-validation whose heads make maps, random heads, and X-rays that go through a random last block.
NUM_REPEATS, NUM_RANDOM, NUM_IN_RANDOM_BLOCK = 3, 5, 16
# X-rays with occlusion maps where somebody asked for them: 49 passes each.
NUM_OCCLUDED = 8
OCCLUSION = "occlusion"
# Of a very large set so many are mapped.
_MOST = 1000
_COVERED = "covered1"
_FIRST_RANDOM_SEED = 77_000
_GRADIENT_METHODS = (Method.GRAD_CAM, Method.GRAD_CAM_PLUS_PLUS)

# By method: one map an X-ray (n, 7, 7).
Maps = Mapping[Method, np.ndarray]


def compute(data: AuditData, context: PartContext) -> dict[str, Any]:
    """Return where the heat lies.

    Options: ``occlusion``, True to make occlusion maps of some X-rays; without it they count where they were made before.

    Returns
    -------
    dict : num_films, num_without_lungs, num_estimated, num_repeats, num_random; methods (by name: share, chance, ratio, each {value, low,
    high, n, num_patients}, by_class of ratios, num_empty); random_heads (by method: ratio); randomisation (by method: random,
    repeats, block: rank correlations); phantoms (see ``on_phantoms``); examples. Intervals resample patients.
    """
    mapped = _Mapped(data, _evenly(np.flatnonzero(data.lungs.found), _MOST))
    if len(mapped.films) < 2:
        raise DataError(
            tr(
                "Heat against lungs needs X-rays with a mask of the lungs, or lungs that can be estimated. "
                "Received: {num_films} of {num_labels} X-rays.",
                num_films=len(mapped.films),
                num_labels=len(data.labels),
            )
        )
    trained = [mapped.by_heads(mapped.heads_of(repeat)) for repeat in range(mapped.num_repeats)]
    random = [mapped.by_heads(lambda film, head=head: head) for head in mapped.random_heads]
    context.on_share(0.4)
    block = mapped.in_random_block()
    context.on_share(0.5)
    phantoms = on_phantoms(data)
    context.on_share(0.6)
    occluded = mapped.occluded(wanted=bool(context.options.get(OCCLUSION)))
    return {
        "num_films": len(mapped.films),
        "num_without_lungs": int((~data.lungs.found).sum()),
        "num_estimated": int((~data.lungs.known[mapped.films]).sum()),
        "num_repeats": mapped.num_repeats,
        "num_random": NUM_RANDOM,
        "methods": {
            str(method): mapped.described([each[method] for each in trained], mapped.everywhere)
            for method in _GRADIENT_METHODS
        }
        | ({OCCLUSION: mapped.described([occluded.trained], occluded.places)} if occluded else {}),
        "random_heads": {
            str(method): mapped.described([each[method] for each in random], mapped.everywhere)["ratio"]
            for method in _GRADIENT_METHODS
        },
        "randomisation": {
            str(method): {
                "random": mapped.likeness(trained[0][method], [each[method] for each in random]),
                "repeats": mapped.likeness(trained[0][method], [each[method] for each in trained[1:]]),
                "block": mapped.likeness(trained[0][method][mapped.some], [block[method]], mapped.some),
            }
            for method in _GRADIENT_METHODS
        }
        | (
            {OCCLUSION: {"random": mapped.likeness(occluded.trained, occluded.random, occluded.places)}}
            if occluded
            else {}
        ),
        "phantoms": phantoms,
        "examples": mapped.examples(trained[0]),
    }


@dataclass(frozen=True, kw_only=True, eq=False)
class _Occluded:
    """Occlusion maps of some X-rays. places: among those mapped. random: by each random head."""

    places: np.ndarray
    trained: np.ndarray
    random: list[np.ndarray]


class _Mapped:
    """X-rays with lungs, and maps of them for the class that the heads call on average, by heads that have not seen them."""

    def __init__(self, data: AuditData, films: np.ndarray):
        self.data, self.films = data, films
        self.num_repeats = min(NUM_REPEATS, len(data.repeats))
        self.everywhere = np.arange(len(films))
        self.some = _evenly(self.everywhere, NUM_IN_RANDOM_BLOCK)
        self.lungs, self.patients = data.lungs.masks[films], data.patient_ids[films]

    @cached_property
    def _stack(self) -> HeadStack:
        return self.data.train(self.data.view_features(), self.data.splits)

    @cached_property
    def _explained(self) -> np.ndarray:
        said = self.data.held_out(self._stack, self.data.features()).mean(axis=0)
        return said[self.films].argmax(axis=-1)

    @cached_property
    def _weights(self) -> list[np.ndarray]:
        return self._stack.stacked_weights()

    @cached_property
    def _activations(self) -> np.ndarray:
        return self.data.activations(self.films)

    @cached_property
    def random_heads(self) -> list[HeadWeights]:
        """Heads before their first step, which have learned nothing."""
        seeds = [_FIRST_RANDOM_SEED + number for number in range(NUM_RANDOM)]
        stack = HeadStack(seeds, num_features=self.data.features().shape[-1], num_classes=self.data.num_classes)
        return [stack.keras_weights(head) for head in range(NUM_RANDOM)]

    def heads_of(self, repeat: int) -> Callable[[int], HeadWeights]:
        """Return of which head of a repeat each X-ray was held out."""
        folds = self.data.repeats[repeat]
        fold_of = {int(film): fold for fold, split in enumerate(folds) for film in split.validation}
        weights = {}

        def head(film: int) -> HeadWeights:
            place = repeat * len(folds) + fold_of[film]
            if place not in weights:
                kernel, bias, output, output_bias = (array[place] for array in self._weights)
                weights[place] = [kernel, bias[0], output, output_bias[0]]
            return weights[place]

        return head

    def by_heads(
        self,
        head: Callable[[int], HeadWeights],
        places: np.ndarray | None = None,
        activations: np.ndarray | None = None,
    ) -> Maps:
        """Maps by the head of each X-ray; ``activations``: in place of what the frozen layers give."""
        places = self.everywhere if places is None else places
        given = self._activations[places] if activations is None else activations
        made = {method: np.zeros(given.shape[:3], np.float32) for method in _GRADIENT_METHODS}
        groups: dict[int, tuple[HeadWeights, list[int]]] = {}
        for at, place in enumerate(places):
            weights = head(int(self.films[place]))
            groups.setdefault(id(weights), (weights, []))[1].append(at)
        for weights, members in groups.values():
            self.data.on_step()
            maps = head_maps(
                given[members],
                weights,
                preset=self.data.maker.preset,
                class_index=self._explained[places[members]],
            ).maps
            for method, heat in maps.items():
                made[method][members] = heat
        return made

    def in_random_block(self) -> Maps:
        """Maps of some X-rays by their trained heads, the last block of the network having random weights."""
        activations = random_block_activations(self.data, self.films[self.some])
        return self.by_heads(self.heads_of(0), self.some, activations)

    def occluded(self, *, wanted: bool) -> _Occluded | None:
        """Occlusion maps of a few X-rays of each class, where they are wanted or were made before."""
        labels = self.data.labels[self.films]
        each = NUM_OCCLUDED // self.data.num_classes
        places = np.concatenate([_evenly(np.flatnonzero(labels == label), each) for label in np.unique(labels)])
        films = self.films[places]
        sha256s = self.data.catalog.films["sha256"].to_numpy()
        keys = [f"{sha256s[film]}{cell:02d}" for film in films for cell in range(CELLS_A_SIDE**2)]
        if not wanted and not self.data.maker.has_features(keys, of=_COVERED):
            return None

        def make(missing: Sequence[int]) -> np.ndarray:
            # A film is covered again for each batch that holds some of it: far cheaper than one pass.
            rows = [divmod(place, CELLS_A_SIDE**2) for place in missing]
            covered = {film: covered_films(self.data.prepared[films[film]]) for film, _ in dict(rows).items()}
            return np.stack([covered[film][cell] for film, cell in rows])

        features = self.data.maker.kept_features(keys, make, of=_COVERED).reshape(len(films), CELLS_A_SIDE**2, -1)
        whole = self.data.features()[films]
        held_out = self.heads_of(0)

        def maps(head: Callable[[int], HeadWeights]) -> np.ndarray:
            read = [
                log_odds(np.vstack([whole[at], features[at]]), head(int(film)), class_index=int(self._explained[place]))
                for at, (film, place) in enumerate(zip(films, places, strict=True))
            ]
            return map_from_readings(np.array(read)[:, 0], np.array(read)[:, 1:])

        random = [maps(lambda film, head=head: head) for head in self.random_heads]
        return _Occluded(places=places, trained=maps(held_out), random=random)

    def described(self, maps: Sequence[np.ndarray], places: np.ndarray) -> dict[str, Any]:
        """Share of the heat inside the lungs, by chance, and their ratio, over all X-rays and for each class."""
        shares = np.array(
            [[self._share(heat, place) for heat, place in zip(each, places, strict=True)] for each in maps]
        )
        counts = np.isfinite(shares).sum(axis=0)
        share = np.where(counts > 0, np.nansum(shares, axis=0) / np.maximum(counts, 1), np.nan)
        chance = np.array([self._chance(place) for place in places])
        labels = self.data.labels[self.films[places]]
        return {
            "share": self._mean(share, places),
            "chance": self._mean(chance, places),
            "ratio": self._mean(share / chance, places),
            "by_class": {
                name: self._mean((share / chance)[labels == label], places[labels == label])
                for label, name in enumerate(self.data.catalog.classes)
            },
            "num_empty": int((counts == 0).sum()),
        }

    def likeness(
        self, maps: np.ndarray, others: Sequence[np.ndarray], places: np.ndarray | None = None
    ) -> dict[str, Any] | None:
        """Rank correlation of the map of each X-ray with others of it, their mean; None where there are no others."""
        if not others:
            return None
        found = np.array([rank_correlations(maps, each) for each in others])
        counts = np.isfinite(found).sum(axis=0)
        mean = np.where(counts > 0, np.nansum(found, axis=0) / np.maximum(counts, 1), np.nan)
        return self._mean(mean, self.everywhere if places is None else places)

    def examples(self, maps: Maps) -> list[dict[str, Any]]:
        """The first X-ray of each class with its maps and the class explained."""
        labels = self.data.labels[self.films]
        places = [int(np.flatnonzero(labels == label)[0]) for label in np.unique(labels)]
        return [
            {
                "file": str(self.data.catalog.films["file"].iloc[self.films[place]]),
                "explained": self.data.catalog.classes[self._explained[place]],
                "maps": {str(method): np.round(made[place], 4).tolist() for method, made in maps.items()},
                "share": {str(method): _number(self._share(made[place], place)) for method, made in maps.items()},
                "chance": _number(self._chance(place)),
            }
            for place in places
        ]

    def _mean(self, values: np.ndarray, places: np.ndarray) -> dict[str, Any]:
        counted = np.isfinite(values)
        if counted.sum() < 2:
            return {"value": None, "low": None, "high": None, "n": int(counted.sum()), "num_patients": 0}
        return mean_over_patients(values[counted], self.patients[places][counted]).to_dict()

    def _share(self, heat: np.ndarray, place: int) -> float:
        found = lung_attention(heat, Lungs(self.lungs[place], estimated=False))
        return found.share if found else np.nan

    def _chance(self, place: int) -> float:
        found = lung_attention(np.ones((CELLS_A_SIDE,) * 2), Lungs(self.lungs[place], estimated=False))
        return found.chance if found else np.nan


def rank_correlations(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return Spearman's correlation of each map of one stack with that of another, (n, 7, 7) -> (n,); nan where one is flat."""
    ranks = [rankdata(each.reshape(len(each), -1), axis=1) for each in (first, second)]
    centred = [each - each.mean(axis=1, keepdims=True) for each in ranks]
    norms = np.sqrt((centred[0] ** 2).sum(axis=1) * (centred[1] ** 2).sum(axis=1))
    return np.divide((centred[0] * centred[1]).sum(axis=1), norms, out=np.full(len(first), np.nan), where=norms > 0)


def _evenly(values: np.ndarray, number: int) -> np.ndarray:
    """At most so many values, evenly spread."""
    if len(values) <= number:
        return values
    return values[np.linspace(0, len(values) - 1, number).round().astype(int)]


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
