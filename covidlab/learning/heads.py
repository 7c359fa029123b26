"""Many heads trained side by side: stacked on a leading axis, each with its own films, labels, views, rate and seed.

A head is pooled features (512 of VGG16) -> Dense 64 ReLU -> dropout -> Dense softmax, 33,000 numbers. A single run is a stack of one.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from covidlab.learning.network import DROPOUT_RATE, HEAD_UNITS
from covidlab.learning.schedule import decayed_rate, dropout_masks, epoch_batches
from covidlab.learning.updates import BETA_1, BETA_2, EPSILON, MOMENTUM, UpdateRule

_PLAIN = UpdateRule()
# As many films as many heads read in one go.
FILMS_AT_ONCE = 2000
# From so many steps of a head in all, a processor's steps go through XLA (https://openxla.org/xla), which passes over the weights and
# moments of Adam once instead of ten times. The program takes 0.8 s to make, once for each number of heads and batch size. Fifty
# heads took 10.7 ms a step without it and 6.5 ms with it, 150 heads 24 and 13 ms (two cores).
COMPILED_FROM = 5000
# A GPU spends its time on starting operations that small: 2.7 ms a step of one head, a processor beside it 1.5 ms (H100, 16 cores).
_OF_ONE_HEAD = "/CPU:0"


@dataclass
class StackState:
    """Weights and moments of H heads; every array has a leading axis of length H. SGD keeps its velocity as first moment.

    weights: hidden kernel (H, features, 64), hidden bias (H, 1, 64), output kernel (H, 64, classes), output bias (H, 1, classes).
    steps: updates done so far by each head, shape (H,), float32.
    """

    weights: list[tf.Tensor]
    first_moments: list[tf.Tensor]
    second_moments: list[tf.Tensor]
    steps: tf.Tensor


class HeadStack:
    """H heads that learn together and never touch each other.

    Parameters
    ----------
    seeds : sequence of H ints, one a head; the same seed gives the same initial weights
    num_features, num_classes : int
    rule : what a step does with the gradients, the same for all heads
    is_compiled : whether steps go through XLA; for stacks that keep their size
    """

    def __init__(
        self,
        seeds: list[int],
        *,
        num_features: int,
        num_classes: int,
        rule: UpdateRule = _PLAIN,
        is_compiled: bool = False,
    ):
        self._rule = rule
        self._step = _compiled_step if is_compiled else _train_step
        self._is_single = len(seeds) == 1
        with self._place():
            self._class_weights = tf.constant(rule.class_weights or [1.0] * num_classes, tf.float32)
        heads = [_initial_weights(seed, num_features, num_classes) for seed in seeds]
        self.restore_weights([np.stack(arrays) for arrays in zip(*heads, strict=True)])

    def restore_weights(self, weights: list[np.ndarray]) -> None:
        """Take over stacked weights and forget the moments."""
        with self._place():
            tensors = [tf.constant(array, tf.float32) for array in weights]
            zeros = [tf.zeros_like(tensor) for tensor in tensors]
            self._state = StackState(tensors, zeros, list(zeros), tf.zeros(len(weights[0])))

    def train_batch(self, features, labels, sample_weights, masks, learning_rates) -> tuple[np.ndarray, np.ndarray]:
        """Do one step in every head that has films in this batch.

        Parameters
        ----------
        features : (H, batch, features) float32
        labels : (H, batch) int
        sample_weights : (H, batch) float32, 0 for padding; a head whose weights are all 0 does not move
        masks : (H, batch, 64) float32, dropout factors
        learning_rates : (H,) float32, the rate of this step

        Returns
        -------
        mean cross-entropy (each film times the weight of its class) and share of right films, each (H,) float32
        """
        state = self._state
        with self._place():
            weights, first, second, steps, loss, right = self._step(
                state.weights,
                state.first_moments,
                state.second_moments,
                state.steps,
                tf.constant(features),
                tf.constant(labels, tf.int32),
                tf.constant(sample_weights),
                tf.constant(masks),
                tf.constant(learning_rates, tf.float32),
                self._class_weights,
                tf.constant(self._rule.weight_decay, tf.float32),
                optimizer=self._rule.optimizer,
            )
        self._state = StackState(weights, first, second, steps)
        return loss.numpy(), right.numpy()

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """Return every head's softmax for the same films: (films, features) -> (H, films, classes)."""
        # Fifty heads give 128 MB of hidden units for 10,000 films.
        starts = range(0, max(len(features), 1), FILMS_AT_ONCE)
        return np.concatenate([self._probabilities(features[at : at + FILMS_AT_ONCE]) for at in starts], axis=1)

    def _probabilities(self, features: np.ndarray) -> np.ndarray:
        hidden_kernel, hidden_bias, output_kernel, output_bias = self._state.weights
        with self._place():
            hidden = tf.nn.relu(tf.einsum("nf,hfu->hnu", features, hidden_kernel) + hidden_bias)
            return tf.nn.softmax(tf.matmul(hidden, output_kernel) + output_bias).numpy()

    def _place(self) -> AbstractContextManager:
        """Where it computes: one head always on the processor, several where the caller says."""
        return tf.device(_OF_ONE_HEAD) if self._is_single else nullcontext()

    def keras_weights(self, head: int) -> list[np.ndarray]:
        """Return one head's weights as ``build_head(...).set_weights`` takes them."""
        kernel, bias, output_kernel, output_bias = (tensor.numpy()[head] for tensor in self._state.weights)
        return [kernel, bias[0], output_kernel, output_bias[0]]

    def stacked_weights(self) -> list[np.ndarray]:
        """Return the weights of all heads in the order of ``StackState.weights``."""
        return [tensor.numpy() for tensor in self._state.weights]

    def arrays(self) -> list[np.ndarray]:
        """Return the whole state for a checkpoint."""
        state = self._state
        return [tensor.numpy() for tensor in (*state.weights, *state.first_moments, *state.second_moments, state.steps)]

    def restore(self, arrays: list[np.ndarray]) -> None:
        """Continue from ``arrays()``."""
        with self._place():
            tensors = [tf.constant(array, tf.float32) for array in arrays]
        self._state = StackState(tensors[0:4], tensors[4:8], tensors[8:12], tensors[12])


