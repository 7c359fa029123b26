"""What learns at a depth, from the cached activation: the same as the whole network on the same X-rays."""

import time

import keras
import numpy as np
import pytest

from covidlab.config import PRESETS, TrainingConfig
from covidlab.learning.backbones.vgg16 import BACKBONE
from covidlab.learning.building import build_learner
from covidlab.learning.film_activations import forward
from covidlab.learning.learners import TailLearner
from covidlab.learning.network import DROPOUT_RATE, HEAD_UNITS, build_model, tail_of
from covidlab.learning.schedule import dropout_masks

STEPS, BATCH, RATE = 3, 2, 1e-4


def whole_network_from(tail: keras.Model) -> keras.Model:
    """The whole network with the same weights, of which the layers of ``tail`` learn and no others."""
    model = tail_of(build_model(PRESETS["default"], BACKBONE, num_classes=2), BACKBONE, "all")
    learns = {layer.name for layer in tail.layers}
    for layer in model.layers:
        layer.trainable = layer.name in learns
        if layer.name in learns:
            layer.set_weights(tail.get_layer(layer.name).get_weights())
    return model


def test_steps_from_the_activation_equal_those_of_the_whole_network_at_a_fraction_of_the_time():
    films = np.random.default_rng(3).integers(0, 256, (BATCH, 224, 224, 3)).astype(np.uint8)
    labels = np.array([0, 1])
    learner, tail = build_learner(TrainingConfig(dataset="", fine_tune="block5"), ["covid", "normal"])
    whole = TailLearner(whole_network_from(tail))
    activations = forward(PRESETS["default"], BACKBONE, "block5")(films).numpy()
    seconds = np.zeros((2, STEPS))
    masks = dropout_masks(seed=1, epoch=1, num_steps=STEPS, batch_size=BATCH, units=HEAD_UNITS, rate=DROPOUT_RATE)
    for step, mask in enumerate(masks):
        begun = time.process_time()
        loss, _ = learner.train_batch(activations, labels, mask, RATE)
        between = time.process_time()
        expected, _ = whole.train_batch(films.astype(np.float32) / 255, labels, mask, RATE)
        seconds[:, step] = between - begun, time.process_time() - between
        assert loss == pytest.approx(expected, rel=1e-4)
    # The first step builds the graph.
    ours, theirs = seconds[:, 1:].min(axis=1)
    assert ours < 0.6 * theirs
    for layer in learner.tail.layers[1:]:
        for mine, other in zip(layer.get_weights(), whole.tail.get_layer(layer.name).get_weights(), strict=True):
            # Three steps move a weight by up to 3e-4.
            np.testing.assert_allclose(mine, other, atol=1e-5)
