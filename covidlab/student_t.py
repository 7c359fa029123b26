"""Student's t distribution for whole degrees of freedom, without SciPy, which the server does not load.

M. Abramowitz and I. A. Stegun (1964), Handbook of Mathematical Functions, 26.7.3 to 26.7.5. A test holds it equal to SciPy's.
"""

import math
from functools import lru_cache
from statistics import NormalDist

# From so many on, a series of five terms is right to eight places, and sums over the degrees would take long.
_MANY = 200


def two_sided_p(t: float, degrees: int) -> float:
    """Return how often a value at least this far from 0 comes by chance; in [0, 1]."""
    return max(0.0, 1.0 - _within(abs(t), degrees))


@lru_cache(maxsize=256)
def two_sided_quantile(level: float, degrees: int) -> float:
    """Return how far from 0 a value lies that chance exceeds with probability ``level``; in (0, 1)."""
    if degrees > _MANY:
        return _series(NormalDist().inv_cdf(1 - level / 2), degrees)
    low, high = 0.0, 1.0
    while two_sided_p(high, degrees) > level:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if two_sided_p(middle, degrees) > level else (low, middle)
    return (low + high) / 2


def _series(z: float, degrees: int) -> float:
    """Quantile from that of the normal distribution: terms of 1 / degrees."""
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / degrees**power for power, term in enumerate(terms, start=1))


def _within(t: float, degrees: int) -> float:
    """Probability of a value between -t and t."""
    angle = math.atan2(t, math.sqrt(degrees))
    sine, cosine = math.sin(angle), math.cos(angle)
    if degrees % 2:
        total, term = 0.0, cosine
        for k in range(1, (degrees - 1) // 2 + 1):
            total += term
            term *= cosine**2 * 2 * k / (2 * k + 1)
        return 2 / math.pi * (angle + sine * total)
    total, term = 0.0, 1.0
    for k in range(1, degrees // 2 + 1):
        total += term
        term *= cosine**2 * (2 * k - 1) / (2 * k)
    return sine * total
