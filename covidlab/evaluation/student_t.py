"""Student's t distribution for whole degrees of freedom, without SciPy, which the server does not load.

M. Abramowitz and I. A. Stegun (1964), Handbook of Mathematical Functions, 26.7.3 and 26.7.4. A test holds it equal to SciPy's.
"""

import math
from functools import lru_cache


def two_sided_p(t: float, degrees: int) -> float:
    """Return how often a value at least this far from 0 comes by chance; in [0, 1]."""
    return max(0.0, 1.0 - _within(abs(t), degrees))


@lru_cache(maxsize=256)
def two_sided_quantile(level: float, degrees: int) -> float:
    """Return how far from 0 a value lies that chance exceeds with probability ``level``; in (0, 1)."""
    low, high = 0.0, 1.0
    while two_sided_p(high, degrees) > level:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if two_sided_p(middle, degrees) > level else (low, middle)
    return (low + high) / 2


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
