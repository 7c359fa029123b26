"""The axes of loss and accuracy over epochs: the same in the PNG of the command line and in the charts of the pages."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from covidlab.language import tr

LOSS_TOPS = (1, 1.5, 2, 3, 5, 8)
# From here on the highest loss leaves less than a sixth of the chart to half of all values.
_FLATTENED = 6
_LOWEST_LOSS = 1e-4
MARKERS_UNTIL_EPOCH = 60


@dataclass(frozen=True, kw_only=True)
class LossAxis:
    """How a loss is drawn. is_log: on a logarithmic axis. low, high: its ends, in loss. note: what the chart must say of it."""

    is_log: bool
    low: float
    high: float
    note: str = ""

    def within(self, values: Iterable[float | None]) -> list[float | None]:
        """Return the losses as they are drawn: on a logarithmic axis a loss below its lower end, such as 0, lies on that end."""
        return [max(value, self.low) if self.is_log and value is not None else value for value in values]


def loss_axis(values: Iterable[float]) -> LossAxis:
    """Return the axis that shows these losses: from 0 where they are alike, logarithmic where one flattens the rest.

    A single early loss of 116 would press curves that go from 1 to 0.3 into a line. The ends are round numbers, so that the
    axis seldom moves while a run grows.
    """
    finite = sorted(value for value in values if math.isfinite(value))
    highest = finite[-1] if finite else 0.0
    middle = finite[len(finite) // 2] if finite else 0.0
    if highest <= 1 or highest < _FLATTENED * middle:
        return LossAxis(is_log=False, low=0.0, high=_round_top(highest))
    low = 10 ** math.floor(math.log10(max(_LOWEST_LOSS, finite[0])))
    return LossAxis(is_log=True, low=low, high=_round_top(highest), note=tr("logarithmic axis"))


def epoch_ticks(epochs: int) -> list[int]:
    """Return the epochs to be named on the axis: whole numbers, 1 and the last round ones, at most eleven."""
    spacing = next((step for step in (1, 5, 10, 25, 50, 100) if epochs <= 10 * step), 100)
    return sorted({1, *range(spacing, epochs + 1, spacing)})


def shows_markers(num_epochs: int) -> bool:
    """Whether the epochs are marked by points: a single one has no line, and hundreds of points would hide the line."""
    return num_epochs <= MARKERS_UNTIL_EPOCH


def log_ticks(axis: LossAxis) -> list[float]:
    """Return the powers of ten on a logarithmic axis, with 2 and 5 times them where it spans little."""
    first, last = math.floor(math.log10(axis.low)), math.ceil(math.log10(axis.high))
    steps: Sequence[int] = (1,) if last - first > 3 else (1, 2, 5)
    ticks = [step * 10.0**power for power in range(first, last + 1) for step in steps]
    return [tick for tick in ticks if axis.low <= tick <= axis.high]


def _round_top(highest: float) -> float:
    """Return the next of 1, 1.5, 2, 3, 5, 8, 10, 15 ... above, with a little room."""
    highest *= 1.04
    scale = 10 ** max(0, math.floor(math.log10(max(1, highest))))
    return next(top for top in (*(step * scale for step in LOSS_TOPS), 10 * scale) if top >= highest)
