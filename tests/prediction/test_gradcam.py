"""Heat maps against their closed form, and laid over a film."""

import numpy as np
import pytest
import tensorflow as tf

from covidlab.prediction.gradcam import grad_cam
from covidlab.prediction.overlay import overlay


@pytest.fixture
def activation():
    values = np.random.default_rng(3).normal(size=(1, 7, 7, 16)).astype(np.float32)
    return tf.constant(values)


@pytest.fixture
def kernel():
    return np.random.default_rng(4).normal(size=(16, 2)).astype(np.float32)


def test_grad_cam_of_linear_head_is_class_activation_mapping(activation, kernel):
    def logits_of(a):
        return tf.reduce_mean(a, axis=(1, 2)) @ kernel

    logits, heatmap = grad_cam(logits_of, activation, class_index=0)
    weights = kernel[:, 0] - kernel[:, 1]
    expected = np.maximum(activation.numpy()[0] @ weights, 0) / 49
    np.testing.assert_allclose(heatmap, expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(logits, activation.numpy()[0].mean(axis=(0, 1)) @ kernel, rtol=1e-4, atol=1e-6)


def test_grad_cam_of_linear_head_sums_to_the_log_odds(activation, kernel):
    positive = tf.abs(activation)
    kernel = np.abs(kernel) * [1, 0]
    logits, heatmap = grad_cam(lambda a: tf.reduce_mean(a, axis=(1, 2)) @ kernel, positive, class_index=0)
    assert float(tf.reduce_sum(heatmap)) == pytest.approx(float(logits[0] - logits[1]), rel=1e-4)


def test_grad_cam_never_colours_cells_the_head_does_not_see(activation, kernel):
    def logits_of(a):
        return tf.reduce_mean(a[:, :4, :4], axis=(1, 2)) @ kernel

    _, heatmap = grad_cam(logits_of, activation, class_index=0)
    unseen = heatmap.numpy().copy()
    unseen[:4, :4] = 0
    assert unseen.max() == 0 < heatmap.numpy().max()


def test_grad_cam_of_three_classes_explains_one_against_the_others(activation):
    kernel = np.random.default_rng(5).normal(size=(16, 3)).astype(np.float32)
    logits, heatmap = grad_cam(lambda a: tf.reduce_mean(a, axis=(1, 2)) @ kernel, activation, class_index=1)
    others = np.exp([logits[0], logits[2]]) / np.exp([logits[0], logits[2]]).sum()
    weights = kernel[:, 1] - kernel[:, [0, 2]] @ others
    np.testing.assert_allclose(heatmap, np.maximum(activation.numpy()[0] @ weights, 0) / 49, rtol=1e-3, atol=1e-6)


def test_overlay_without_opacity_is_the_film():
    film = np.random.default_rng(0).integers(0, 256, (60, 80, 3)).astype(np.uint8)
    assert np.array_equal(overlay(film, np.ones((7, 7), np.float32), opacity=0.0), film)


def test_overlay_of_empty_heat_map_is_the_film():
    film = np.full((60, 80, 3), 90, np.uint8)
    assert np.array_equal(overlay(film, np.zeros((7, 7), np.float32), opacity=1.0), film)


def test_overlay_colours_the_hot_place_and_leaves_the_cold_one():
    heatmap = np.zeros((7, 7), np.float32)
    heatmap[0, 0] = 2.0
    film = np.full((70, 70, 3), 90, np.uint8)
    laid = overlay(film, heatmap, opacity=1.0)
    assert np.ptp(laid[3, 3]) > 40
    assert (laid[40:, 40:] == 90).all()
