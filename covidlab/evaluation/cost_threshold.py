"""The threshold with the lowest cost on X-rays whose class is known, for use on others."""

import numpy as np


def cheapest_threshold(probabilities: np.ndarray, is_positive: np.ndarray, *, cost: float) -> float:
    """Return the probability from which on calling a film one of the class costs least.

    Parameters
    ----------
    probabilities : (n,) float, of the class
    is_positive : (n,) bool, whether a film is of the class
    cost : of a film of the class that is missed, where one that is called so in error costs 1

    Notes
    -----
    Every way to divide these films is tried, halfway between two answers. Of several with the lowest cost the one nearest to
    1 / (1 + cost) is taken, where calibrated probabilities would put it: C. Elkan (2001), The foundations of cost-sensitive
    learning, IJCAI, 973-978.
    """
    answers, place = np.unique(np.asarray(probabilities, dtype=float), return_inverse=True)
    of_class = np.bincount(place, weights=np.asarray(is_positive, dtype=float))
    others = np.bincount(place) - of_class
    # With threshold number k the k lowest answers are left out of the class.
    missed = np.concatenate([[0.0], np.cumsum(of_class)])
    in_error = others.sum() - np.concatenate([[0.0], np.cumsum(others)])
    costs = cost * missed + in_error
    thresholds = np.concatenate([[0.0], (answers[:-1] + answers[1:]) / 2, [np.nextafter(max(1.0, answers[-1]), 2.0)]])
    cheapest = thresholds[costs <= costs.min() + 1e-9]
    return float(cheapest[np.abs(cheapest - 1 / (1 + cost)).argmin()])
