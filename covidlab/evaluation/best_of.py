"""What luck gives: the best of several runs whose every answer is drawn at random.

Each of ``num_tries`` runs answers ``num_xrays`` validation X-rays, each right with probability ``chance``, all independent. So the
number right is binomial, and the best of the runs is the highest of as many binomials. X-rays of one class are alike, and runs of
one person have the same X-rays, which this leaves out: on one split luck can give more than this for one run.
"""

import math
from functools import lru_cache

import numpy as np

from covidlab.errors import UsageError
from covidlab.language import tr

MOST_XRAYS, MOST_TRIES = 100_000, 10_000_000
# What the best of the runs by luck stays at or below in 95 of 100 cases.
LEVEL = 0.95


@lru_cache(maxsize=256)
def best_by_luck(num_tries: int, *, num_xrays: int, chance: float) -> tuple[float, float]:
    """Return the expected accuracy of the best run, and the one it stays at or below in 95 of 100 cases.

    Parameters
    ----------
    num_tries : runs of which the best is taken, at least 1
    num_xrays : validation X-rays, at least 1
    chance : probability of a right answer, e.g. the share of the most frequent class; in [0, 1]
    """
    reached = at_most(num_tries, num_xrays=num_xrays, chance=chance)
    # The mean of a count is the sum of the probabilities that it exceeds 0, 1, 2, ...
    expected = float((1 - reached[:-1]).sum()) / num_xrays
    return expected, int(np.argmax(reached >= LEVEL - 1e-12)) / num_xrays


def chance_of(num_right: int, num_tries: int, *, num_xrays: int, chance: float) -> float:
    """Return how often the best of the runs gets ``num_right`` X-rays or more right by luck; in [0, 1]."""
    if num_right <= 0:
        return 1.0
    return float(1 - at_most(num_tries, num_xrays=num_xrays, chance=chance)[min(num_right, num_xrays + 1) - 1])


def at_most(num_tries: int, *, num_xrays: int, chance: float) -> np.ndarray:
    """Return the probability that the best of the runs has at most 0, 1, ... ``num_xrays`` right; shape (num_xrays + 1,)."""
    if not (1 <= num_tries <= MOST_TRIES and 1 <= num_xrays <= MOST_XRAYS and 0 <= chance <= 1):
        raise UsageError(
            tr(
                "Luck is computed for 1 to {most_tries:,} runs on 1 to {most_xrays:,} X-rays and a probability "
                "from 0 to 1. Received: {num_tries} runs, {num_xrays} X-rays, {chance}.",
                most_tries=MOST_TRIES,
                most_xrays=MOST_XRAYS,
                num_tries=num_tries,
                num_xrays=num_xrays,
                chance=chance,
            )
        )
    return np.minimum(np.cumsum(_binomial(num_xrays, chance)), 1.0) ** num_tries


def _binomial(num_xrays: int, chance: float) -> np.ndarray:
    """Probability of each number right, by logarithms, since 2 to the 10,000 is no float."""
    right = np.arange(num_xrays + 1)
    if chance in (0, 1):
        return (right == num_xrays * chance).astype(float)
    factorials = np.concatenate([[0.0], np.cumsum(np.log(right[1:]))])
    ways = factorials[-1] - factorials - factorials[::-1]
    return np.exp(ways + right * math.log(chance) + (num_xrays - right) * math.log1p(-chance))
