"""Which settings a sweep tries next: a grid, drawn at random, or by Optuna from what came of earlier trials.

A batch of trials is asked for at once, so that their heads can learn side by side. What is proposed depends on the ranges, the
seed and the trials of earlier batches alone: a sweep that goes on after a stop proposes what it would have proposed.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from covidlab.evaluation.sweep_space import DIVERGED, FINISHED, SETTINGS, Settings, SweepConfig, Trial, significant

if TYPE_CHECKING:
    import optuna

BATCH = 10
# Of a grid, the levels of the learning rate count for so many of the others.
_RATE_WEIGHT = 2.5


class Proposals(Protocol):
    """One batch of trials."""

    settings: Sequence[Settings]

    def is_hopeless(self, place: int, epoch: int, accuracy: float) -> bool:
        """Return whether trial ``place`` of the batch is to be given up, with this accuracy after ``epoch``."""


class Drawn:
    """Trials that do not depend on earlier ones; none is given up."""

    def __init__(self, settings: Sequence[Settings]):
        self.settings = settings

    def is_hopeless(self, place: int, epoch: int, accuracy: float) -> bool:
        """See Proposals."""
        return False


class Asked:
    """Trials that Optuna proposes: tree-structured Parzen estimator, those below the median of earlier ones given up.

    J. Bergstra et al. (2011), Algorithms for hyper-parameter optimization; T. Akiba et al. (2019), Optuna, doi
    10.1145/3292500.3330701. Trials of one batch count as bad until they have ended ("constant liar"), so that they differ.
    """

    def __init__(self, sweep: SweepConfig, earlier: Sequence[Trial], number: int):
        study = study_of(sweep, earlier)
        self._trials = [study.ask(distributions_of(sweep)) for _ in range(number)]
        self.settings = [_settings_of(sweep, trial.params) for trial in self._trials]

    def is_hopeless(self, place: int, epoch: int, accuracy: float) -> bool:
        """See Proposals."""
        trial = self._trials[place]
        if epoch not in trial.study.trials[trial.number].intermediate_values:
            trial.report(accuracy, epoch)
        return trial.should_prune()


def count_trials(sweep: SweepConfig) -> int:
    """Return how many trials a sweep has: a grid may have fewer than were asked for."""
    return len(grid(sweep)) if sweep.sampler == "grid" else sweep.trials


def propose(sweep: SweepConfig, earlier: Sequence[Trial]) -> Proposals:
    """Return the next batch after ``earlier``, which are whole batches; empty where all trials are done."""
    number = min(BATCH, sweep.trials - len(earlier))
    if sweep.sampler == "tpe" and number > 0:
        return Asked(sweep, earlier, number)
    every = grid(sweep) if sweep.sampler == "grid" else drawn_at_random(sweep)
    return Drawn(every[len(earlier) : len(earlier) + BATCH])


def grid(sweep: SweepConfig) -> list[Settings]:
    """Return the largest grid of at most ``sweep.trials`` settings, most levels given to the learning rate."""
    levels = _grid_levels(sweep)
    rates = np.geomspace(*sweep.learning_rates, levels["learning_rate"])
    batches = _evenly(sweep.batch_levels, levels["batch_size"])
    epochs = sorted({round(value) for value in np.linspace(*sweep.epochs, levels["epochs"])})
    depths = sweep.depths[: levels["fine_tune"]]
    return [
        Settings(fine_tune=depth, learning_rate=_readable(rate, sweep), batch_size=batch, epochs=number)
        for depth, number, batch, rate in itertools.product(depths, epochs, batches, rates)
    ]


def drawn_at_random(sweep: SweepConfig) -> list[Settings]:
    """Return ``sweep.trials`` settings drawn evenly from the ranges, learning rates evenly on a logarithmic axis."""
    generator = np.random.default_rng([sweep.seed, 1])
    low, high = np.log(sweep.learning_rates)
    return [
        Settings(
            fine_tune=str(generator.choice(sweep.depths)),
            learning_rate=_readable(math.exp(generator.uniform(low, high)), sweep),
            batch_size=int(generator.choice(sweep.batch_levels)),
            epochs=int(generator.integers(sweep.epochs[0], sweep.epochs[1], endpoint=True)),
        )
        for _ in range(sweep.trials)
    ]


def study_of(sweep: SweepConfig, trials: Sequence[Trial]) -> "optuna.Study":
    """Return Optuna's study of what came of these trials, in memory."""
    optuna = _load_optuna()
    study = optuna.create_study(
        direction="maximize",
        # A seed for each batch: what it proposes does not depend on whether the sweep was stopped before.
        sampler=optuna.samplers.TPESampler(seed=(sweep.seed + len(trials)) % 2**32),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=BATCH),
    )
    study.add_trials([_frozen(sweep, trial) for trial in trials])
    return study


