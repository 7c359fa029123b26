"""What a sweep says of its settings: how much each matters, and the accuracy expected between the trials, for contour plots."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from covidlab.evaluation.sweep_proposals import distributions_of, study_of
from covidlab.evaluation.sweep_space import FINISHED, SweepConfig, Trial

# Fewer say nothing of how much a setting matters.
LEAST_TRIALS = 10
PAIRS = (("learning_rate", "epochs"), ("learning_rate", "batch_size"))
# Numbers that count by their ratios.
LOGARITHMIC = ("learning_rate", "batch_size")
_COLUMNS, _ROWS = 33, 17
# How far a trial reaches, in parts of an axis.
_REACH = 0.12


def importance(sweep: SweepConfig, trials: Sequence[Trial]) -> dict[str, dict[str, float]]:
    """Return by method how much of the differences in accuracy each setting explains; empty where that cannot be said.

    "fanova": F. Hutter, H. Hoos and K. Leyton-Brown (2014), An efficient approach for assessing hyperparameter importance; shares of
    all differences, from the finished trials. "ped_anova": S. Watanabe, A. Bansal and F. Hutter (2023), PED-ANOVA, doi
    10.24963/ijcai.2023/488; of what makes the better trials better. Both as Optuna computes them.
    """
    finished = [trial for trial in trials if trial.state == FINISHED]
    if len(finished) < LEAST_TRIALS or len({trial.accuracy for trial in finished}) < 2 or not distributions_of(sweep):
        return {}
    from optuna.importance import FanovaImportanceEvaluator, PedAnovaImportanceEvaluator, get_param_importances

    study = study_of(sweep, finished)
    evaluators = {"fanova": FanovaImportanceEvaluator(seed=sweep.seed), "ped_anova": PedAnovaImportanceEvaluator()}
    found = {name: get_param_importances(study, evaluator=evaluator) for name, evaluator in evaluators.items()}
    return {name: {setting: float(share) for setting, share in shares.items()} for name, shares in found.items()}


def contours(sweep: SweepConfig, trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """Return for each pair of settings that vary the smoothed accuracy on a grid: x, y, their values, z in [0, 1].

    Each place has the mean of the finished trials, weighted by how near they are (E. A. Nadaraya 1964, G. S. Watson 1964); None where
    no trial is near.
    """
    finished = [trial for trial in trials if trial.state == FINISHED]
    ends = {
        "learning_rate": sweep.learning_rates,
        "batch_size": (sweep.batch_levels[0], sweep.batch_levels[-1]),
        "epochs": sweep.epochs,
    }
    pairs = [pair for pair in PAIRS if all(ends[name][0] < ends[name][1] for name in pair)]
    return [_contour(finished, pair, [ends[name] for name in pair]) for pair in pairs] if finished else []


def _contour(trials: Sequence[Trial], pair: tuple[str, str], ends: Sequence[tuple[float, float]]) -> dict[str, Any]:
    axes = [np.linspace(0, 1, number) for number in (_COLUMNS, _ROWS)]
    places = [
        np.array([_place(getattr(trial.settings, name), name, *end) for trial in trials])
        for name, end in zip(pair, ends, strict=True)
    ]
    near = [np.exp(-0.5 * ((axis[:, None] - place) / _REACH) ** 2) for axis, place in zip(axes, places, strict=True)]
    weights = near[1][:, None] * near[0]  # (rows, columns, trials)
    total = weights.sum(axis=-1)
    smoothed = weights @ np.array([trial.accuracy for trial in trials]) / np.maximum(total, 1e-12)
    # A trial two reaches away is no neighbour.
    grid = [
        [round(z, 4) if near_by >= math.exp(-2) else None for z, near_by in zip(*row, strict=True)]
        for row in zip(smoothed.tolist(), total.tolist(), strict=True)
    ]
    x, y = ([_value(place, name, *end) for place in axis] for axis, name, end in zip(axes, pair, ends, strict=True))
    return {"x_name": pair[0], "y_name": pair[1], "x": x, "y": y, "z": grid}


def _place(value: float, name: str, low: float, high: float) -> float:
    """Where a value lies on its axis, 0 to 1."""
    if name in LOGARITHMIC:
        value, low, high = math.log(value), math.log(low), math.log(high)
    return (value - low) / (high - low)


def _value(place: float, name: str, low: float, high: float) -> float:
    if name in LOGARITHMIC:
        return float(low * (high / low) ** place)
    return float(low + place * (high - low))
