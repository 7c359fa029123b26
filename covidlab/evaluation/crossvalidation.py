"""Repeated cross-validation of the head, patients kept together where known, every fold of every repeat side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from covidlab.config import NUM_FOLDS, NUM_REPEATS, SPLIT_SEED, TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.data.splits import Split, grouped_folds
from covidlab.learning.heads import HeadJob, HeadStack, train_heads
from covidlab.learning.updates import UpdateRule, update_rule

ReadHeldOut = Callable[[], np.ndarray]


@dataclass(frozen=True, kw_only=True, eq=False)
class CrossValidation:
    """What the heads of all folds of all repeats say of the X-rays they have not seen, and the heads.

    probabilities: (repeats, films, classes), each film read by a head that has not seen its patient. folds: number of folds,
    smaller than 5 where a class has fewer patients. fold_of: (repeats, films) int, the fold in which a film was held out.
    weights: of repeats x folds heads, stacked as ``learning.heads`` does, repeat by repeat.
    """

    probabilities: np.ndarray
    folds: int
    fold_of: np.ndarray
    weights: tuple[np.ndarray, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class FoldPlan:
    """The heads of all folds of all repeats: ``jobs`` repeat by repeat, to be trained by ``rule``."""

    repeats: Sequence[Sequence[Split]]
    jobs: Sequence[HeadJob]
    rule: UpdateRule
    num_films: int
    num_classes: int

    @property
    def num_folds(self) -> int:
        """Number of folds of a repeat."""
        return len(self.repeats[0])

    def held_out(self, stack: HeadStack, features: np.ndarray) -> np.ndarray:
        """Return what the heads say of films they have not seen, as ``CrossValidation.probabilities``."""
        of_every_head = stack.probabilities(features[:, 0])
        probabilities = np.full((len(self.repeats), self.num_films, self.num_classes), np.nan, np.float32)
        for head, (repeat, fold) in enumerate(np.ndindex(len(self.repeats), self.num_folds)):
            films = self.repeats[repeat][fold].validation
            probabilities[repeat, films] = of_every_head[head, films]
        return probabilities

    def fold_of(self) -> np.ndarray:
        """Return the fold in which a film is held out, (repeats, films) int."""
        folds = np.zeros((len(self.repeats), self.num_films), int)
        for repeat, fold in np.ndindex(len(self.repeats), self.num_folds):
            folds[repeat, self.repeats[repeat][fold].validation] = fold
        return folds


def plan_folds(catalog: Catalog, config: TrainingConfig) -> FoldPlan:
    """Return the heads that ``cross_validate_head`` trains."""
    labels, num_classes = catalog.labels, len(catalog.classes)
    patient_ids = catalog.films["patient_id"].to_numpy()
    repeats = grouped_folds(labels, patient_ids, num_folds=NUM_FOLDS, num_repeats=NUM_REPEATS, seed=SPLIT_SEED)
    jobs = [
        HeadJob(
            films=split.train,
            labels=labels,
            views=tuple(config.used_views),
            learning_rate=config.learning_rate,
            seed=config.seed + number,
        )
        for number, split in enumerate(split for splits in repeats for split in splits)
    ]
    rule = update_rule(config, labels, num_classes=num_classes)
    return FoldPlan(repeats=repeats, jobs=jobs, rule=rule, num_films=catalog.num_films, num_classes=num_classes)


def cross_validate_head(
    catalog: Catalog,
    features: np.ndarray,
    config: TrainingConfig,
    *,
    last_epoch: int | None = None,
    on_epoch: Callable[[int, ReadHeldOut], None] = lambda epoch, read: None,
) -> CrossValidation:
    """Train a head on every fold with the run's settings and let it read the films it has not seen.

    Patients stay on one side whatever the run's own split does; where a patient is not known, the X-ray counts as one of
    its own. The folds are drawn from a fixed seed, so that runs
    with other settings are compared on the same folds.

    Parameters
    ----------
    features : (films, used views, features) float32, view 0 being the film as it is
    last_epoch : where the heads end, if that is before ``config.epochs`` (a run that was stopped early)
    on_epoch : called before the first epoch, with 0, and after each; what it is given with the epoch returns the held-out
        probabilities so far, as ``CrossValidation.probabilities``; may raise to end the training
    """
    plan = plan_folds(catalog, config)
    stack = train_heads(
        plan.jobs,
        features,
        num_classes=plan.num_classes,
        epochs=config.epochs,
        batch_size=config.batch_size,
        last_epoch=last_epoch,
        rule=plan.rule,
        on_epoch=lambda epoch, stack: on_epoch(epoch, lambda: plan.held_out(stack, features)),
    )
    return CrossValidation(
        probabilities=plan.held_out(stack, features),
        folds=plan.num_folds,
        fold_of=plan.fold_of(),
        weights=tuple(stack.stacked_weights()),
    )
