"""A trial of a sweep where more than the head learns: one fold after another, each as a run would train it."""

from collections.abc import Callable, Sequence

import numpy as np

from covidlab.config import TrainingConfig
from covidlab.data.splits import Split
from covidlab.learning.building import build_learner
from covidlab.learning.trainer import Diverged, Inputs, Watchers, fit, predict_films
from covidlab.learning.updates import UpdateRule


def held_out_by_folds(
    config: TrainingConfig,
    inputs: Inputs,
    labels: np.ndarray,
    classes: Sequence[str],
    folds: Sequence[Split],
    *,
    precision: str,
    rule: UpdateRule,
    on_step: Callable[[], None],
) -> np.ndarray:
    """Return what a network trained on each fold says of the X-rays it has not seen, (films, classes); nan where it diverged.

    Parameters
    ----------
    config : settings of the trial; the next fold has the next seed
    inputs : as ``learning.trainer.fit`` takes them
    on_step : called after each step; may raise to end the training
    """
    held_out = np.full((len(labels), len(classes)), np.nan, np.float32)
    watchers = Watchers(on_step=lambda result: on_step(), on_epoch=lambda result: None, should_stop=lambda: False)
    for fold, split in enumerate(folds):
        own = TrainingConfig.from_dict({**config.to_dict(), "seed": config.seed + fold, "patience": 0})
        learner, _ = build_learner(own, classes, precision=precision, rule=rule)
        try:
            fit(learner, inputs, labels, split, own, watchers)
        except Diverged:
            return np.full_like(held_out, np.nan)
        held_out[split.validation] = predict_films(learner, inputs, split.validation)
    return held_out
