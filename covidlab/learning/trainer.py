"""The loop over epochs and batches; it knows nothing of films, only of inputs, labels and a learner."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import keras
import numpy as np
import tensorflow as tf

from covidlab.config import TrainingConfig
from covidlab.data.splits import Split
from covidlab.errors import RunError
from covidlab.learning.backbones.vgg16 import DROPOUT_RATE, HEAD_UNITS, hidden_part
from covidlab.learning.heads import HeadStack
from covidlab.learning.schedule import decayed_rate, dropout_masks, epoch_batches

EVALUATION_BATCH = 32


class Diverged(RunError):
    """The loss is no longer a finite number."""


class Learner(Protocol):
    """What the loop trains."""

    def train_batch(self, inputs: np.ndarray, labels: np.ndarray, mask: np.ndarray, rate: float) -> tuple[float, float]:
        """Do one step; return mean cross-entropy and share of right films."""

    def probabilities(self, inputs: np.ndarray) -> np.ndarray:
        """Return (n, classes) float32, dropout off."""

    def arrays(self) -> list[np.ndarray]:
        """Return everything a checkpoint needs."""

    def restore(self, arrays: list[np.ndarray]) -> None:
        """Continue from ``arrays()``."""


class HeadLearner:
    """One head: a stack of one, padded to whole batches so that one graph serves every step."""

    def __init__(self, *, seed: int, num_features: int, num_classes: int, batch_size: int):
        self.stack = HeadStack([seed], num_features=num_features, num_classes=num_classes)
        self.batch_size = batch_size

    def train_batch(self, inputs, labels, mask, rate):
        """See Learner."""
        padding = self.batch_size - len(labels)
        sample_weights = np.pad(np.ones(len(labels), np.float32), (0, padding))
        loss, accuracy = self.stack.train_batch(
            np.pad(inputs, ((0, padding), (0, 0)))[None],
            np.pad(labels, (0, padding))[None],
            sample_weights[None],
            mask[None],
            np.array([rate], np.float32),
        )
        return float(loss[0]), float(accuracy[0])

    def probabilities(self, inputs):
        """See Learner."""
        return self.stack.probabilities(inputs)[0]

    def arrays(self):
        """See Learner."""
        return self.stack.arrays()

    def restore(self, arrays):
        """See Learner."""
        self.stack.restore(arrays)


class TailLearner:
    """Head and unfrozen blocks: a Keras model from the deepest frozen activation to probabilities."""

    def __init__(self, tail: keras.Model):
        self.tail = tail
        self._hidden = hidden_part(tail)
        self._optimizer = keras.optimizers.Adam()
        self._optimizer.build(tail.trainable_variables)
        self._step = tf.function(self._train_step, reduce_retracing=True)
        self._predict = tf.function(lambda inputs: tail(inputs, training=False), reduce_retracing=True)

    def train_batch(self, inputs, labels, mask, rate):
        """See Learner."""
        self._optimizer.learning_rate.assign(rate)
        loss, accuracy = self._step(
            tf.constant(inputs), tf.constant(labels, tf.int32), tf.constant(mask[: len(labels)])
        )
        return float(loss), float(accuracy)

    def probabilities(self, inputs):
        """See Learner."""
        return self._predict(tf.constant(inputs)).numpy()

    def arrays(self):
        """See Learner."""
        return [np.array(variable) for variable in (*self.tail.trainable_variables, *self._optimizer.variables)]

    def restore(self, arrays):
        """See Learner."""
        variables = (*self.tail.trainable_variables, *self._optimizer.variables)
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)

    def _train_step(self, inputs, labels, mask):
        output = self.tail.get_layer("probabilities")
        with tf.GradientTape() as tape:
            # The masks come from NumPy, not from Keras' Dropout: a resumed run repeats an undisturbed one.
            hidden = self._hidden(inputs, training=True) * mask
            logits = tf.matmul(hidden, output.kernel) + output.bias
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
        variables = self.tail.trainable_variables
        self._optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss, tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, -1, tf.int32), labels), tf.float32))


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
    """One epoch: means over its films while they were learned, and the validation films at its end."""

    epoch: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    seconds: float


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
) -> int:
    """Train from epoch ``start`` (0 for a new run) to ``config.epochs``.

    Epoch e, counted from 1, uses view (e - 1) mod K of each film; validation uses the film as it is.

    Returns
    -------
    int, the last finished epoch; smaller than ``config.epochs`` where it was stopped

    Raises
    ------
    Diverged
        Where the loss is not finite; the learner then holds what the last batch left.
    """
    steps = -(-len(split.train) // config.batch_size)
    for epoch in range(start + 1, config.epochs + 1):
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
        sums = np.zeros(2)
        for step, films in enumerate(batches):
            if watchers.should_stop():
                return epoch - 1
            rate = decayed_rate(config.learning_rate, epochs=config.epochs, step=(epoch - 1) * steps + step)
            view = (epoch - 1) % config.views
            loss, accuracy = learner.train_batch(inputs(films, view), labels[films], masks[step], rate)
            if not np.isfinite(loss):
                raise Diverged(
                    f"The loss became infinite in epoch {epoch}: the learning rate {config.learning_rate:g} is too high. "
                    f"Try {config.learning_rate / 10:g}."
                )
            sums += np.array([loss, accuracy]) * len(films)
            watchers.on_step(StepResult(epoch=epoch, step=step + 1, steps=steps, loss=loss, accuracy=accuracy))
        val_loss, val_accuracy = evaluate(learner, inputs, labels, split.validation)
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
            )
        )
    return config.epochs


def predict_films(learner: Learner, inputs: Inputs, films: np.ndarray) -> np.ndarray:
    """Return the probabilities of ``films`` as they are (view 0), float32 (n, classes)."""
    chunks = [films[start : start + EVALUATION_BATCH] for start in range(0, len(films), EVALUATION_BATCH)]
    return np.concatenate([learner.probabilities(inputs(chunk, 0)) for chunk in chunks])


def evaluate(learner: Learner, inputs: Inputs, labels: np.ndarray, films: np.ndarray) -> tuple[float, float]:
    """Return mean cross-entropy and share of right films, on films as they are."""
    probabilities = predict_films(learner, inputs, films)
    of_truth = probabilities[np.arange(len(films)), labels[films]]
    right = probabilities.argmax(axis=1) == labels[films]
    # Keras' clipping, so that a confident error costs 16.1 and not infinity.
    return float(-np.log(np.clip(of_truth, 1e-7, 1.0)).mean()), float(right.mean())