def _initial_weights(seed: int, num_features: int, num_classes: int) -> list[np.ndarray]:
    """Glorot uniform kernels (Glorot & Bengio 2010), zero biases, as Keras' Dense begins."""
    generator = np.random.default_rng([seed, 0])
    arrays = []
    for rows, columns in ((num_features, HEAD_UNITS), (HEAD_UNITS, num_classes)):
        limit = np.sqrt(6.0 / (rows + columns))
        arrays += [generator.uniform(-limit, limit, (rows, columns)), np.zeros((1, columns))]
    return arrays


def _step(
    weights,
    first,
    second,
    steps,
    features,
    labels,
    sample_weights,
    masks,
    learning_rates,
    class_weights,
    weight_decay,
    *,
    optimizer,
):
    with tf.GradientTape() as tape:
        tape.watch(weights)
        hidden = tf.nn.relu(tf.matmul(features, weights[0]) + weights[1]) * masks
        logits = tf.matmul(hidden, weights[2]) + weights[3]
        cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)  # (H, batch)
        num_films = tf.reduce_sum(sample_weights, axis=1)
        loss_weights = sample_weights * tf.gather(class_weights, labels)
        losses = tf.math.divide_no_nan(tf.reduce_sum(cross_entropy * loss_weights, axis=1), num_films)
        # The sum keeps the heads apart: the loss of one does not depend on the weights of another.
        total = tf.reduce_sum(losses)
    gradients = tape.gradient(total, weights)
    right = tf.cast(tf.equal(tf.argmax(logits, -1, tf.int32), labels), tf.float32)
    accuracy = tf.math.divide_no_nan(tf.reduce_sum(right * sample_weights, axis=1), num_films)

    moves = tf.cast(num_films > 0, tf.float32)
    steps = steps + moves
    rate = tf.reshape(learning_rates * moves, (-1, 1, 1))
    # Kernels decay, biases do not.
    decays = [rate * weight_decay if place % 2 == 0 else 0.0 for place in range(len(weights))]
    decayed = [weight * (1 - decay) for weight, decay in zip(weights, decays, strict=True)]
    move = _sgd_moves if optimizer == "sgd" else _adam_moves
    changes, first, second = move(first, second, gradients, steps, rate, tf.reshape(moves, (-1, 1, 1)))
    new_weights = [weight + change for weight, change in zip(decayed, changes, strict=True)]
    return new_weights, first, second, steps, losses, accuracy


