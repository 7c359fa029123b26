"""Learns the trials of a sweep with the real classes and with permuted ones, quickly, for the luck meter (``evaluation.luck``).

Twenty sweeps of a hundred trials are ten thousand heads. So that they take seconds, an X-ray is described by 16 numbers in place of the
512 features: its place along the directions in which the X-rays of the set differ most. The head begins with the same weights, and the
learning rate is larger, so that a step moves an answer as far. The real classes are learned in the same way, so that both are
compared alike; the accuracy of the sweep itself may differ a little.
"""

from collections.abc import Callable, Sequence

import numpy as np

from covidlab.evaluation.luck import Luck, Score, judge, permuted_over_patients
from covidlab.evaluation.sweep_heads import SweepData, sweep_folds
from covidlab.evaluation.sweep_space import Settings
from covidlab.learning.heads import HeadJob, HeadStack, epoch_arrays
from covidlab.learning.schedule import decayed_rate
from covidlab.learning.updates import UpdateRule

NUM_DIRECTIONS = 16
# Heads of one stack: half as many take a tenth longer for all, since each step has a cost of its own.
MOST_HEADS = 1500


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
    every = [data.labels, *permuted]
    directions, scale = _directions(data.features[:, 0])
    features = data.features @ directions
    tables = [_Classes(labels, sweep_folds(labels, patient_ids), data, directions) for labels in every]
    scores: list[list[Score]] = [[] for _ in every]
    for batch_size in sorted({each.batch_size for each in settings}):
        own = sorted((each for each in settings if each.batch_size == batch_size), key=lambda each: -each.epochs)
        at_once = max(1, MOST_HEADS // (len(own) * len(tables[0].jobs)))
        for start in range(0, len(tables), at_once):
            chunk = tables[start : start + at_once]
            found = _train(chunk, own, features, scale, data.rule, on_step)
            for place, of_one in enumerate(found, start):
                scores[place] += of_one
    real, *by_chance = [max(of_one) for of_one in scores]
    num_patients = len(np.unique(patient_ids)) if patients_known else None
    return judge(real, by_chance, num_trials=len(settings), num_films=data.num_films, num_patients=num_patients)


class _Classes:
    """One way to give classes to the X-rays: its folds, and a head for each."""

    def __init__(self, labels: np.ndarray, folds: Sequence, data: SweepData, directions: np.ndarray):
        self.labels, self.folds = labels, folds
        views = tuple(range(data.features.shape[1]))
        self.jobs = [
            HeadJob(films=split.train, labels=labels, views=views, learning_rate=1.0, seed=data.seed + fold)
            for fold, split in enumerate(folds)
        ]
        heads = HeadStack(
            [job.seed for job in self.jobs], num_features=len(directions), num_classes=data.num_classes
        ).stacked_weights()
        # What the head first answers stays the same.
        self.weights = [directions.T @ heads[0], *heads[1:]]


def _train(
    tables: Sequence[_Classes],
    settings: Sequence[Settings],
    features: np.ndarray,
    scale: float,
    rule: UpdateRule,
    on_step: Callable[[], None],
) -> list[list[Score]]:
    """The score of every trial with every way to give classes; trials of one batch size, those with most epochs first.

    Heads lie trial by trial, in each the folds of the first way, of the second, and so on.
    """
    jobs = [job for table in tables for job in table.jobs]
    epochs = np.repeat([each.epochs for each in settings], len(jobs))
    rates = np.repeat([each.learning_rate * scale for each in settings], len(jobs)).astype(np.float32)
    stack = HeadStack([0], num_features=1, num_classes=tables[0].weights[-1].shape[-1], rule=rule)
    weights = [np.concatenate(arrays) for arrays in zip(*(table.weights for table in tables), strict=True)]
    stack.restore_weights([np.tile(array, (len(settings), 1, 1)) for array in weights])
    own_steps = np.array([-(-len(job.films) // settings[0].batch_size) for job in jobs])
    scores: list[list[Score]] = [[] for _ in tables]
    for epoch in range(1, settings[0].epochs + 1):
        num_trials = int((epochs >= epoch).sum()) // len(jobs)
        heads = num_trials * len(jobs)
        rows, views, labels, sample_weights, masks = epoch_arrays(jobs, epoch=epoch, batch_size=settings[0].batch_size)
        inputs = (features[rows, views[:, None, None]], labels, sample_weights, masks)
        batches = zip(*(_by_step(array, num_trials) for array in inputs), strict=True)
        for step, batch in enumerate(batches):
            done = np.tile((epoch - 1) * own_steps + step, num_trials)
            stack.train_batch(*batch, decayed_rate(rates[:heads], epochs=epochs[:heads], step=done))
            on_step()
        ended = int((epochs == epoch).sum()) // len(jobs)
        if ended:
            answers = stack.probabilities(features[:, 0]).reshape(num_trials, len(jobs), *features.shape[:1], -1)
            for of_trial in answers[num_trials - ended :]:
                for place, table in enumerate(tables):
                    folds = len(table.jobs)
                    scores[place].append(_score(table, of_trial[place * folds : (place + 1) * folds]))
            stack.restore([array[: heads - ended * len(jobs)] for array in stack.arrays()])
    return scores


def _by_step(array: np.ndarray, number: int) -> np.ndarray:
    """(heads, steps, ...) as (steps, heads, ...), all heads ``number`` times."""
    stepwise = np.moveaxis(array, 1, 0)
    return np.tile(stepwise, (1, number, *[1] * (array.ndim - 2)))


def _score(table: _Classes, of_heads: np.ndarray) -> Score:
    """Accuracy and minus loss on X-rays that were held out, from what each fold's head says of all, (folds, films, classes)."""
    held_out = np.empty(of_heads.shape[1:], np.float32)
    for fold, split in enumerate(table.folds):
        held_out[split.validation] = of_heads[fold, split.validation]
    of_truth = held_out[np.arange(len(held_out)), table.labels]
    loss = -np.log(np.clip(of_truth, 1e-7, 1.0)).mean()
    return float((held_out.argmax(axis=1) == table.labels).mean()), -float(loss)


def _directions(features: np.ndarray) -> tuple[np.ndarray, float]:
    """Orthonormal directions in which the X-rays differ most, (features, 16), and what learning rates are multiplied by.

    A step of Adam moves each weight by about the rate, so an answer by the rate times the sum of what the X-ray has along each.
    """
    _, _, rows = np.linalg.svd(features, full_matrices=False)
    directions = rows[:NUM_DIRECTIONS].T.astype(np.float32)
    moved = np.abs(features @ directions).sum(axis=1).mean()
    return directions, float(np.abs(features).sum(axis=1).mean() / max(moved, 1e-12))
