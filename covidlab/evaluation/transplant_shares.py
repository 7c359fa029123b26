"""How much of a model's answer goes with the frame and how much with the lungs, from X-rays whose lungs were exchanged.

Nothing here knows of pixels or of a model: pairs of X-rays are chosen, and shares computed from the logits of each pair.
"""

from dataclasses import asdict, dataclass, replace

import numpy as np

from covidlab.intervals import CONFIDENCE

NUM_RESAMPLES, SEED = 2000, 0
# Of more pairs than these, some are drawn to choose from.
_MOST_CANDIDATES = 20_000


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A value with its 95 % interval over patients; n: pairs (or X-rays) behind it, num_patients: their patients."""

    value: float
    low: float
    high: float
    n: int
    num_patients: int

    def rest(self) -> "Estimate":
        """What is left of 1."""
        return replace(self, value=1 - self.value, low=1 - self.high, high=1 - self.low)

    def to_dict(self) -> dict:
        """Return plain JSON values; None for what is undefined."""
        return {name: value if np.isfinite(value) else None for name, value in asdict(self).items()}


@dataclass(frozen=True, kw_only=True, eq=False)
class PairLogits:
    """Logits of the positive class for pairs of one positive X-ray A and one other B; float (pairs,) each.

    whole_a, whole_b: as they are. frame_a: A with the lungs of B. frame_b: B with the lungs of A.
    """

    whole_a: np.ndarray
    whole_b: np.ndarray
    frame_a: np.ndarray
    frame_b: np.ndarray

    @property
    def gap(self) -> np.ndarray:
        """By how much A is called more positive than B."""
        return self.whole_a - self.whole_b

    @property
    def by_frame(self) -> np.ndarray:
        """What of the gap goes with the frame: the mean of changing it under the lungs of B and under those of A."""
        return ((self.frame_a - self.whole_b) + (self.whole_a - self.frame_b)) / 2


def frame_share(logits: PairLogits, patients: np.ndarray, *, seed: int = SEED) -> Estimate:
    """Share of the gap between the classes that goes with the frame; the rest, 1 less it, goes with the lungs.

    Parameters
    ----------
    logits : of n pairs
    patients : (n, 2), patient of A and of B

    Returns
    -------
    Estimate, nan where the gap is not above 0, so that there is nothing to share out. It may lie outside 0 to 1, where frame and
    lungs speak against each other.

    Notes
    -----
    The two ways from B to A, frame first and lungs first, are averaged: L. S. Shapley (1953), A value for n-person games. So frame and
    lungs add up to the gap, and what the operation itself adds to both composites alike cancels. The interval
    draws the patients of both sides with replacement, a pair counting as often as both are drawn: A. B. Owen (2007), The pigeonhole
    bootstrap, Annals of Applied Statistics 1, 386-411, doi 10.1214/07-AOAS122.
    """
    return _ratio(logits.by_frame, logits.gap, patients, seed)


def mean_over_patients(values: np.ndarray, patients: np.ndarray, *, over: float = 1.0, seed: int = SEED) -> Estimate:
    """Mean of values of X-rays or pairs, divided by ``over``, its interval as that of ``frame_share``.

    Parameters
    ----------
    values : float (n,)
    patients : (n,) or (n, k), the patients that each value depends on
    """
    return _ratio(values, np.full(len(values), over), patients, seed)


def choose_pairs(allowed: np.ndarray, patients: tuple[np.ndarray, np.ndarray], *, number: int, seed: int) -> np.ndarray:
    """Choose pairs in which patients take part about equally often.

    Parameters
    ----------
    allowed : bool (a, b), which X-ray of the first side may go with which of the second
    patients : patient of each X-ray of the first side (a,) and of the second (b,)
    number : of pairs, at most; no pair of X-rays is chosen twice

    Returns
    -------
    int array (pairs, 2), places on the first and on the second side
    """
    left = np.random.default_rng(seed).permutation(np.argwhere(allowed))[:_MOST_CANDIDATES]
    codes = np.unique(np.concatenate(patients), return_inverse=True)[1]
    sides = np.stack([codes[left[:, 0]], codes[len(patients[0]) + left[:, 1]]], axis=1)
    times, is_left, chosen = np.zeros(len(codes), int), np.ones(len(left), bool), []
    while len(chosen) < number and is_left.any():
        # The first of those whose patients took part least; the order is random.
        place = int(np.argmin(np.where(is_left, times[sides].sum(axis=1), np.iinfo(int).max)))
        chosen.append(place)
        times[sides[place]] += 1
        is_left[place] = False
    return left[chosen]


def _ratio(over: np.ndarray, under: np.ndarray, patients: np.ndarray, seed: int) -> Estimate:
    """Ratio of the sums over pairs, nan where the lower one is not above 0."""
    patients = np.asarray(patients).reshape(len(over), -1)
    times = _times_drawn(patients, seed)
    sums = np.concatenate([[[over.sum(), under.sum()]], times @ np.column_stack([over, under])])
    ratios = np.divide(*sums.T, out=np.full(len(sums), np.nan), where=sums[:, 1] > 0)
    value, resampled = ratios[0], ratios[1:][np.isfinite(ratios[1:])]
    low, high = (
        np.quantile(resampled, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]) if len(resampled) else (np.nan, np.nan)
    )
    return Estimate(
        value=float(value),
        low=float(min(low, value)),
        high=float(max(high, value)),
        n=len(over),
        num_patients=len(np.unique(patients)),
    )


def _times_drawn(patients: np.ndarray, seed: int) -> np.ndarray:
    """How often each pair is drawn in each resample: the product over its patients; (resamples, pairs)."""
    names, places = np.unique(patients, return_inverse=True)
    places, generator = places.reshape(patients.shape), np.random.default_rng(seed)
    times = np.ones((NUM_RESAMPLES, len(patients)))
    for group in _groups(places):
        drawn = generator.multinomial(len(group), np.full(len(group), 1 / len(group)), size=NUM_RESAMPLES)
        of_patient = np.ones((NUM_RESAMPLES, len(names)))
        of_patient[:, group] = drawn
        for column in places.T:
            times *= of_patient[:, column]
    return times


def _groups(places: np.ndarray) -> list[np.ndarray]:
    """Patients that are drawn together: each side for itself, both at once where one patient is on both."""
    sides = [np.unique(column) for column in places.T]
    together = np.unique(places)
    return sides if sum(map(len, sides)) == len(together) else [together]
