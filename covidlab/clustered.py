"""95 % intervals of figures over films where patients have several: as for so many independent films as the patients are worth.

Films of a patient resemble each other, so 25 films of 12 patients tell less than 25 films of 25. How much less is found by
resampling: each patient is left out once, with all films, and the figure is computed again (the jackknife). A score interval then takes
that many films in place of all: E. L. Korn and B. I. Graubard (1998), Confidence intervals for proportions with small expected number
of positive counts estimated from survey data, Survey Methodology 24, 193-201. B. Efron and C. Stein (1981), The jackknife estimate of
variance, Annals of Statistics 9, 586-596, doi 10.1214/aos/1176345462.

`benchmarks/interval_coverage.py` prints how often the intervals hold a simulated truth. Nothing here knows of a model; no SciPy.
"""

import numpy as np

from covidlab.intervals import CONFIDENCE, newcombe_interval, wilson_interval
from covidlab.student_t import two_sided_quantile

# A variance below it is none.
_NOTHING = 1e-12


def ratio_interval(
    value: float, numerator: np.ndarray, denominator: np.ndarray, patients: np.ndarray
) -> tuple[float, float]:
    """95 % interval of a share of films.

    Parameters
    ----------
    value : the share; of repeats the figure that stands for them
    numerator, denominator : (num_repeats, n) what each film adds to both; of no film more than 1 to the denominator, which is above 0 in
        at least one repeat
    patients : (n,) int, from 0

    Returns
    -------
    (low, high) in [0, 1]

    Notes
    -----
    Wilson's interval with the number of independent films that have the jackknife's variance; by Korn and Graubard it is reduced by the
    squared ratio of Student's quantiles, since few patients do not tell it well. It is never above that of the films, nor below 1.
    Where all films are right or all wrong, nothing is known of how patients differ, and films of a patient count as if they were all alike
    (L. Kish 1965, Survey Sampling: the square of the sum of what patients have over the sum of the squares). No other value has a
    better bound than that one: an error more must not promise more.
    """
    number, fewest = independent_films(value, numerator, denominator, patients)
    low, high = wilson_interval(value * number, number)
    all_right = wilson_interval(fewest, fewest)[0]
    return min(low, all_right), max(high, 1 - all_right)


def independent_films(
    value: float, numerator: np.ndarray, denominator: np.ndarray, patients: np.ndarray
) -> tuple[float, float]:
    """How many independent films tell as much of a share, and how many would if the films of a patient were all alike.

    Parameters as of ``ratio_interval``.
    """
    parts = np.zeros((2, patients.max() + 1, len(denominator)))
    np.add.at(parts, (slice(None), patients), np.stack([numerator.T, denominator.T]))
    parts = parts[:, :, parts[1].sum(axis=0) > 0]
    weights = parts[1].mean(axis=1)
    parts, weights = parts[:, weights > 0], weights[weights > 0]
    above, below = parts.sum(axis=1, keepdims=True) - parts
    return _worth(value * (1 - value), _mean_ratio(above, below), weights), _fewest(weights)


def area_interval(area: float, positive: np.ndarray, scores: np.ndarray, patients: np.ndarray) -> tuple[float, float]:
    """95 % interval of the area under a ROC curve.

    Parameters
    ----------
    area : the area; of repeats the figure that stands for them
    positive : (n,) bool, both kinds at least once
    scores : (num_repeats, n)
    patients : (n,) int, from 0

    Returns
    -------
    (low, high) in [0, 1]

    Notes
    -----
    Newcombe's interval with both numbers of films divided by the design effect: the jackknife's variance over patients over that over
    films. Where the films do not differ (an area of 1), and where a side has one patient, the patients of each side are taken for its
    films; no other area has a better bound.
    """
    fewest = [len(np.unique(patients[side])) for side in (positive, ~positive)]
    effect = _design_effect(positive, scores, patients) if min(fewest) > 1 else None
    used = fewest if effect is None else [max(side.sum() / effect, 1.0) for side in (positive, ~positive)]
    low, high = newcombe_interval(area, *used)
    all_right = newcombe_interval(1.0, *fewest)[0]
    return min(low, all_right), max(high, 1 - all_right)


