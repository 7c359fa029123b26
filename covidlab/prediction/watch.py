"""Exchangeability watch: how strong the evidence is that a visit's X-rays do not come from where the set comes from.

A conformal test martingale (Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World", 2022, chapter 8): a player bets
against "these X-rays are like those of the set". If that is true, the chance of ever multiplying the stake by 20 is at most
1 in 20. Each X-ray's distance is ranked among those of the set and of the X-rays before it.
"""

from collections.abc import Sequence

import numpy as np

from covidlab.prediction.reference import Reference

# The stake multiplied by it: "20 to 1".
ALARM = 20.0
# Bets that nearly all X-rays rank in the farther half. They were chosen on X-rays of two other hospitals, of which they flag
# 100 and 90 of 100 visits within ten X-rays; of visits with held-out patients of the fifty they flag 3 of 100. Bets on smaller
# ranks flagged 68 of 100 visits of the second hospital (benchmarks/unlike_the_set.py).
_RANKS, _STAKES = (0.5, 0.6), (0.9, 0.95)
# Ties are broken at random, as exactness demands; a fixed seed gives the same evidence for the same X-rays.
_SEED = 20_200_316


def evidence(reference: Reference, visit_distances: Sequence[float]) -> list[float]:
    """Return by what the stake is multiplied after each X-ray of a visit, in order; 1 is no evidence.

    Parameters
    ----------
    visit_distances : the distance of each X-ray, as ``Assessment.distance``; finite
    """
    from crepes.martingales import SimpleJumper, StepBettingFunction

    if not len(visit_distances):
        return []
    bets = StepBettingFunction(Gs=list(_STAKES), A=list(_RANKS))
    return [float(value) for value in SimpleJumper(bf=bets).apply(p_values(reference, visit_distances))]


def p_values(reference: Reference, visit_distances: Sequence[float]) -> np.ndarray:
    """Return the rank of each X-ray's distance among those before it and those of the set, from above, 0 to 1."""
    generator = np.random.default_rng(_SEED)
    seen = [float(distance) for distance in reference.film_distances if np.isfinite(distance)]
    ranks = []
    for distance in visit_distances:
        earlier = np.array(seen)
        ties = (earlier == distance).sum() + 1
        ranks.append(((earlier > distance).sum() + generator.random() * ties) / (len(earlier) + 1))
        seen.append(float(distance))
    return np.array(ranks)
