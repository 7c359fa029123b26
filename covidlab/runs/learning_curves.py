"""What the curves of a run say of it: whether it learned, overfitted, diverged or did nothing. The narrator and guesses ask here.

Training loss is noisy: dropout and few X-rays move it by half from epoch to epoch. So the first epochs are compared with the
last by their medians, and the validation loss is smoothed over three epochs.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from covidlab.config import TrainingConfig
from covidlab.errors import RunError
from covidlab.runs.learning_record import load_crossed
from covidlab.runs.over_splits import describe_splits
from covidlab.runs.status import State
from covidlab.runs.store import Run

# With fewer epochs nothing is said of where a curve is going.
FEWEST_EPOCHS = 6
# Epochs whose median stands for the beginning and for the end.
WINDOW = 5
# A rise counts as one after so many epochs.
LONG_ENOUGH = 3
# The median of the last epochs over the lowest such median: from here on the training loss grows.
GROWTH = 1.5
# A training loss of an epoch above this is far above what guessing costs, which is 0.69 with two classes.
BURST = 10.0
# A training loss that keeps more than this part of its beginning has learned nothing, where its accuracy has not risen either.
LEAST_FALL = 0.85
# The validation loss rises where it ends this much above its lowest value, in part and in absolute terms.
RISE, LEAST_RISE = 1.2, 0.1
CROSSED_COLUMNS = ("epoch", "accuracy", "low", "high")


@dataclass(frozen=True, kw_only=True, eq=False)
class Curves:
    """The curves of one run so far, and what is needed to judge them.

    history: columns epoch, loss, accuracy, val_loss, val_accuracy; a row an epoch, epoch 0 (before learning) is passed over.
    crossed: columns epoch, accuracy, low, high, over the cross-validated splits that ``over`` names; None where there is none.
    majority: the accuracy of a model that always answers the most frequent class. infinite_in: the epoch in which the loss became
    infinite and the run ended, None where it did not. num_films, num_training: X-rays of the set and of the training part, 0 where
    not known.
    """

    history: pd.DataFrame
    num_validation: int
    config: TrainingConfig
    crossed: pd.DataFrame | None = None
    over: str = field(default_factory=lambda: describe_splits({}))
    majority: float = 0.5
    infinite_in: int | None = None
    num_films: int = 0
    num_training: int = 0

    @cached_property
    def epochs(self) -> pd.DataFrame:
        """The history from the first epoch on, with the epoch for index."""
        rows = self.history[self.history["epoch"] > 0]
        return rows.set_index(rows["epoch"].astype(int)).sort_index()

    @property
    def num_epochs(self) -> int:
        """Number of epochs done."""
        return len(self.epochs)

    @cached_property
    def smooth_validation_loss(self) -> pd.Series:
        """Validation loss by epoch, each the median of itself and its two neighbours; the first and the last epoch have none."""
        return self.epochs["val_loss"].rolling(3, center=True).median().dropna()

    def values(self, column: str) -> np.ndarray:
        """A curve from the first epoch on."""
        return self._columns[column]

    def beginning(self, column: str) -> float:
        """Median of a curve over its first epochs."""
        return float(np.median(self.values(column)[: self._window]))

    def end(self, column: str) -> float:
        """Median of a curve over its last epochs."""
        return float(np.median(self.values(column)[-self._window :]))

    def lowest(self, column: str) -> float:
        """The lowest median of a curve over as many epochs."""
        return float(np.median(sliding_window_view(self.values(column), self._window), axis=1).min())

    def crossed_at_end(self) -> tuple[float, float, float] | None:
        """Cross-validated accuracy with its interval at the last epoch that both curves have; None where there is none."""
        if self.crossed is None or not len(self.crossed) or not self.num_epochs:
            return None
        rows = self.crossed[self.crossed["epoch"] <= self.epochs.index[-1]].dropna(subset=["accuracy"])
        return None if rows.empty else tuple(map(float, rows.iloc[-1][["accuracy", "low", "high"]]))

    @cached_property
    def _columns(self) -> dict[str, np.ndarray]:
        # Asked for again and again, and pandas takes a millisecond for each question.
        return {name: self.epochs[name].to_numpy(float) for name in self.epochs}

    @property
    def _window(self) -> int:
        return max(1, min(WINDOW, self.num_epochs // 3))


def curves_of(run: Run) -> Curves | None:
    """Return the curves of a run so far; None while there is nothing to judge, or where the run cannot be read."""
    try:
        config = run.load_config()
    except RunError:
        return None
    history, infinite_in = run.history(), _infinite_in(run)
    if not (history["epoch"] > 0).any() and infinite_in is None:
        return None
    report, data = run.report() or {}, run.load_facts().get("data", {})
    crossed = report.get("cross_validation") or {}
    return Curves(
        history=history,
        num_validation=data.get("num_validation") or 0,
        num_films=data.get("num_films") or 0,
        num_training=data.get("num_training") or 0,
        config=config,
        crossed=_crossed(run, crossed, last_epoch=int(history["epoch"].max()) if len(history) else 0),
        over=describe_splits(crossed),
        majority=(report.get("majority") or {}).get("share", 0.5),
        infinite_in=infinite_in,
    )


def _infinite_in(run: Run) -> int | None:
    """The epoch in which the loss became infinite: the run ended there, and only its reason says so (learning.trainer.Diverged)."""
    status = run.recorded_status()
    found = re.match(r"The loss became infinite in epoch (\d+)", status.reason)
    return int(found[1]) if found and status.state is State.FAILED else None


def _crossed(run: Run, reported: Mapping, *, last_epoch: int) -> pd.DataFrame | None:
    """The honest curve; of runs of earlier versions its end, which stands in the report."""
    curve = load_crossed(run)
    if len(curve):
        return curve
    figure = reported.get("accuracy") or {}
    if figure.get("value") is None:
        return None
    return pd.DataFrame([[last_epoch, figure["value"], figure["low"], figure["high"]]], columns=CROSSED_COLUMNS)


def first_unusable_epoch(curves: Curves) -> int | None:
    """Return the first epoch whose loss is no number; None where all are."""
    if curves.infinite_in is not None:
        return curves.infinite_in
    # Without validation X-rays their loss is nan throughout, which says nothing.
    unusable = ~np.isfinite(curves.values("loss")) | np.isinf(curves.values("val_loss"))
    return int(curves.epochs.index[unusable.argmax()]) if unusable.any() else None


def grows(curves: Curves) -> bool:
    """Whether the training loss ends well above its lowest level."""
    if curves.num_epochs < FEWEST_EPOCHS:
        return False
    end = curves.end("loss")
    return end > GROWTH * curves.lowest("loss") and end > LEAST_FALL * curves.beginning("loss")


def bursts_at(curves: Curves) -> int | None:
    """Return the epoch with the highest training loss where that is far above what guessing costs; None where it never is."""
    losses = curves.values("loss")
    return int(curves.epochs.index[losses.argmax()]) if losses.max() > BURST else None


def diverges(curves: Curves) -> bool:
    """Whether the loss grows, was far above what guessing costs, or is no number any more."""
    if not curves.num_epochs:
        return curves.infinite_in is not None
    return first_unusable_epoch(curves) is not None or bursts_at(curves) is not None or grows(curves)


def learns_nothing(curves: Curves) -> bool:
    """Whether the training X-rays are told apart no better at the end than at the beginning."""
    if curves.num_epochs < FEWEST_EPOCHS or diverges(curves):
        return False
    hardly_better = (1 + curves.majority) / 2
    has_fallen = curves.end("loss") <= LEAST_FALL * curves.beginning("loss")
    return not has_fallen and curves.end("accuracy") < hardly_better


def overfits_since(curves: Curves) -> int | None:
    """Return the epoch since which the validation loss rises while the training loss falls; None where that is not so."""
    smooth = curves.smooth_validation_loss
    if curves.num_epochs < FEWEST_EPOCHS or diverges(curves) or smooth.empty:
        return None
    lowest, end = int(smooth.idxmin()), float(smooth.iloc[-1])
    rises = end > RISE * smooth.min() and end > smooth.min() + LEAST_RISE
    before = float(curves.epochs["loss"].loc[:lowest].tail(LONG_ENOUGH).median())
    is_long = curves.epochs.index[-1] - lowest >= LONG_ENOUGH
    return lowest if rises and is_long and curves.end("loss") < before else None