def pairs_in_order(positive: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Of each film, how many films of the other side it is in the right order with, ties half; (n,) from scores (n,)."""
    above, below = np.sort(scores[positive]), np.sort(scores[~positive])
    pairs = np.empty(len(scores))
    pairs[positive] = _less(below, scores[positive])
    pairs[~positive] = len(above) - _less(above, scores[~positive])
    return pairs


def _less(ordered: np.ndarray, values: np.ndarray) -> np.ndarray:
    """How many of ``ordered`` are less than each value, ties half."""
    return (np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")) / 2


def _worth(spread: float, without: np.ndarray, weights: np.ndarray) -> float:
    """How many independent films tell as much; ``spread`` is the variance of one, ``without`` the figure without each patient."""
    num_films, fewest = float(weights.sum()), _fewest(weights)
    if spread < _NOTHING or len(without) < 2 or fewest > num_films - _NOTHING:
        return min(fewest, num_films)
    degrees = (max(round(num_films) - 1, 1), len(without) - 1)
    over_films, over_patients = (two_sided_quantile(1 - CONFIDENCE, number) for number in degrees)
    worth = spread / max(jackknife_variance(without), _NOTHING) * (over_films / over_patients) ** 2
    return min(max(worth, 1.0), num_films)


def _design_effect(positive: np.ndarray, scores: np.ndarray, patients: np.ndarray) -> float | None:
    """Variance of the area over patients to that over films, at least 1; None where the films do not tell it."""
    films = np.arange(len(positive))
    over_films, over_patients = (
        jackknife_variance(areas_without(positive, scores, groups)) for groups in (films, patients)
    )
    if not over_films > _NOTHING:
        return None
    return max(1.0, over_patients / over_films)


def areas_without(positive: np.ndarray, scores: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Area without each group of films, mean over the repeats; nan for a group without which a side is empty.

    Parameters
    ----------
    positive : (n,) bool
    scores : (num_repeats, n)
    groups : (n,) int, from 0
    """
    own = [np.bincount(groups[side], minlength=groups.max() + 1) for side in (positive, ~positive)]
    all_pairs = (own[0].sum() - own[0]) * (own[1].sum() - own[1])
    all_pairs = np.where(all_pairs > 0, all_pairs, np.nan)
    both = np.flatnonzero(own[0] * own[1])
    films_of = _films_of(groups) if len(both) else []
    areas = np.zeros(len(all_pairs))
    for repeat in scores:
        pairs, inside = pairs_in_order(positive, repeat), np.zeros(len(all_pairs))
        for group in both:
            films = films_of[group]
            inside[group] = pairs_in_order(positive[films], repeat[films])[positive[films]].sum()
        of_group = np.bincount(groups, weights=pairs, minlength=len(all_pairs))
        # Pairs within a group were taken away with its films of either side.
        areas += (pairs[positive].sum() - of_group + inside) / all_pairs / len(scores)
    return areas


def _films_of(groups: np.ndarray) -> list[np.ndarray]:
    """Positions of the films of each group."""
    return np.split(np.argsort(groups, kind="stable"), np.cumsum(np.bincount(groups))[:-1])


def jackknife_variance(without: np.ndarray) -> float:
    """Variance of a figure from its values without each patient, (num_patients,); nan for fewer than two patients."""
    without = without[np.isfinite(without)]
    number = len(without)
    return (number - 1) / number * float(np.square(without - without.mean()).sum()) if number > 1 else np.nan


def _mean_ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Mean over the repeats of the ratios that are defined; (patients,) without those of whom none is."""
    defined = below > _NOTHING
    ratios = np.divide(above, below, out=np.zeros(above.shape), where=defined)
    numbers = defined.sum(axis=1)
    return ratios.sum(axis=1)[numbers > 0] / numbers[numbers > 0]


def _fewest(weights: np.ndarray) -> float:
    """Kish's number of independent films where those of a patient are all alike."""
    return float(weights.sum() ** 2 / np.square(weights, dtype=float).sum())
