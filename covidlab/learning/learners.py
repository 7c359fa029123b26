"""What the training loop trains: a head alone, or a head with unfrozen blocks."""

from typing import Protocol

import keras
import numpy as np
import tensorflow as tf

from covidlab.config import REFERENCE
from covidlab.learning.device import memory_errors
from covidlab.learning.heads import HeadStack
from covidlab.learning.network import hidden_part, with_precision
from covidlab.learning.updates import MOMENTUM, UpdateRule

_PLAIN = UpdateRule()


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

    def keras_weights(self) -> list[np.ndarray]:
        """Return what was learned as the ``set_weights`` of the tail takes it, float32."""


class HeadLearner:
    """One head: a stack of one, padded to whole batches so that one graph serves every step."""

    def __init__(self, *, seed: int, num_features: int, num_classes: int, batch_size: int, rule: UpdateRule = _PLAIN):
        self.stack = HeadStack([seed], num_features=num_features, num_classes=num_classes, rule=rule)
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

    def keras_weights(self):
        """See Learner."""
        return self.stack.keras_weights(0)


class TailLearner:
    """Head and unfrozen blocks: a Keras model from the deepest frozen activation to probabilities.

    In a smaller precision the convolutions compute in it, on a copy of ``tail``; weights, head and loss are float32, and
    float16, whose smallest number is 6e-8, gets a loss that is scaled up before the gradients are taken (Micikevicius et
    al., "Mixed precision training", 2018).
    """

    def __init__(self, tail: keras.Model, *, precision: str = REFERENCE, rule: UpdateRule = _PLAIN):
        self.tail = tail if precision == REFERENCE else with_precision(tail, f"mixed_{precision}")
        self._hidden = hidden_part(self.tail)
        self._class_weights = tf.constant(rule.class_weights or [1.0] * tail.output_shape[-1], tf.float32)
        self._optimizer = _optimizer(rule)
        if precision == "float16":
            self._optimizer = keras.optimizers.LossScaleOptimizer(self._optimizer)
        self._optimizer.build(self.tail.trainable_variables)
        # Not through XLA: on a GPU it has no gradient of the pooling that adds up in a fixed order.
        self._step = tf.function(self._train_step, reduce_retracing=True)
        self._predict = tf.function(lambda inputs: self.tail(inputs, training=False), reduce_retracing=True)

    def train_batch(self, inputs, labels, mask, rate):
        """See Learner."""
        self._optimizer.learning_rate.assign(rate)
        with memory_errors():
            loss, accuracy = self._step(
                tf.constant(inputs), tf.constant(labels, tf.int32), tf.constant(mask[: len(labels)])
            )
            return float(loss), float(accuracy)

    def probabilities(self, inputs):
        """See Learner."""
        with memory_errors():
            return self._predict(tf.constant(inputs)).numpy()

    def arrays(self):
        """See Learner."""
        return [np.array(variable) for variable in (*self.tail.trainable_variables, *self._optimizer.variables)]

    def restore(self, arrays):
        """See Learner."""
        variables = (*self.tail.trainable_variables, *self._optimizer.variables)
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)

    def keras_weights(self):
        """See Learner."""
        return self.tail.get_weights()

    def _train_step(self, inputs, labels, mask):
        output = self.tail.get_layer("probabilities")
        with tf.GradientTape() as tape:
            # The masks come from NumPy, not from Keras' Dropout: a resumed run repeats an undisturbed one.
            hidden = self._hidden(inputs, training=True) * mask
            logits = tf.matmul(hidden, output.kernel) + output.bias
            cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_mean(cross_entropy * tf.gather(self._class_weights, labels))
            scaled = self._optimizer.scale_loss(loss)
        variables = self.tail.trainable_variables
        self._optimizer.apply_gradients(zip(tape.gradient(scaled, variables), variables, strict=True))
        return loss, tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, -1, tf.int32), labels), tf.float32))


def _optimizer(rule: UpdateRule) -> keras.optimizers.Optimizer:
    """Keras' optimiser for a rule; its rate is assigned at each step."""
    decay = rule.weight_decay or None
    if rule.optimizer == "sgd":
        optimizer = keras.optimizers.SGD(momentum=MOMENTUM, weight_decay=decay)
    else:
        optimizer = keras.optimizers.Adam(weight_decay=decay)
    if decay:
        optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer
