"""The learning-rate range test: the rate grows at each step, and the loss says where the head begins to learn.

L. N. Smith, "Cyclical learning rates for training neural networks", WACV 2017, doi 10.1109/WACV.2017.58, with the exponential
growth that fastai made usual. Several heads with seeds of their own do it side by side, and their mean loss is looked at: one
head on eight X-rays a step is mostly noise.
"""

import itertools
from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np

from covidlab.config import TrainingConfig
from covidlab.learning.heads import HeadJob, HeadStack, epoch_arrays
from covidlab.learning.updates import UpdateRule

LOWEST_RATE, HIGHEST_RATE = 1e-6, 1.0
NUM_STEPS = 100
NUM_HEADS = 10

# The loss of a step is averaged with those this many steps before and behind it, so that nothing is shifted.
_REACH = 4
# A fall of the loss that is smaller than this share of it is noise.
_LEAST_FALL = 0.02


@dataclass(frozen=True, kw_only=True, eq=False)
class RateRange:
    """What a range test found.

    rates, losses, smoothed: (steps,) float; the loss is that of a batch before the step with the rate; it ends where it is no
    longer finite. suggested: the rate at which the smoothed loss falls most steeply, before its minimum; None where it does
    not fall.
    """

    rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray
    suggested: float | None


def range_test_in_steps(
    job: HeadJob, features: np.ndarray, config: TrainingConfig, *, num_classes: int, rule: UpdateRule
) -> Generator[None, None, RateRange]:
    """Train ``NUM_HEADS`` heads as ``job`` says, each step at a higher rate; yields after each step.

    Parameters
    ----------
    job : films, labels and views to train on; its rate is not used, its seed is the first head's
    features : (films, views, features) float32
    """
    jobs = [replace(job, seed=job.seed + number) for number in range(NUM_HEADS)]
    stack = HeadStack([job.seed for job in jobs], num_features=features.shape[-1], num_classes=num_classes, rule=rule)
    rates = np.geomspace(LOWEST_RATE, HIGHEST_RATE, NUM_STEPS)
    losses: list[float] = []
    for epoch in itertools.count(1):
        rows, views, labels, sample_weights, masks = epoch_arrays(jobs, epoch=epoch, batch_size=config.batch_size)
        for step in range(rows.shape[1]):
            if len(losses) == NUM_STEPS:
                return found(rates, np.array(losses))
            rate = np.full(NUM_HEADS, rates[len(losses)], np.float32)
            inputs = features[rows[:, step], views[:, None]]
            loss, _ = stack.train_batch(inputs, labels[:, step], sample_weights[:, step], masks[:, step], rate)
            losses.append(float(loss.mean()))
            yield


def found(rates: np.ndarray, losses: np.ndarray) -> RateRange:
    """Return what the losses of a test say."""
    finite = np.isfinite(losses)
    num_kept = len(losses) if finite.all() else int(np.argmin(finite))
    rates, losses = rates[:num_kept], losses[:num_kept]
    smoothed = _smoothed(losses)
    return RateRange(rates=rates, losses=losses, smoothed=smoothed, suggested=suggested_rate(rates, smoothed))


def suggested_rate(rates: np.ndarray, smoothed: np.ndarray) -> float | None:
    """Return the rate at which the loss falls most steeply (against the logarithm of the rate), before its minimum.

    None where the loss does not fall by more than noise.
    """
    if len(rates) < 3:
        return None
    lowest = int(np.argmin(smoothed))
    if smoothed[lowest] > (1 - _LEAST_FALL) * smoothed[0]:
        return None
    slopes = np.gradient(smoothed, np.log10(rates))[: lowest + 1]
    return float(rates[int(np.argmin(slopes))])


def _smoothed(losses: np.ndarray) -> np.ndarray:
    """Mean of each loss and its neighbours, those nearer counting more; fewer at either end."""
    weights = np.bartlett(2 * _REACH + 3)[1:-1]
    sums = np.convolve(losses, weights)[_REACH : _REACH + len(losses)]
    return sums / np.convolve(np.ones_like(losses), weights)[_REACH : _REACH + len(losses)]
