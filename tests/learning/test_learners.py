"""A step in float16, whose loss is scaled."""

import keras
import numpy as np

from covidlab.learning.learners import TailLearner
from covidlab.learning.network import HEAD_UNITS


def small_tail() -> keras.Model:
    """What a tail has, in small: a convolution, pooling and the layers of a head by their names."""
    keras.utils.set_random_seed(5)
    layers = [
        keras.layers.Conv2D(4, 3, activation="relu", name="conv"),
        keras.layers.GlobalAveragePooling2D(name="pooling"),
        keras.layers.Dense(HEAD_UNITS, activation="relu", name="hidden"),
        keras.layers.Dropout(0.5, name="dropout"),
        keras.layers.Dense(2, activation="softmax", name="probabilities"),
    ]
    inputs = x = keras.Input((6, 6, 3), name="activation")
    for layer in layers:
        x = layer(x)
    return keras.Model(inputs, x, name="tail")


def test_loss_scaling_skips_a_step_whose_gradients_overflow():
    learner = TailLearner(small_tail(), precision="float16")
    inputs = np.full((2, 6, 6, 3), 6e4, np.float32)
    before, scale = learner.keras_weights(), float(learner._optimizer.dynamic_scale)
    learner.train_batch(inputs, np.array([0, 1]), np.ones((2, HEAD_UNITS), np.float32), 0.1)
    for ours, theirs in zip(learner.keras_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert float(learner._optimizer.dynamic_scale) == scale / 2
