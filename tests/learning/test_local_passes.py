"""Passes of an X-ray of which a part has changed equal whole passes."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from covidlab.learning.local_passes import Box, LocalPasses, changed_box, changed_share

SIDE = 96


@pytest.fixture(scope="module")
def model() -> keras.Model:
    """Three stages with one, two and three convolutions, as small as they come, with biases."""
    keras.utils.set_random_seed(4)
    conv = {"kernel_size": 3, "padding": "same", "activation": "relu", "bias_initializer": "random_normal"}
    layers = [keras.Input((SIDE, SIDE, 3))]
    for number in (1, 2, 3):
        layers += [keras.layers.Conv2D(4, **conv) for _ in range(number)] + [keras.layers.MaxPooling2D()]
    return keras.Sequential(layers)


@pytest.fixture(scope="module")
def local(model) -> LocalPasses:
    return LocalPasses(model)


def film(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)


PLACES = [(0, 9, 0, 7), (40, 50, 41, 47), (87, 96, 80, 96), (0, 96, 30, 33), (5, 6, 90, 91)]


@pytest.mark.parametrize("place", PLACES)
def test_changed_part_gives_what_a_whole_pass_gives(model, local, place):
    unchanged, changed = film(), film()
    top, bottom, left, right = place
    changed[top:bottom, left:right] = 255 - changed[top:bottom, left:right]
    whole = model(changed[None].astype(np.float32) / 255).numpy()
    found = local.changed(changed, local.whole(unchanged), unchanged)
    np.testing.assert_allclose(found, whole, atol=1e-5)
    assert not np.array_equal(found, local.whole(unchanged)[-1])


def test_pass_before_is_left_as_it_was(local):
    unchanged, changed = film(), film()
    changed[20:60, 20:60] = 0
    before = local.whole(unchanged)
    copies = [each.copy() for each in before]
    local.changed(changed, before, unchanged)
    for each, copy in zip(before, copies, strict=True):
        np.testing.assert_array_equal(each, copy)


def test_unchanged_x_ray_gives_the_pass_before(local):
    before = local.whole(film())
    assert local.changed(film(), before, film()) is before[-1]


def test_changed_box_holds_all_that_differs_on_a_grid():
    changed = film()
    changed[19, 33] ^= 255
    assert changed_box(changed, film()) == Box(16, 24, 32, 40)
    assert changed_share(changed, film()) == pytest.approx(64 / SIDE**2)
    assert changed_box(film(), film()) is None and changed_share(film(), film()) == 0


def test_many_stages_are_no_function_that_is_traced_too_often(monkeypatch):
    layers, said = [keras.Input((SIDE, SIDE, 3))], []
    for _ in range(6):
        layers += [keras.layers.Conv2D(1, 3, padding="same"), keras.layers.MaxPooling2D()]
    monkeypatch.setattr(tf.get_logger(), "handle", said.append)
    LocalPasses(keras.Sequential(layers)).whole(film())
    assert said == []
