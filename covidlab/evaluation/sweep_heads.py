"""The trials of a sweep where just the head learns: those of one batch size side by side, each on the same folds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from covidlab.config import NUM_FOLDS, SPLIT_SEED, TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.data.splits import Split, grouped_folds
from covidlab.evaluation.sweep_proposals import Proposals
from covidlab.evaluation.sweep_space import RUNGS, Settings
from covidlab.learning.heads import HeadJob, HeadStack, epoch_in_steps
from covidlab.learning.updates import UpdateRule, update_rule

# The first of the ten repeats of a run's own cross-validation: a trial that is made a run has the same folds and heads there.
NUM_REPEATS = 1


@dataclass(frozen=True, kw_only=True, eq=False)
class SweepData:
    """What all trials of a sweep share.

    features: (films, views, features) float32, view 0 being the X-ray itself. folds: each film is held out once.
    seed: of the head of the first fold; the next one has the next seed.
    """

    features: np.ndarray
    labels: np.ndarray
    num_classes: int
    folds: Sequence[Split]
    rule: UpdateRule
    seed: int

    @property
    def num_films(self) -> int:
        """Number of X-rays."""
        return len(self.labels)


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldOut:
    """What the heads of one trial say of X-rays they have not seen, (films, classes), after ``epoch``.

    ``is_given_up``: before the last epoch.
    """

    place: int
    epoch: int
    probabilities: np.ndarray
    is_given_up: bool


def sweep_folds(labels: np.ndarray, patient_ids: np.ndarray) -> list[Split]:
    """Return the folds of every trial: whole patients together, as in the cross-validation of a run."""
    return grouped_folds(labels, patient_ids, num_folds=NUM_FOLDS, num_repeats=NUM_REPEATS, seed=SPLIT_SEED)[0]


def sweep_data(catalog: Catalog, features: np.ndarray, config: TrainingConfig) -> SweepData:
    """Return what the trials of a sweep with these settings share; ``features`` as in ``SweepData``."""
    labels, num_classes = catalog.labels, len(catalog.classes)
    return SweepData(
        features=features,
        labels=labels,
        num_classes=num_classes,
        folds=sweep_folds(labels, catalog.films["patient_id"].to_numpy()),
        rule=update_rule(config, labels, num_classes=num_classes),
        seed=config.seed,
    )


@dataclass(frozen=True, kw_only=True)
class TrialWatchers:
    """Whom the training of trials tells, and whom it asks.

    accuracy_of: of the held-out probabilities of a trial. on_rung: told place, epoch and accuracy after each of ``RUNGS``.
    on_end: told of each trial once it ends. on_step: called after each step; may raise to end the training.
    """

    accuracy_of: Callable[[np.ndarray], float]
    on_rung: Callable[[int, int, float], None]
    on_end: Callable[[HeldOut], None]
    on_step: Callable[[], None] = lambda: None


class SideBySide:
    """The trials at some places of a batch, all of one batch size, whose heads learn in one stack.

    Parameters
    ----------
    places : positions in ``proposals.settings``
    """

    def __init__(self, data: SweepData, proposals: Proposals, places: Sequence[int], watchers: TrialWatchers):
        self._data, self._proposals, self._watchers = data, proposals, watchers
        self._alive = list(places)
        self._jobs = {place: _jobs(data, proposals.settings[place]) for place in places}
        self._stack = HeadStack(
            [job.seed for place in places for job in self._jobs[place]],
            num_features=data.features.shape[-1],
            num_classes=data.num_classes,
            rule=data.rule,
        )

    def train(self) -> None:
        """Train until every trial has ended."""
        epoch = 0
        while self._alive:
            epoch += 1
            jobs = [job for place in self._alive for job in self._jobs[place]]
            batch_size = self._proposals.settings[self._alive[0]].batch_size
            steps = epoch_in_steps(
                self._stack, jobs, self._data.features, epoch=epoch, epochs=epoch, batch_size=batch_size
            )
            for _ in steps:
                self._watchers.on_step()
            if epoch in RUNGS or any(self._is_last(place, epoch) for place in self._alive):
                self._look(epoch)

    def _look(self, epoch: int) -> None:
        """Read the held-out X-rays; tell of the trials that end, and go on with the others."""
        held_out = _held_out(self._data, self._stack)
        goes_on = [self._goes_on(place, epoch, own) for place, own in zip(self._alive, held_out, strict=True)]
        self._alive = [place for place, still in zip(self._alive, goes_on, strict=True) if still]
        if self._alive and not all(goes_on):
            heads = np.repeat(goes_on, len(self._data.folds))
            self._stack.restore([array[heads] for array in self._stack.arrays()])

    def _goes_on(self, place: int, epoch: int, held_out: np.ndarray) -> bool:
        is_last, is_given_up = self._is_last(place, epoch), False
        if epoch in RUNGS:
            accuracy = self._watchers.accuracy_of(held_out)
            self._watchers.on_rung(place, epoch, accuracy)
            is_given_up = not is_last and self._proposals.is_hopeless(place, epoch, accuracy)
        if is_last or is_given_up:
            ended = HeldOut(place=place, epoch=epoch, probabilities=held_out, is_given_up=is_given_up)
            self._watchers.on_end(ended)
        return not (is_last or is_given_up)

    def _is_last(self, place: int, epoch: int) -> bool:
        return epoch == self._proposals.settings[place].epochs


def _jobs(data: SweepData, settings: Settings) -> list[HeadJob]:
    views = tuple(range(min(data.features.shape[1], settings.epochs)))
    return [
        HeadJob(
            films=split.train,
            labels=data.labels,
            views=views,
            learning_rate=settings.learning_rate,
            seed=data.seed + fold,
            epochs=settings.epochs,
        )
        for fold, split in enumerate(data.folds)
    ]


def _held_out(data: SweepData, stack: HeadStack) -> np.ndarray:
    """What each trial's heads say of the films they have not seen, (trials, films, classes)."""
    of_heads = stack.probabilities(data.features[:, 0])
    of_trials = of_heads.reshape(-1, len(data.folds), *of_heads.shape[1:])
    held_out = np.full((len(of_trials), data.num_films, data.num_classes), np.nan, np.float32)
    for fold, split in enumerate(data.folds):
        held_out[:, split.validation] = of_trials[:, fold, split.validation]
    return held_out
