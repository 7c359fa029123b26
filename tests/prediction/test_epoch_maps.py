"""Maps of every epoch, held to the map of a Keras head."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from covidlab.config import PRESETS
from covidlab.learning.backbones.vgg16 import BACKBONE
from covidlab.learning.network import build_head, hidden_part
from covidlab.prediction.epoch_maps import epoch_maps
from covidlab.prediction.gradcam import grad_cam


@pytest.mark.parametrize("preset", ["default", "original"])
@pytest.mark.parametrize("num_classes", [2, 3])
def test_epoch_maps_equal_the_map_of_the_same_keras_head(preset, num_classes):
    # Some random heads answer a class with no map at all.
    keras.utils.set_random_seed(0)
    activation = np.random.default_rng(0).random((7, 7, 512)).astype(np.float32)
    heads, expected = {}, []
    for epoch in (2, 5):
        head = build_head(PRESETS[preset], BACKBONE, num_classes=num_classes)
        heads[epoch] = head.get_weights()
        hidden, output = hidden_part(head), head.get_layer("probabilities")

        def logits_of(cells, hidden=hidden, output=output):
            return tf.matmul(hidden(cells), output.kernel) + output.bias

        logits, heatmap = grad_cam(logits_of, tf.constant(activation[None]), class_index=1)
        expected.append((tf.nn.softmax(logits)[1].numpy(), heatmap.numpy()))
    maps = epoch_maps(activation, heads, preset=PRESETS[preset], class_index=1)
    assert maps.epochs.tolist() == [2, 5]
    np.testing.assert_allclose(maps.probabilities, [probability for probability, _ in expected], atol=1e-5)
    np.testing.assert_allclose(maps.heatmaps, [heatmap for _, heatmap in expected], atol=1e-5)
    assert maps.heatmaps.max() > 1e-4
