"""What a run is expected to take while it is executed, and what its parts have taken, which the next estimate knows."""

from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from covidlab.config import TrainingConfig
from covidlab.learning.backbones import find_backbone
from covidlab.runs.estimate import (
    crossed_seconds,
    crossed_steps,
    expected_pass_seconds,
    passes_without_use,
    training_seconds,
)
from covidlab.runs.owner import monotonic_seconds
from covidlab.runs.remaining import Expected, Preparation
from covidlab.runs.speed import MIN_PASSES, keep_costs, keep_pass_seconds, pace_of

# With fewer, what the first one builds would weigh too much.
MIN_STEPS = 3


class Timing:
    """The seconds of one run, by part.

    Parameters
    ----------
    device, precision : what it computes on, and in
    num_training, num_validation : X-rays it learns from and is validated on
    """

    def __init__(
        self, config: TrainingConfig, *, device: str, precision: str, num_training: int, num_validation: int
    ) -> None:
        self._config, self._where = config, {"device": device, "precision": precision}
        self._num_training, self._num_validation = num_training, num_validation
        self._num_films = num_training + num_validation
        self._num_steps = -(-num_training // config.batch_size)
        self._pace = pace_of(config, find_backbone(config.backbone).cut_point(config.fine_tune), **self._where)
        self._looks: list[tuple[int, float]] = []
        self._epochs: list[float] = []
        self._crossed = self._crossing_since = 0.0
        self._epochs_crossed = 0

    @property
    def after_seconds(self) -> float:
        """What follows the last epoch is expected to take."""
        looks = self._pace.look * (self._num_films + self._num_validation)
        return looks + crossed_seconds(self._config, self._pace, num_films=self._num_films)

    def expected(self) -> Expected:
        """Return what the run is expected to take, until its own steps tell."""
        sizes = {"num_training": self._num_training, "num_validation": self._num_validation}
        epoch = training_seconds(self._config, self._pace, **sizes) / self._config.epochs
        return Expected(
            epoch=epoch,
            besides_steps=max(0.0, epoch - self._num_steps * self._pace.step),
            a_pass=expected_pass_seconds(self._config, **self._where),
            after=self.after_seconds,
            steps=self._num_steps,
            unused=passes_without_use(self._config, num_validation=self._num_validation),
        )

    @contextmanager
    def look(self, num_films: int) -> Iterator[None]:
        """Measure a look at so many X-rays."""
        started = monotonic_seconds()
        yield
        self._looks.append((num_films, monotonic_seconds() - started))

    @contextmanager
    def end_of_epoch(self) -> Iterator[None]:
        """Measure what an epoch takes after its steps, looks apart."""
        started, before = monotonic_seconds(), self._looked()
        yield
        self._epochs.append(monotonic_seconds() - started - (self._looked() - before))

    @contextmanager
    def crossing(self, num_epochs: int) -> Iterator[None]:
        """Measure so many epochs of the cross-validation."""
        self._crossing_since = monotonic_seconds()
        yield
        self._crossed, self._epochs_crossed = monotonic_seconds() - self._crossing_since, num_epochs

    def remaining_crossed(self, epoch: int, *, epochs: int) -> float:
        """Return what is left of the cross-validation after an epoch; 0 is before the first."""
        if epoch:
            return (epochs - epoch) * (monotonic_seconds() - self._crossing_since) / epoch
        return crossed_seconds(self._config, self._pace, num_films=self._num_films)

    def keep(
        self, *, steps: list[float], preparation: Preparation, elapsed_seconds: float, is_inline: bool = False
    ) -> None:
        """Keep what the parts have taken; ``steps`` are the seconds of steps, ``elapsed_seconds`` those of the whole run here.

        What a run takes besides its parts is kept only of the warm worker: a command (``is_inline``) also loads what it needs.
        """
        costs: dict = {}
        batch = str(self._config.batch_size)
        if len(steps) >= MIN_STEPS:
            costs["steps"] = {batch: median(steps)}
        # The first look also builds a graph.
        if later := self._looks[1:]:
            costs["look"] = median(seconds / num_films for num_films, seconds in later if num_films)
        if self._epochs:
            costs["epoch"] = median(self._epochs)
        if self._epochs_crossed:
            crossed = self._epochs_crossed * crossed_steps(self._config, self._num_films)
            costs["crossed"] = {batch: self._crossed / crossed}
        if costs.keys() >= {"steps", "epoch"} and not is_inline:
            learned = len(self._epochs) * self._num_steps * costs["steps"][batch]
            parts = learned + self._looked() + sum(self._epochs) + self._crossed + preparation.seconds
            costs["rest"] = max(0.0, elapsed_seconds - parts)
        if costs:
            keep_costs(self._config.fine_tune, **self._where, **costs)
        if preparation.num_computed >= MIN_PASSES:
            seconds = preparation.seconds / preparation.num_computed
            keep_pass_seconds(seconds, precision=self._where["precision"])

    def _looked(self) -> float:
        return sum(seconds for _, seconds in self._looks)
