"""Parts of a batch of trials that learn together, so that they may be done on different machines and come out the same.

A chunk is the trials of one batch size whose heads learn side by side, or one trial where more than the head learns.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from covidlab.config import TrainingConfig
from covidlab.evaluation.sweep_deep import held_out_by_folds
from covidlab.evaluation.sweep_heads import HeldOut, SideBySide, SweepData, TrialWatchers
from covidlab.evaluation.sweep_proposals import Proposals, propose
from covidlab.evaluation.sweep_space import SweepConfig, Trial
from covidlab.learning.trainer import Inputs
from covidlab.learning.updates import update_rule

Rungs = dict[int, dict[int, float]]


@dataclass(frozen=True, eq=False)
class Batch:
    """A batch of trials: what they share, and the trials of earlier batches, from which the proposals follow anywhere.

    accuracy_of : of the held-out probabilities of a trial; a function that can be sent to another process
    """

    sweep: SweepConfig
    earlier: Sequence[Trial]
    data: SweepData
    accuracy_of: Callable[[np.ndarray], float]

    @cached_property
    def proposals(self) -> Proposals:
        """The settings of the trials, and which are to be given up."""
        return propose(self.sweep, self.earlier)

    def chunks(self, places: Sequence[int]) -> list[list[int]]:
        """Return which of the trials at ``places`` learn together."""
        shallow = [place for place in places if not self.is_deep(place)]
        by_size = [
            [place for place in shallow if self.proposals.settings[place].batch_size == batch_size]
            for batch_size in self.sweep.batch_levels
        ]
        return [chunk for chunk in by_size if chunk] + [[place] for place in places if self.is_deep(place)]

    def is_deep(self, place: int) -> bool:
        """Return whether more than the head learns in a trial."""
        return self.proposals.settings[place].fine_tune != "head"

    def __getstate__(self) -> dict:
        # Optuna's study stays here: it is made anew from the same trials.
        return {name: value for name, value in vars(self).items() if name != "proposals"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Tried:
    """What came of a trial: what its heads say of X-rays they have not seen, and its accuracy after some of ``RUNGS``."""

    held_out: HeldOut
    at_rungs: dict[int, float]


def try_heads(
    batch: Batch,
    places: Sequence[int],
    on_tried: Callable[[Tried], None],
    *,
    on_step: Callable[[], None] = lambda: None,
) -> None:
    """Train the heads of a chunk side by side; ``on_tried`` is told of each trial once it ends."""
    rungs: Rungs = {}
    watchers = TrialWatchers(
        accuracy_of=batch.accuracy_of,
        on_rung=lambda place, epoch, accuracy: rungs.setdefault(place, {}).update({epoch: accuracy}),
        on_end=lambda held_out: on_tried(Tried(held_out=held_out, at_rungs=rungs.get(held_out.place, {}))),
        on_step=on_step,
    )
    SideBySide(batch.data, batch.proposals, places, watchers).train()


def try_deep(
    batch: Batch,
    place: int,
    config: TrainingConfig,
    inputs: Inputs,
    *,
    classes: Sequence[str],
    precision: str,
    on_step: Callable[[], None] = lambda: None,
) -> Tried:
    """Train a network on each fold where more than the head learns.

    Parameters
    ----------
    config : settings of the sweep, which those of the trial go over
    inputs : as ``learning.trainer.fit`` takes them, at the depth of the trial
    """
    settings, data = batch.proposals.settings[place], batch.data
    applied = settings.applied_to(config)
    probabilities = held_out_by_folds(
        applied,
        inputs,
        data.labels,
        classes,
        data.folds,
        precision=precision,
        rule=update_rule(applied, data.labels, num_classes=data.num_classes),
        on_step=on_step,
    )
    held_out = HeldOut(place=place, epoch=settings.epochs, probabilities=probabilities, is_given_up=False)
    return Tried(held_out=held_out, at_rungs={})
