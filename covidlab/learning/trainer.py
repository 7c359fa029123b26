"""The loop over epochs and batches; it knows nothing of films, only of inputs, labels and a learner."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from covidlab.config import TrainingConfig
from covidlab.data.splits import Split
from covidlab.errors import RunError
from covidlab.language import tr
from covidlab.learning.learners import Learner
from covidlab.learning.network import DROPOUT_RATE, HEAD_UNITS
from covidlab.learning.reading_ahead import read_ahead, read_in_order
from covidlab.learning.schedule import decayed_rate, dropout_masks, epoch_batches
from covidlab.text import plain_number

EVALUATION_BATCH = 32


class Diverged(RunError):
    """The loss is no longer a finite number."""


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """One batch: epoch and step count from 1; steps is the number of batches an epoch."""

    epoch: int
    step: int
    steps: int
    loss: float
    accuracy: float


@dataclass(frozen=True, kw_only=True)
class EpochResult:
    """One epoch: means over its films while they were learned, and the validation films at its end.

    val_right: (validation films,) bool, which of them the model has right.
    """

    epoch: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    seconds: float
    val_right: np.ndarray

    def figures(self) -> dict[str, float]:
        """Return the numbers by the names that history.csv gives them."""
        return {name: value for name, value in vars(self).items() if name != "val_right"}


@dataclass(frozen=True, kw_only=True)
class Watchers:
    """Whom the loop tells, and whom it asks."""

    on_step: Callable[[StepResult], None]
    on_epoch: Callable[[EpochResult], None]
    should_stop: Callable[[], bool]


Inputs = Callable[[np.ndarray, int], np.ndarray]  # (films, view) -> what the learner takes


def fit(
    learner: Learner,
    inputs: Inputs,
    labels: np.ndarray,
    split: Split,
    config: TrainingConfig,
    watchers: Watchers,
    *,
    start: int = 0,
    earlier_losses: Sequence[float] = (),
    reads_ahead: bool = False,
) -> int:
    """Train from epoch ``start`` (0 for a new run) to ``config.epochs``; ``earlier_losses`` are the validation losses until then.

    Epoch e, counted from 1, uses view (e - 1) mod K of each film; validation uses the film as it is. ``reads_ahead``: the next
    batch is read while one is learned, which helps where something else than the processor learns.

    Returns
    -------
    int, the last finished epoch; smaller than ``config.epochs`` where it was stopped, or where the validation loss has not
    become smaller for ``config.patience`` epochs (early stopping: Prechelt, "Early stopping - but when?", 1998)

    Raises
    ------
    Diverged
        Where the loss is not finite; the learner then holds what the last batch left.
    """
    steps = -(-len(split.train) // config.batch_size)
    val_losses = list(earlier_losses)
    for epoch in range(start + 1, config.epochs + 1):
        if has_run_out_of_patience(val_losses, config.patience):
            return epoch - 1
        started = time.monotonic()
        batches = epoch_batches(split.train, batch_size=config.batch_size, seed=config.seed, epoch=epoch)
        masks = dropout_masks(
            seed=config.seed,
            epoch=epoch,
            num_steps=steps,
            batch_size=config.batch_size,
            units=HEAD_UNITS,
            rate=DROPOUT_RATE,
        )
        sums, view = np.zeros(2), (epoch - 1) % config.views
        read = read_ahead if reads_ahead else read_in_order
        batches_read = read(batches, partial(inputs, view=view))
        for step in range(steps):
            if watchers.should_stop():
                return epoch - 1
            films, batch = next(batches_read)
            rate = decayed_rate(config.learning_rate, epochs=config.epochs, step=(epoch - 1) * steps + step)
            loss, accuracy = learner.train_batch(batch, labels[films], masks[step], rate)
            if not np.isfinite(loss):
                raise Diverged(
                    tr(
                        "The loss became infinite in epoch {epoch}: the learning rate {rate} is too high. Try {lower}.",
                        epoch=epoch,
                        rate=plain_number(config.learning_rate),
                        lower=plain_number(config.learning_rate / 10),
                    )
                )
            sums += np.array([loss, accuracy]) * len(films)
            watchers.on_step(StepResult(epoch=epoch, step=step + 1, steps=steps, loss=loss, accuracy=accuracy))
        probabilities, of_validation = predict_films(learner, inputs, split.validation), labels[split.validation]
        val_loss, val_accuracy = loss_and_accuracy(probabilities, of_validation)
        means = sums / len(split.train)
        seconds = time.monotonic() - started
        watchers.on_epoch(
            EpochResult(
                epoch=epoch,
                loss=means[0],
                accuracy=means[1],
                val_loss=val_loss,
                val_accuracy=val_accuracy,
                seconds=seconds,
                val_right=probabilities.argmax(axis=1) == of_validation,
            )
        )
        val_losses.append(val_loss)
    return config.epochs


def has_run_out_of_patience(val_losses: Sequence[float], patience: int) -> bool:
    """Return whether the smallest validation loss is ``patience`` epochs old; never where patience is 0."""
    return bool(patience and len(val_losses)) and len(val_losses) - 1 - int(np.argmin(val_losses)) >= patience


def predict_films(learner: Learner, inputs: Inputs, films: np.ndarray) -> np.ndarray:
    """Return the probabilities of ``films`` as they are (view 0), float32 (n, classes)."""
    chunks = [films[start : start + EVALUATION_BATCH] for start in range(0, len(films), EVALUATION_BATCH)]
    return np.concatenate([learner.probabilities(inputs(chunk, 0)) for chunk in chunks])


def loss_and_accuracy(probabilities: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return mean cross-entropy and share of right films of (n, classes) probabilities and (n,) labels."""
    of_truth = probabilities[np.arange(len(labels)), labels]
    right = probabilities.argmax(axis=1) == labels
    # Keras' clipping, so that a confident error costs 16.1 and not infinity.
    return float(-np.log(np.clip(of_truth, 1e-7, 1.0)).mean()), float(right.mean())
