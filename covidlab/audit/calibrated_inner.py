"""Answers within the training part of each fold, from heads that have seen neither the fold nor the X-ray: for all that is fitted."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from covidlab.audit.data import AuditData
from covidlab.config import NUM_REPEATS
from covidlab.data.splits import Split
from covidlab.errors import DataError, UsageError
from covidlab.language import tr
from covidlab.text import plain_number


@dataclass(frozen=True, kw_only=True, eq=False)
class NestedAnswers:
    """What heads say of X-rays whose patient they have not seen.

    outer: (repeats, films, classes), of the folds of the cross-validation. inner: (repeats, folds, films, classes), of heads that have
    not seen that fold either; nan for the X-rays of the fold itself. fold_of: (repeats, films) int, in which an X-ray is held out.
    """

    outer: np.ndarray
    inner: np.ndarray
    fold_of: np.ndarray

    @property
    def num_folds(self) -> int:
        """Number of folds of a repeat."""
        return self.inner.shape[1]


def nested_answers(data: AuditData, *, on_share: Callable[[float], None] = lambda share: None) -> NestedAnswers:
    """Train the heads of the folds, and for each two folds one without both; at most ``NUM_REPEATS`` repeats, all side by side.

    A head without the folds j and k reads fold k where j is held out, and fold j where k is: so half as many are needed as for a
    cross-validation within each training part, whose folds are the same.

    Raises DataError where without two folds a class is missing, and UsageError where the heads diverge.
    """
    repeats = data.repeats[:NUM_REPEATS]
    num_folds = len(repeats[0])
    pairs = list(combinations(range(num_folds), 2))
    within = [_without_both(data, repeat[j], repeat[k]) for repeat in repeats for j, k in pairs]
    features = data.view_features()
    stack = data.train(
        features,
        [split for repeat in repeats for split in repeat] + within,
        on_epoch=lambda epoch, stack: on_share(epoch / data.config.epochs),
    )
    with data.device.scope():
        said = stack.probabilities(features[:, 0])
    if not np.isfinite(said).all():
        raise UsageError(
            tr(
                "With these settings the heads diverge, so there are no probabilities to judge. Choose a run "
                "with a smaller learning rate. Received: {decimal_text}.",
                decimal_text=plain_number(data.config.learning_rate),
            )
        )
    num_films, num_classes = said.shape[1:]
    outer = np.full((len(repeats), num_films, num_classes), np.nan, np.float32)
    inner = np.full((len(repeats), num_folds, num_films, num_classes), np.nan, np.float32)
    fold_of = np.zeros((len(repeats), num_films), int)
    of_pair = iter(said[len(repeats) * num_folds :])
    for number, repeat in enumerate(repeats):
        for fold, split in enumerate(repeat):
            fold_of[number, split.validation] = fold
            outer[number, split.validation] = said[number * num_folds + fold, split.validation]
        for j, k in pairs:
            own = next(of_pair)
            for held_out, read in ((j, k), (k, j)):
                inner[number, held_out, repeat[read].validation] = own[repeat[read].validation]
    return NestedAnswers(outer=outer, inner=inner, fold_of=fold_of)


def _without_both(data: AuditData, first: Split, second: Split) -> Split:
    """The X-rays in neither fold to learn from, those of both held out."""
    train = np.intersect1d(first.train, second.train)
    if len(np.unique(data.labels[train])) < data.num_classes:
        raise DataError(
            tr(
                "Calibration within the folds needs X-rays of every class where two folds are left out. Add "
                "X-rays of more patients. Received: {num_train} X-rays without two of {num_folds} folds.",
                num_train=len(train),
                num_folds=_num_folds(data),
            )
        )
    return Split(train, np.union1d(first.validation, second.validation))


def _num_folds(data: AuditData) -> int:
    return len(data.repeats[0])
