"""Exchangeability watch: how strong the evidence is that a visit's X-rays do not come from where the set comes from.

A conformal test martingale (Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World", 2022, chapter 8): a player bets
against "these X-rays are like those of the set". If that is true, the chance of ever multiplying the stake by 20 is at most
1 in 20. Half of the stake goes on each X-ray's distance to the set, half on its distance to the class whose X-rays are most alike;
each is ranked among those of the set and of the X-rays before it. The mean of two martingales is one too.
"""

from collections.abc import Sequence

import numpy as np

from covidlab.prediction.reference import Reference

# The stake multiplied by it: "20 to 1".
ALARM = 20.0
# Bets that nearly all X-rays rank in the farther half, chosen on two sets of X-rays of adults; the distance to a class was chosen on
# half of their patients. Of 2,000 visits of ten X-rays of the other half they flag all, for either set; of 2,000 visits with held-out
# patients of the fifty 78 (3.9 %). The distance to the set alone flags 1,858 of 2,000 visits of the second set. Adults' X-rays rank
# so because the fifty's normal X-rays, which are most alike, are children's: X-rays of COVID-19 alone are flagged too, 2,000 of 2,000
# visits with held-out patients of the fifty (1,973 by the distance to the set alone) and 1,963 of 2,000 of their collection (791;
# benchmarks/unlike_the_set.py).
_RANKS, _STAKES = (0.5, 0.6), (0.9, 0.95)
# Ties are broken at random, as exactness demands; a fixed seed gives the same evidence for the same X-rays.
_SEED = 20_200_316


def evidence(
    reference: Reference, visit_distances: Sequence[float], class_distances: Sequence[float | None] = ()
) -> list[float]:
    """Return by what the stake is multiplied after each X-ray of a visit, in order; 1 is no evidence.

    Parameters
    ----------
    visit_distances : the distance of each X-ray, as ``Assessment.distance``; finite
    class_distances : as ``Assessment.class_distance``, None where it is unknown; nothing is bet on them where none are given
    """
    if not len(visit_distances):
        return []
    grown = _grown(reference.film_distances, visit_distances)
    # Where some X-rays of the set have no such distance, the others' would not be like those of a visit.
    if len(class_distances) and np.isfinite(reference.film_class_distances).all():
        grown = (grown + _grown(reference.film_class_distances, class_distances)) / 2
    return [float(value) for value in grown]


def _grown(film_distances: np.ndarray, visit_distances: Sequence[float | None]) -> np.ndarray:
    """What bets on one distance multiply the stake by after each X-ray; no bet on one whose distance is unknown."""
    from crepes.martingales import SimpleJumper, StepBettingFunction

    # None becomes nan.
    visit = np.array(visit_distances, float)
    known = np.isfinite(visit)
    ranks = p_values(film_distances, visit[known])
    bets = StepBettingFunction(Gs=list(_STAKES), A=list(_RANKS))
    return np.concatenate([[1.0], SimpleJumper(bf=bets).apply(ranks)])[known.cumsum()]


def p_values(film_distances: np.ndarray, visit_distances: Sequence[float]) -> np.ndarray:
    """Return the rank of each X-ray's distance among those before it and those of the set, from above, 0 to 1."""
    generator = np.random.default_rng(_SEED)
    seen = [float(distance) for distance in film_distances if np.isfinite(distance)]
    ranks = []
    for distance in visit_distances:
        earlier = np.array(seen)
        ties = (earlier == distance).sum() + 1
        ranks.append(((earlier > distance).sum() + generator.random() * ties) / (len(earlier) + 1))
        seen.append(float(distance))
    return np.array(ranks)
