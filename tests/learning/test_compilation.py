"""Whether steps are compiled: only on a GPU, only where it pays; and that compiled steps are the same steps."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from covidlab.config import TrainingConfig
from covidlab.files import read_json, write_json
from covidlab.learning import compilation
from covidlab.learning.backbones.vgg16 import BACKBONE
from covidlab.learning.compilation import choose_compilation, pays
from covidlab.learning.device import Device
from covidlab.learning.learners import TailLearner
from covidlab.learning.network import HEAD_UNITS
from covidlab.learning.precision import decision_key

GPU = Device(name="a GPU", tensorflow_name="/GPU:0")
CPU = Device(name="a CPU", tensorflow_name="/CPU:0")
DEEP = TrainingConfig(dataset="", fine_tune="block5", epochs=10)
QUICKER = {"plain": 0.03, "compiled": 0.01, "building": 4.0}


@pytest.fixture
def measured(monkeypatch):
    """Let measurements give ``QUICKER``; return the list of what was measured."""
    asked = []
    monkeypatch.setattr(
        compilation, "measure", lambda config, backbone, device, precision: asked.append(precision) or QUICKER
    )
    return asked


def choose(config=DEEP, device=GPU, num_films=1000, precision="float16"):
    return choose_compilation(config, BACKBONE, device, precision=precision, num_films=num_films)


def test_choose_compilation_is_measured_once_for_each_precision(measured):
    assert choose()
    assert choose()
    assert choose(precision="float32")
    assert measured == ["float16", "float32"]


def test_choose_compilation_of_a_run_too_short_to_gain_is_no(measured):
    assert not choose(num_films=20)
    assert pays(QUICKER, num_learned=401)
    assert not pays(QUICKER, num_learned=399)


def test_choose_compilation_measures_nothing_where_a_run_is_too_short_for_any_gain(measured, covidlab_home):
    """Making a program took 20 s on an H100, where all the steps of fifty X-rays take 2 s."""
    key = decision_key(GPU.name, BACKBONE, "block5")
    kept = {"precision": "float16", "film_seconds": {"float32": 0.005, "float16": 0.002}}
    write_json(covidlab_home / "precision.json", {key: kept})
    assert not choose(num_films=40)
    assert measured == []
    assert choose(num_films=1000, precision="float32")
    assert measured == ["float32"]


@pytest.mark.parametrize("error", [tf.errors.InternalError(None, None, "libdevice not found"), MemoryError()])
def test_measure_where_no_program_can_be_made_compiled_steps_are_no_faster(monkeypatch, error):
    def step(config, backbone, device, precision, *, compiled):
        def run():
            if compiled:
                raise error

        return run

    monkeypatch.setattr(compilation, "_step", step)
    measured = compilation.measure(DEEP, BACKBONE, GPU, precision="float32")
    assert measured["compiled"] == measured["plain"]
    assert not pays(measured, num_learned=10**9)


@pytest.mark.parametrize(("config", "device"), [(DEEP, CPU), (TrainingConfig(dataset=""), GPU)])
def test_choose_compilation_measures_nothing_on_a_processor_and_for_a_head(measured, config, device):
    assert not choose(config, device)
    assert measured == []


def test_choose_compilation_damaged_file_is_measured_again(measured, covidlab_home):
    choose()
    (key,) = read_json(covidlab_home / "compilation.json")
    write_json(covidlab_home / "compilation.json", {key: {"plain": "quick"}})
    assert choose()
    assert len(measured) == 2


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


def test_compiled_steps_are_the_plain_ones():
    inputs = np.random.default_rng(0).random((4, 6, 6, 3), np.float32)
    labels, mask = np.array([0, 1, 0, 1]), np.ones((4, HEAD_UNITS), np.float32)
    learners = [TailLearner(small_tail(), compiled=compiled) for compiled in (False, True)]
    losses = [[learner.train_batch(inputs, labels, mask, 0.01)[0] for _ in range(2)] for learner in learners]
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-4)
    plain, compiled = (learner.keras_weights() for learner in learners)
    for ours, theirs in zip(compiled, plain, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-4)


def test_loss_scaling_skips_a_step_whose_gradients_overflow():
    learner = TailLearner(small_tail(), precision="float16")
    inputs = np.full((2, 6, 6, 3), 6e4, np.float32)
    before, scale = learner.keras_weights(), float(learner._optimizer.dynamic_scale)
    learner.train_batch(inputs, np.array([0, 1]), np.ones((2, HEAD_UNITS), np.float32), 0.1)
    for ours, theirs in zip(learner.keras_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert float(learner._optimizer.dynamic_scale) == scale / 2
