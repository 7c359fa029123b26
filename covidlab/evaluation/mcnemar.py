"""Whether one of two models is right more often on the same X-rays: McNemar's exact test, over X-rays and over patients; no SciPy.

Q. McNemar (1947), Psychometrika 12, 153-157, doi 10.1007/BF02295996. Only X-rays that one model alone told right count; where
both are equally good, each of these is the one's or the other's like the toss of a coin. X-rays of one patient are no separate
tosses, so over X-rays the test finds differences too often where patients repeat. Over patients a patient counts once, for the
model that told more of the patient's X-rays right (a sign test over patients).
"""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class McNemar:
    """only_first, only_second: how many X-rays, or patients, speak for one model alone, of ``number``. p: two-sided, exact."""

    only_first: int
    only_second: int
    number: int

    @property
    def p(self) -> float:
        """How often a split at least as uneven comes where both are equally good; 1 where nothing speaks for either."""
        tosses, fewer = self.only_first + self.only_second, min(self.only_first, self.only_second)
        return min(1.0, 2 * sum(math.comb(tosses, heads) for heads in range(fewer + 1)) / 2**tosses)


def over_films(first: np.ndarray, second: np.ndarray) -> McNemar:
    """Return the test over films; ``first`` and ``second``: (n,) bool, what each model told right."""
    first, second = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    return McNemar(int((first & ~second).sum()), int((second & ~first).sum()), len(first))


def over_patients(first: np.ndarray, second: np.ndarray, patients: np.ndarray) -> McNemar:
    """Return the test over patients; ``patients``: (n,), the patient of each film."""
    of_patient = np.unique(np.asarray(patients), return_inverse=True)[1]
    more = np.bincount(of_patient, weights=np.asarray(second, dtype=int) - np.asarray(first, dtype=int))
    return McNemar(int((more < 0).sum()), int((more > 0).sum()), len(more))
