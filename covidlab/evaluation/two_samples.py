"""Whether two sets of X-rays differ: in one property, or in all features at once. Patients are permuted, never X-rays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from covidlab.evaluation.permutation import permutation_p, shares_told

# Of a permutation test, so that Holm's correction of two dozen tests can still reach 5 %.
NUM_PERMUTATIONS = 999
# Below so many patients on a side every permutation is likely, and a test says nothing.
FEWEST_PATIENTS = 4
SEED = 42


@dataclass(frozen=True, kw_only=True)
class ToldApart:
    """How well two sets are told apart: ``share`` (balanced accuracy, 0.5 is chance), what 95 of 100 permutations stay below,
    and the p-value."""

    share: float
    by_chance: float
    p: float


def features_told_apart(
    features: np.ndarray,
    is_other: np.ndarray,
    patients: np.ndarray,
    *,
    on_step: Callable[[], None] = lambda: None,
) -> ToldApart:
    """Return how well a classifier that has not seen their patients tells the X-rays of two sets apart.

    Parameters
    ----------
    features : (films, features) float
    is_other : (films,) bool, of which set each is
    patients : (films,), no patient is in both sets

    Notes
    -----
    The classifier two-sample test: D. Lopez-Paz and M. Oquab (2017), Revisiting classifier two-sample tests, ICLR,
    arXiv 1610.06545. The p-value is that of a permutation over patients (``evaluation.permutation``), since no covariance of 512 features can
    be estimated from fifty X-rays, and since X-rays of one patient resemble each other.
    """
    # With a thread for each core, sums as small as these wait for each other beside other work.
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        shares = shares_told(
            [features], np.asarray(is_other).astype(int), patients, num_permutations=NUM_PERMUTATIONS, on_step=on_step
        )[0]
    return ToldApart(share=float(shares[0]), by_chance=float(np.quantile(shares[1:], 0.95)), p=permutation_p(shares))


def largest_difference(values: Sequence, is_other: np.ndarray, patients: np.ndarray) -> tuple[float, float]:
    """Return how far one property of two sets differs, and the p-value of a permutation over patients.

    Parameters
    ----------
    values : numbers, or texts, of each X-ray
    is_other : (films,) bool
    patients : (films,), no patient is in both sets

    Returns
    -------
    difference : of numbers the largest difference between the shares of X-rays up to any value (A. N. Kolmogorov, 1933, and N. V.
        Smirnov, 1939), of texts half the sum of all differences between shares; 0 where the sets do not differ, 1 where they
        share nothing
    p : share of all permutations, the sets as they are included, that differ as much
    """
    owners = np.unique(np.asarray(patients), return_inverse=True)[1]
    of_patient = np.zeros(owners.max() + 1, bool)
    of_patient[owners] = is_other
    drawn = np.tile(of_patient, (1 + NUM_PERMUTATIONS, 1))
    np.random.default_rng(SEED).permuted(drawn[1:], axis=1, out=drawn[1:])
    differences = _differences(np.asarray(values), drawn[:, owners])
    # Rounding must not make equals differ.
    return float(differences[0]), float((differences >= differences[0] - 1e-9).mean())


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values that hold for all tests together: S. Holm (1979), Scandinavian Journal of Statistics 6, 65-70."""
    found, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(np.argsort(p_values, kind="stable")):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        found[place] = largest
    return found


def _differences(values: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Difference between the two sets in each row of ``drawn`` (rows, films) bool."""
    kinds, places = np.unique(values, return_inverse=True)
    shares = []
    for side in (drawn, ~drawn):
        counts = np.stack([side[:, places == kind].sum(axis=1) for kind in range(len(kinds))], axis=1)
        shares.append(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))
    apart = shares[0] - shares[1]
    if np.issubdtype(values.dtype, np.number):
        return np.abs(np.cumsum(apart, axis=1)).max(axis=1)
    return np.abs(apart).sum(axis=1) / 2