_train_step = tf.function(_step, reduce_retracing=True)
# A program for each size, since XLA needs them all.
_compiled_step = tf.function(_step, jit_compile=True)


def is_compiled_stack(num_heads: int, num_steps: int) -> bool:
    """Return whether heads that keep together for so many steps learn through XLA."""
    # On a GPU a program takes 3 s to make, and fifty heads 2.0 ms a step instead of 4.2: it would pay from 1,500 steps on (H100).
    return num_heads * num_steps >= COMPILED_FROM and num_heads > 1 and not tf.config.list_physical_devices("GPU")


def _adam_moves(first, second, gradients, steps, rate, moves):
    """What Adam adds to each weight, and the new moments; heads that do not move (``moves`` 0) keep theirs."""
    safe_steps = tf.reshape(tf.maximum(steps, 1.0), (-1, 1, 1))
    rate = rate * tf.sqrt(1 - BETA_2**safe_steps) / (1 - BETA_1**safe_steps)
    first = [m + moves * (1 - BETA_1) * (g - m) for m, g in zip(first, gradients, strict=True)]
    second = [v + moves * (1 - BETA_2) * (tf.square(g) - v) for v, g in zip(second, gradients, strict=True)]
    return [-rate * m / (tf.sqrt(v) + EPSILON) for m, v in zip(first, second, strict=True)], first, second


def _sgd_moves(first, second, gradients, steps, rate, moves):
    """What SGD with momentum adds to each weight, and the new velocities; heads that do not move keep theirs."""
    velocities = [moves * (MOMENTUM * v - rate * g) + (1 - moves) * v for v, g in zip(first, gradients, strict=True)]
    return [moves * v for v in velocities], velocities, second


@dataclass(frozen=True, kw_only=True, eq=False)
class HeadJob:
    """One head of many.

    films : (n,) int, rows of the features table to train on
    labels : (all films,) int, class of every row of the table; each head may have labels of its own
    views : columns of the table, in the order in which epochs use them
    epochs : after how many it ends; None where it trains as long as the others
    """

    films: np.ndarray
    labels: np.ndarray
    views: tuple[int, ...]
    learning_rate: float
    seed: int
    epochs: int | None = None


def train_heads(
    jobs: Sequence[HeadJob],
    features: np.ndarray,
    *,
    num_classes: int,
    epochs: int,
    batch_size: int,
    last_epoch: int | None = None,
    rule: UpdateRule = _PLAIN,
    on_epoch: Callable[[int, HeadStack], None] = lambda epoch, stack: None,
) -> HeadStack:
    """Train one head a job, all in one graph; equal to training each with ``trainer.fit``.

    Parameters
    ----------
    features : (films, views, features) float32
    epochs : of the jobs that do not name their own
    last_epoch : where all end, if that is earlier; the decay of the rate still follows ``epochs``
    on_epoch : called with 0 before the first epoch and with each finished one, and with the stack; may raise to end the training

    Returns
    -------
    HeadStack, heads in the order of ``jobs``
    """
    steps = heads_in_steps(
        jobs,
        features,
        num_classes=num_classes,
        epochs=epochs,
        batch_size=batch_size,
        last_epoch=last_epoch,
        rule=rule,
    )
    for epoch, stack in steps:
        if epoch is not None:
            on_epoch(epoch, stack)
    return stack


