"""The luck meter of a sweep: what the best of all trials would be if the X-rays had nothing to do with their classes.

The classes are permuted over patients, 19 times, and the trials learned anew each time, and once with the real classes in the same way.
The rule: the sweep found more than luck where the best with the real classes is above all 19. Where X-rays have nothing to do with
their classes, each of the 20 is the highest equally often, so the rule then speaks once in 20 times (5 %). No assumption on how
accuracies are distributed enters: E. J. G. Pitman (1937), Significance tests which may be applied to samples from any
populations; P. H. Westfall and S. S. Young (1993), Resampling-Based Multiple Testing. No TensorFlow here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from covidlab.files import load_dataclass

NUM_PERMUTATIONS = 19
LEVEL = 0.05
# Of so many permutations for each that is wanted, those are taken that keep the sizes of the classes best.
_DRAWN_FOR_EACH = 50

# What the best of many trials is called by: accuracy and, of equal ones, the smaller loss. Higher is better.
Score = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Luck:
    """What the luck meter found.

    best: accuracy of the best trial with the real classes, as the meter learns them. by_chance: of the best with permuted ones,
    each the best of ``num_trials`` on ``num_films`` X-rays of ``num_patients`` (None where patients are not known). p: share of all
    20 that are as good as the real best or better.
    """

    best: float
    by_chance: tuple[float, ...]
    p: float
    num_trials: int
    num_films: int
    num_patients: int | None = None

    @property
    def is_beyond(self) -> bool:
        """Whether the sweep found more than luck."""
        return self.p <= LEVEL

    def to_dict(self) -> dict:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any] | None) -> "Luck":
        """Return what ``to_dict`` gave; raises ValueError where it is nothing such."""
        found = load_dataclass(cls, values)
        return cls(**{**asdict(found), "by_chance": tuple(found.by_chance)})


def judge(
    real: Score, by_chance: Sequence[Score], *, num_trials: int, num_films: int, num_patients: int | None = None
) -> Luck:
    """Return what the best scores say, the real one and those with permuted classes."""
    reached = sum(score >= real for score in by_chance)
    return Luck(
        best=float(real[0]),
        by_chance=tuple(float(score[0]) for score in by_chance),
        p=(1 + reached) / (1 + len(by_chance)),
        num_trials=num_trials,
        num_films=num_films,
        num_patients=num_patients,
    )


def permuted_over_patients(
    labels: np.ndarray, patient_ids: np.ndarray, *, seed: int, number: int = NUM_PERMUTATIONS
) -> np.ndarray:
    """Return the classes permuted among patients, ``number`` times, (number, films) int.

    X-rays of one patient get one class, as they have; a patient with X-rays of two classes counts as two. Where patients have
    different numbers of X-rays, the classes get other sizes: of many permutations those are taken that keep the sizes best.
    """
    labels, patients = np.asarray(labels, int), np.unique(np.asarray(patient_ids), return_inverse=True)[1]
    pairs, unit_of = np.unique(np.stack([patients, labels], axis=1), axis=0, return_inverse=True)
    drawn = np.tile(pairs[:, 1], (_DRAWN_FOR_EACH * number, 1))
    np.random.default_rng([seed, 2]).permuted(drawn, axis=1, out=drawn)
    of_films = drawn[:, unit_of.ravel()]
    sizes = np.stack([(of_films == label).sum(axis=1) for label in np.unique(labels)], axis=1)
    away = np.abs(sizes - np.unique(labels, return_counts=True)[1]).sum(axis=1)
    return of_films[np.argsort(away, kind="stable")[:number]]
