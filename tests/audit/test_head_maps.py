"""Maps of many X-rays by one head, held to the maps that Keras gives."""

import numpy as np
import pytest
import tensorflow as tf

from covidlab.audit.head_maps import head_maps, log_odds
from covidlab.config import PRESETS
from covidlab.learning.network import pooled
from covidlab.prediction.explanation import Method
from covidlab.prediction.gradcam import grad_cam, grad_cam_plus_plus, log_odds_of_class

FEATURES, UNITS = 12, 6


def weights_of(num_classes: int) -> list[np.ndarray]:
    generator = np.random.default_rng(1)
    shapes = (FEATURES, UNITS), (UNITS,), (UNITS, num_classes), (num_classes,)
    return [generator.normal(size=shape).astype(np.float32) for shape in shapes]


def logits_by_tensorflow(preset, weights):
    kernel, bias, output_kernel, output_bias = weights
    seen = slice(None) if PRESETS[preset].pooling == "global" else slice(0, 4)

    def logits_of(cells):
        features = tf.reduce_mean(cells[:, seen, seen], axis=(1, 2))
        return tf.nn.relu(features @ kernel + bias) @ output_kernel + output_bias

    return logits_of


@pytest.mark.parametrize("preset", ["default", "original"])
@pytest.mark.parametrize("num_classes", [2, 3])
@pytest.mark.parametrize(
    ("method", "make"), [(Method.GRAD_CAM, grad_cam), (Method.GRAD_CAM_PLUS_PLUS, grad_cam_plus_plus)]
)
def test_head_maps_equal_those_of_the_gradient_that_tensorflow_takes(preset, num_classes, method, make):
    activations = np.random.default_rng(0).random((3, 7, 7, FEATURES)).astype(np.float32)
    weights = weights_of(num_classes)
    logits_of = logits_by_tensorflow(preset, weights)
    made = head_maps(activations, weights, preset=PRESETS[preset], class_index=np.array([0, 1, num_classes - 1]))
    for film, explained in enumerate((0, 1, num_classes - 1)):
        logits, heatmap = make(logits_of, tf.constant(activations[film][None]), class_index=explained)
        np.testing.assert_allclose(made.maps[method][film], heatmap.numpy(), atol=1e-5)
        assert made.log_odds[film] == pytest.approx(float(log_odds_of_class(logits, explained)), abs=1e-4)
    assert made.maps[method].max() > 1e-2


def test_log_odds_of_one_class_take_any_number_of_axes():
    features = pooled(np.random.default_rng(0).random((6, 7, 7, FEATURES)), PRESETS["default"])
    flat = log_odds(features, weights_of(2), class_index=1)
    np.testing.assert_allclose(log_odds(features.reshape(2, 3, FEATURES), weights_of(2), class_index=1).ravel(), flat)
