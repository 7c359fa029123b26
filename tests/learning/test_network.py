"""VGG16 with a head: the published values, the two presets, the cuts."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from covidlab.config import FINE_TUNE_DEPTHS, PRESETS
from covidlab.errors import ModelError
from covidlab.learning.backbones.vgg16 import BACKBONE
from covidlab.learning.network import build_head, build_model, frozen_part, hidden_part, pooled, tail_of


@pytest.fixture(scope="module")
def models():
    return {name: build_model(preset, BACKBONE, num_classes=2) for name, preset in PRESETS.items()}


@pytest.fixture(scope="module")
def film():
    return np.random.default_rng(0).uniform(0, 1, (1, 224, 224, 3)).astype(np.float32)


def test_build_model_weights_are_the_published_ones(models):
    kernel, _ = models["default"].get_layer("block1_conv1").get_weights()
    _, bias = models["default"].get_layer("block5_conv3").get_weights()
    assert kernel[0, 0, 0, 0] == pytest.approx(0.42947057, rel=1e-3)
    assert bias.mean() == pytest.approx(0.14986369, rel=1e-3)
    assert bias.max() == pytest.approx(9.431553, rel=1e-3)


def test_build_model_default_preprocessing_is_what_vgg16_was_trained_on(models, film):
    layer = models["default"].get_layer("imagenet_preprocessing")
    expected = keras.applications.vgg16.preprocess_input(film.copy() * 255.0)
    np.testing.assert_allclose(layer(film), expected, atol=1e-3)


def test_build_model_original_feeds_the_film_straight_in(models):
    assert "imagenet_preprocessing" not in [layer.name for layer in models["original"].layers]


def test_build_model_damaged_weights_are_refused(tmp_path):
    damaged = tmp_path / "weights.h5"
    damaged.write_bytes(b"not the weights")
    with pytest.raises(ModelError, match=r"VGG16 weights .* damaged or missing"):
        build_model(PRESETS["default"], replace(BACKBONE, weights_path=damaged), num_classes=2)


@pytest.mark.parametrize("depth", FINE_TUNE_DEPTHS)
def test_frozen_part_and_tail_together_are_the_model(models, film, depth):
    model = models["default"]
    frozen = frozen_part(model, BACKBONE, depth)
    activation = film if frozen is None else frozen(film)
    np.testing.assert_allclose(tail_of(model, BACKBONE, depth)(activation), model(film), atol=1e-5)


@pytest.mark.parametrize("depth", FINE_TUNE_DEPTHS)
def test_tail_has_as_many_numbers_to_learn_as_the_description_says(models, depth):
    tail = tail_of(models["default"], BACKBONE, depth)
    num_trainable = sum(int(np.prod(variable.shape)) for variable in tail.trainable_variables)
    assert num_trainable == BACKBONE.cut_point(depth).num_learning


@pytest.mark.parametrize("preset", PRESETS)
def test_pooled_equals_the_pooling_of_the_head(preset):
    activation = np.random.default_rng(1).normal(size=(3, 7, 7, 512)).astype(np.float32)
    head = build_head(PRESETS[preset], BACKBONE, num_classes=2)
    layers = [layer for layer in head.layers[1:] if layer.name in ("pooling", "flatten")]
    expected = activation
    for layer in layers:
        expected = layer(expected)
    np.testing.assert_allclose(pooled(activation, PRESETS[preset]), expected, atol=1e-5)


def test_original_pooling_sees_only_the_upper_left_cells():
    activation = np.zeros((1, 7, 7, 512), np.float32)
    activation[:, 4:, :] = activation[:, :, 4:] = 1.0
    assert pooled(activation, PRESETS["original"]).max() == 0
    assert pooled(activation, PRESETS["default"]).min() > 0


def test_hidden_part_ends_before_the_dropout(models, film):
    tail = tail_of(models["default"], BACKBONE, "head")
    assert hidden_part(tail)(np.zeros((2, 7, 7, 512), np.float32)).shape == (2, 64)