def heads_in_steps(
    jobs: Sequence[HeadJob],
    features: np.ndarray,
    *,
    num_classes: int,
    epochs: int,
    batch_size: int,
    last_epoch: int | None = None,
    rule: UpdateRule = _PLAIN,
) -> Iterator[tuple[int | None, HeadStack]]:
    """Do what ``train_heads`` does a step at a time, for who must give way in between.

    Yields
    ------
    the epoch that has just ended (0 before the first; None after a step within an epoch), and the stack
    """
    longest = max(job.epochs or epochs for job in jobs)
    num_steps = longest * max(-(-len(job.films) // batch_size) for job in jobs)
    stack = HeadStack(
        [job.seed for job in jobs],
        num_features=features.shape[-1],
        num_classes=num_classes,
        rule=rule,
        is_compiled=is_compiled_stack(len(jobs), num_steps),
    )
    yield 0, stack
    for epoch in range(1, min(longest, last_epoch or longest) + 1):
        for is_last in epoch_in_steps(stack, jobs, features, epoch=epoch, epochs=epochs, batch_size=batch_size):
            yield (epoch if is_last else None), stack


def epoch_in_steps(
    stack: HeadStack, jobs: Sequence[HeadJob], features: np.ndarray, *, epoch: int, epochs: int, batch_size: int
) -> Iterator[bool]:
    """Train the heads of a stack, one a job, for one epoch (from 1), a step at a time; yields whether it was the last step."""
    rates = np.array([job.learning_rate for job in jobs], np.float32)
    own_steps = np.array([-(-len(job.films) // batch_size) for job in jobs])
    own_epochs = np.array([job.epochs or epochs for job in jobs])
    rows, views, labels, sample_weights, masks = epoch_arrays(jobs, epoch=epoch, batch_size=batch_size)
    # A head whose weights are all 0 stays as it is.
    sample_weights[own_epochs < epoch] = 0.0
    for step in range(own_steps.max()):
        done = (epoch - 1) * own_steps + step
        stack.train_batch(
            features[rows[:, step], views[:, None]],
            labels[:, step],
            sample_weights[:, step],
            masks[:, step],
            decayed_rate(rates, epochs=own_epochs, step=done),
        )
        yield step + 1 == own_steps.max()


def warm_heads(*, num_features: int, num_classes: int, batch_size: int, num_heads: int = 1, num_steps: int = 1) -> None:
    """Build the graph of a step of so many heads, which will learn for so many steps, before somebody waits for it."""
    stack = HeadStack(
        [0] * num_heads,
        num_features=num_features,
        num_classes=num_classes,
        is_compiled=is_compiled_stack(num_heads, num_steps),
    )
    stack.train_batch(
        np.zeros((num_heads, batch_size, num_features), np.float32),
        np.zeros((num_heads, batch_size), int),
        np.ones((num_heads, batch_size), np.float32),
        np.ones((num_heads, batch_size, HEAD_UNITS), np.float32),
        np.zeros(num_heads, np.float32),
    )


def epoch_arrays(jobs: Sequence[HeadJob], *, epoch: int, batch_size: int) -> tuple[np.ndarray, ...]:
    """Return rows, views, labels, weights and masks of one epoch, padded to whole batches: (heads, steps, batch, ...)."""
    steps = max(-(-len(job.films) // batch_size) for job in jobs)
    rows = np.zeros((len(jobs), steps, batch_size), int)
    sample_weights = np.zeros((len(jobs), steps, batch_size), np.float32)
    masks = np.zeros((len(jobs), steps, batch_size, HEAD_UNITS), np.float32)
    for head, job in enumerate(jobs):
        batches = epoch_batches(job.films, batch_size=batch_size, seed=job.seed, epoch=epoch)
        for step, films in enumerate(batches):
            rows[head, step, : len(films)] = films
            sample_weights[head, step, : len(films)] = 1.0
        masks[head, : len(batches)] = dropout_masks(
            seed=job.seed,
            epoch=epoch,
            num_steps=len(batches),
            batch_size=batch_size,
            units=HEAD_UNITS,
            rate=DROPOUT_RATE,
        )
    labels = np.stack([job.labels[job_rows] for job, job_rows in zip(jobs, rows, strict=True)])
    views = np.array([job.views[(epoch - 1) % len(job.views)] for job in jobs])
    return rows, views, labels, sample_weights, masks
