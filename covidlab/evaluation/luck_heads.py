"""Learns the trials of a sweep with the real classes and with permuted ones, quickly, for the luck meter (``evaluation.luck``).

Twenty sweeps of a hundred trials are ten thousand heads. So that they take seconds, an X-ray is described by 16 numbers in place of the
512 features: its place along the directions in which the X-rays of the set differ most. The head begins with the same weights, and the
learning rate is larger, so that a step moves an answer as far. The real classes are learned in the same way, so that both are
compared alike; the accuracy of the sweep itself may differ a little.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numpy as np
from threadpoolctl import threadpool_limits

from covidlab.data.splits import Split
from covidlab.evaluation.luck import Luck, Score, judge, permuted_over_patients
from covidlab.evaluation.sweep_heads import SweepData, sweep_folds
from covidlab.evaluation.sweep_space import Settings
from covidlab.learning.heads import HeadStack
from covidlab.learning.network import DROPOUT_RATE
from covidlab.learning.schedule import dropout_masks
from covidlab.learning.trial_heads import TrialHeads

NUM_DIRECTIONS = 16
# Trials side by side, as many as a processor's cache holds with their moments.
MOST_TRIALS = 32
# All twenty sweeps drop the same units; of a large set only the last are kept.
MASK_BYTES = 100_000_000


def measure_luck(
    data: SweepData,
    settings: Sequence[Settings],
    patient_ids: np.ndarray,
    *,
    patients_known: bool = True,
    seed: int = 0,
    on_step: Callable[[], None] = lambda: None,
) -> Luck:
    """Return what the best of trials with these settings is by chance, beside the best with the real classes.

    Parameters
    ----------
    on_step : called again and again; may raise to end it
    """
    permuted = permuted_over_patients(data.labels, patient_ids, seed=seed)
    every = [(labels, sweep_folds(labels, patient_ids)) for labels in (data.labels, *permuted)]
    folds = [(labels, split, number) for labels, splits in every for number, split in enumerate(splits)]
    learner, said = _Learner(data, settings), []
    # Products so small take longer on several threads than on one, and so do two folds at once (10.5 s in place of 7).
    with threadpool_limits(1):
        for fold in folds:
            on_step()
            said.append(learner.held_out(*fold))
    found = iter(said)
    real, *by_chance = [_best_score(labels, splits, [next(found) for _ in splits]) for labels, splits in every]
    num_patients = len(np.unique(patient_ids)) if patients_known else None
    return judge(real, by_chance, num_trials=len(settings), num_films=data.num_films, num_patients=num_patients)


class _Learner:
    """Learns the trials of a sweep, those of one batch size side by side."""

    def __init__(self, data: SweepData, settings: Sequence[Settings]):
        directions, self._scale = _directions(data.features[:, 0])
        self._features = data.features @ directions
        self._data, self._groups = data, list(_groups(settings))
        seeds = [data.seed + fold for fold in range(len(data.folds))]
        heads = HeadStack(seeds, num_features=len(directions), num_classes=data.num_classes).stacked_weights()
        # What the head first answers stays the same.
        self._weights = [directions.T @ heads[0], *heads[1:]]
        bytes_an_epoch = data.num_films * heads[0].shape[-1] * np.dtype(np.float32).itemsize
        self._masks = lru_cache(maxsize=max(1, MASK_BYTES // bytes_an_epoch))(dropout_masks)

    def held_out(self, labels: np.ndarray, split: Split, fold: int) -> np.ndarray:
        """What each trial says of the X-rays of a fold that it has not seen, (trials, films, classes)."""
        return np.concatenate([self._of_group(own, labels, split, fold) for own in self._groups])

    def _of_group(self, settings: Sequence[Settings], labels: np.ndarray, split: Split, fold: int) -> np.ndarray:
        heads = TrialHeads(
            [array[fold] for array in self._weights],
            rates=[each.learning_rate * self._scale for each in settings],
            epochs=[each.epochs for each in settings],
            rule=self._data.rule,
            dropout_rate=DROPOUT_RATE,
            masks=self._masks,
        )
        seed, batch_size = self._data.seed + fold, settings[0].batch_size
        said = heads.learn(split.train, self._features, labels, batch_size=batch_size, seed=seed)
        return said[:, split.validation]


def _groups(settings: Sequence[Settings]) -> Iterator[Sequence[Settings]]:
    """Settings of one batch size each, those with most epochs first."""
    for batch_size in sorted({each.batch_size for each in settings}):
        own = sorted((each for each in settings if each.batch_size == batch_size), key=lambda each: -each.epochs)
        yield from (own[start : start + MOST_TRIALS] for start in range(0, len(own), MOST_TRIALS))


def _best_score(labels: np.ndarray, splits: Sequence[Split], held_out: Sequence[np.ndarray]) -> Score:
    """Accuracy and minus loss, on X-rays that were held out, of the best trial; held_out: of each fold (trials, films, classes)."""
    films = np.concatenate([split.validation for split in splits])
    said = np.concatenate(held_out, axis=1)
    right = (said.argmax(axis=2) == labels[films]).mean(axis=1)
    losses = -np.log(np.clip(said[:, np.arange(len(films)), labels[films]], 1e-7, 1.0)).mean(axis=1)
    return max((float(accuracy), -float(loss)) for accuracy, loss in zip(right, losses, strict=True))


def _directions(features: np.ndarray) -> tuple[np.ndarray, float]:
    """Orthonormal directions in which the X-rays differ most, (features, 16), and what learning rates are multiplied by.

    A step of Adam moves each weight by about the rate, so an answer by the rate times the sum of what the X-ray has along each.
    """
    _, _, rows = np.linalg.svd(features, full_matrices=False)
    directions = rows[:NUM_DIRECTIONS].T.astype(np.float32)
    moved = np.abs(features @ directions).sum(axis=1).mean()
    return directions, float(np.abs(features).sum(axis=1).mean() / max(moved, 1e-12))
