"""How long the rest of a run will take: as expected at first, then by what its own steps and epochs have taken."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Protocol

from covidlab.runs.owner import monotonic_seconds

# An epoch that was slow for a moment is forgotten after so many.
_EPOCHS_BELIEVED = 5
# Before the first epoch is done: so many steps say more than what was expected.
_STEPS_BELIEVED = 2


class Preparation(Protocol):
    """What counts the X-rays that the frozen layers have still to see; ``seconds`` is what those so far have taken."""

    seconds: float
    num_computed: int

    def num_missing(self, views: Sequence[int]) -> int:
        """Return how many X-rays, view by view, are not prepared yet."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """Seconds a run is expected to take: an epoch, in it all that is not a step of learning, a pass, all after the last epoch.

    steps: of an epoch. Activations are counted as passes, not in epochs; unused: passes that would be missing, and that nobody
    needs.
    """

    epoch: float = 0.0
    besides_steps: float = 0.0
    a_pass: float = 0.0
    after: float = 0.0
    steps: int = 1
    unused: int = 0


class Remaining:
    """Counts down the seconds of a run of so many epochs, from the beginning of its first step."""

    def __init__(self, preparation: Preparation, *, views: Sequence[int], epochs: int, expected: Expected):
        self.step_seconds: list[float] = []
        self._epoch_seconds: list[float] = []
        self._preparation, self._views, self._epochs, self._expected = preparation, views, epochs, expected
        self._step_mark: tuple[float, float] | None = None
        self._epoch_mark = self._now()

    def add_step(self) -> None:
        """Take in that a step has ended; of the first of an epoch nobody knows when it began."""
        now = self._now()
        if self._step_mark:
            self.step_seconds.append(_between(self._step_mark, now))
        self._step_mark = now

    def add_epoch(self) -> None:
        """Take in that an epoch has ended."""
        now = self._now()
        self._epoch_seconds.append(_between(self._epoch_mark, now))
        self._epoch_mark, self._step_mark = now, None

    def seconds(self, position: float, *, is_within: bool = False) -> float:
        """Return the seconds from ``position``, in epochs, to the end of the run.

        ``is_within``: in the epoch that ends there at the latest; what is no step comes after the last one of an epoch.
        """
        an_epoch = self._an_epoch()
        learning = (self._epochs - position) * an_epoch
        if is_within:
            done = position - (math.ceil(position) - 1)
            learning = (self._epochs - position + done) * an_epoch - done * min(an_epoch, self._all_steps(an_epoch))
        return learning + self._preparing() + self._expected.after

    def _all_steps(self, an_epoch: float) -> float:
        """What the steps of an epoch take."""
        if self.step_seconds:
            return self._expected.steps * median(self.step_seconds)
        return an_epoch - self._expected.besides_steps

    def _an_epoch(self) -> float:
        # The first epoch also builds graphs.
        if later := self._epoch_seconds[1:]:
            return median(later[-_EPOCHS_BELIEVED:])
        if len(self.step_seconds) >= _STEPS_BELIEVED:
            return self._all_steps(0.0) + self._expected.besides_steps
        return min([*self._epoch_seconds, self._expected.epoch or float("inf")])

    def _preparing(self) -> float:
        done = self._preparation.num_computed
        missing = max(0, self._preparation.num_missing(self._views) - self._expected.unused)
        return missing * (self._preparation.seconds / done if done else self._expected.a_pass)

    def _now(self) -> tuple[float, float]:
        """The time, and the seconds that passes have taken until then."""
        return monotonic_seconds(), self._preparation.seconds


def _between(earlier: tuple[float, float], now: tuple[float, float]) -> float:
    """Seconds between two moments, those of passes through the frozen layers apart."""
    return max(0.0, (now[0] - earlier[0]) - (now[1] - earlier[1]))
