"""What a sweep searches: ranges of settings, the settings of one trial, and what came of it. No TensorFlow, no Optuna."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from covidlab.config import (
    BATCH_SIZE_RANGE,
    EPOCHS_RANGE,
    FINE_TUNE_DEPTHS,
    LEARNING_RATE_RANGE,
    SEED_RANGE,
    TrainingConfig,
)
from covidlab.errors import UsageError
from covidlab.files import load_dataclass
from covidlab.language import tr, tr_lazy
from covidlab.text import plain_number

SAMPLERS = ("grid", "random", "tpe")
TRIALS_RANGE = (1, 1000)
# After these epochs a trial may be given up, where the sampler is "tpe".
RUNGS = (5, 10, 20, 40, 80, 160, 320)

FINISHED, PRUNED, DIVERGED = "finished", tr_lazy("given up"), "diverged"
# What is told apart of a trial, in the order of the charts.
SETTINGS = ("fine_tune", "learning_rate", "batch_size", "epochs")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one trial."""

    fine_tune: str
    learning_rate: float
    batch_size: int
    epochs: int

    def applied_to(self, config: TrainingConfig) -> TrainingConfig:
        """Return ``config`` with these settings."""
        return replace(config, **asdict(self))


@dataclass(frozen=True, kw_only=True)
class SweepConfig:
    """Ranges, each with both ends, and how many trials are drawn from them how.

    Batch sizes are powers of two and the ends of their range. ``seed`` draws the trials; the seed of the heads is that of the
    run's settings.
    """

    trials: int = 100
    sampler: str = "tpe"
    learning_rates: tuple[float, float] = (1e-5, 1e-1)
    batch_sizes: tuple[int, int] = (4, 32)
    epochs: tuple[int, int] = (5, 25)
    depths: tuple[str, ...] = ("head",)
    seed: int = 42

    def validate(self) -> "SweepConfig":
        """Return self; raises UsageError where a value is out of range."""
        if self.sampler not in SAMPLERS:
            raise UsageError(
                tr(
                    "The sampler must be one of {samplers}. Received: {sampler}.",
                    samplers=", ".join(SAMPLERS),
                    sampler=self.sampler,
                )
            )
        if not self.depths or set(self.depths) - set(FINE_TUNE_DEPTHS):
            raise UsageError(
                tr(
                    "The depths must be of {fine_tune_depths}. Received: {depths}.",
                    fine_tune_depths=", ".join(FINE_TUNE_DEPTHS),
                    depths=", ".join(self.depths),
                )
            )
        _check_range(tr("number of trials"), (self.trials, self.trials), TRIALS_RANGE)
        _check_range(tr("learning rates"), self.learning_rates, LEARNING_RATE_RANGE)
        _check_range(tr("batch sizes"), self.batch_sizes, BATCH_SIZE_RANGE)
        _check_range("epochs", self.epochs, EPOCHS_RANGE)
        _check_range("seed", (self.seed, self.seed), SEED_RANGE)
        return self

    @property
    def batch_levels(self) -> tuple[int, ...]:
        """The batch sizes that trials may have."""
        low, high = self.batch_sizes
        return tuple(sorted({low, high} | {2**power for power in range(9) if low <= 2**power <= high}))

    def to_dict(self) -> dict:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any] | None) -> "SweepConfig":
        """Return the ranges in ``to_dict``'s output of any version; raises ValueError where they are none."""
        loaded = load_dataclass(cls, values)
        lists = ("learning_rates", "batch_sizes", "epochs", "depths")
        return replace(loaded, **{name: tuple(getattr(loaded, name)) for name in lists})


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What came of one trial.

    number: from 1. state: "finished", "given up" (before its last epoch) or "diverged". accuracy, low, high: of X-rays whose
    patient the head had not seen, with the 95 % interval over patients; nan where diverged. loss: mean cross-entropy there.
    at_rungs: accuracy after those of ``RUNGS`` it came to.
    """

    number: int
    settings: Settings
    state: str
    epochs_done: int
    accuracy: float
    low: float
    high: float
    loss: float
    at_rungs: Mapping[int, float] = field(default_factory=dict)

    @property
    def score(self) -> tuple[float, float]:
        """What trials are ranked by: accuracy, and of equal ones the smaller loss; the higher the better."""
        return (self.accuracy, -self.loss) if math.isfinite(self.accuracy) else (-1.0, -math.inf)


def significant(value: float, digits: int) -> float:
    """Return a positive number with so many significant digits."""
    return round(value, digits - 1 - math.floor(math.log10(value)))


def best_trial(trials: Sequence[Trial]) -> Trial | None:
    """Return the best of the finished trials, None where there is none; those given up were not trained as they should be."""
    finished = [trial for trial in trials if trial.state == FINISHED]
    return max(finished, key=lambda trial: trial.score, default=None)


def _check_range(what: str, received: tuple[float, float], allowed: tuple[float, float]) -> None:
    low, high = received
    if not (allowed[0] <= low <= high <= allowed[1]):
        ends = " to ".join(dict.fromkeys(map(plain_number, received)))
        raise UsageError(
            tr(
                "The {what} must lie between {decimal_text} and {decimal_text_2}, the smaller end first. "
                "Received: {ends}.",
                what=what,
                decimal_text=plain_number(allowed[0]),
                decimal_text_2=plain_number(allowed[1]),
                ends=ends,
            )
        )