def distributions_of(sweep: SweepConfig) -> dict[str, Any]:
    """Return Optuna's distributions of the settings that vary."""
    optuna = _load_optuna()
    every = {
        "fine_tune": (sweep.depths, optuna.distributions.CategoricalDistribution(sweep.depths)),
        "learning_rate": (
            sweep.learning_rates,
            optuna.distributions.FloatDistribution(*sweep.learning_rates, log=True),
        ),
        # Its place among the batch sizes, which go up by powers of two.
        "batch_size": (
            sweep.batch_levels,
            optuna.distributions.IntDistribution(0, len(sweep.batch_levels) - 1),
        ),
        "epochs": (sweep.epochs, optuna.distributions.IntDistribution(*sweep.epochs)),
    }
    return {name: distribution for name, (values, distribution) in every.items() if len(set(values)) > 1}


def _frozen(sweep: SweepConfig, trial: Trial) -> "optuna.trial.FrozenTrial":
    optuna = _load_optuna()
    state = optuna.trial.TrialState
    distributions = distributions_of(sweep)
    values = vars(trial.settings) | {"batch_size": sweep.batch_levels.index(trial.settings.batch_size)}
    is_finished = trial.state == FINISHED
    return optuna.trial.create_trial(
        state=state.COMPLETE if is_finished else state.FAIL if trial.state == DIVERGED else state.PRUNED,
        value=trial.accuracy if is_finished else None,
        params={name: values[name] for name in distributions},
        distributions=distributions,
        intermediate_values={epoch: value for epoch, value in trial.at_rungs.items() if math.isfinite(value)},
    )


def _settings_of(sweep: SweepConfig, params: Mapping[str, Any]) -> Settings:
    return Settings(
        fine_tune=params.get("fine_tune", sweep.depths[0]),
        learning_rate=_readable(params.get("learning_rate", sweep.learning_rates[0]), sweep),
        batch_size=sweep.batch_levels[params.get("batch_size", 0)],
        epochs=params.get("epochs", sweep.epochs[0]),
    )


def _readable(rate: float, sweep: SweepConfig) -> float:
    """A learning rate with two significant digits, within the range."""
    low, high = sweep.learning_rates
    return min(high, max(low, significant(rate, 2)))


def _grid_levels(sweep: SweepConfig) -> dict[str, int]:
    """How many levels of each setting: one more, again and again, of what has the fewest for its weight."""
    most = {
        "fine_tune": len(sweep.depths),
        "learning_rate": 1 if sweep.learning_rates[0] == sweep.learning_rates[1] else sweep.trials,
        "batch_size": len(sweep.batch_levels),
        "epochs": sweep.epochs[1] - sweep.epochs[0] + 1,
    }
    # Every depth has its place, where there is room for all.
    levels = dict.fromkeys(SETTINGS, 1) | {"fine_tune": min(len(sweep.depths), sweep.trials)}
    while True:
        room = [
            name
            for name in SETTINGS
            if levels[name] < most[name]
            and math.prod(levels.values()) // levels[name] * (levels[name] + 1) <= sweep.trials
        ]
        if not room:
            return levels
        chosen = min(room, key=lambda name: levels[name] / (_RATE_WEIGHT if name == "learning_rate" else 1))
        levels[chosen] += 1


def _evenly(values: Sequence[int], number: int) -> list[int]:
    return [values[round(place)] for place in np.linspace(0, len(values) - 1, number)]


def _load_optuna():
    """Optuna, silent; imported by the process that computes only: it brings SQLAlchemy and, for TPE, SciPy."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
