"""Devices by the names people know, memory that runs out, and the same steps on a GPU where there is one."""

import os
from contextlib import nullcontext

import numpy as np
import pytest
import tensorflow as tf

from covidlab.config import PRESETS, TrainingConfig
from covidlab.errors import UsageError
from covidlab.learning import device, film_activations
from covidlab.learning.backbones.vgg16 import BACKBONE
from covidlab.learning.building import build_learner
from covidlab.learning.device import OUT_OF_MEMORY, memory_advice, memory_errors, select_device
from covidlab.learning.network import HEAD_UNITS
from covidlab.learning.processor import cpu_device_name


@pytest.fixture
def fake_gpu(monkeypatch):
    """TensorFlow as it is on a machine with a GPU; return what was set: GPUs whose memory was let grow, arithmetic."""
    grown = []
    config = tf.config
    monkeypatch.setattr(config, "list_physical_devices", lambda kind: ["gpu:0"] if kind == "GPU" else [])
    monkeypatch.setattr(config.experimental, "set_memory_growth", lambda gpu, grows: grown.append((gpu, grows)))
    monkeypatch.setattr(config.experimental, "enable_tensor_float_32_execution", lambda on: grown.append(("tf32", on)))
    monkeypatch.setattr(config.experimental, "enable_op_determinism", lambda: grown.append(("fixed order", True)))
    monkeypatch.setattr(config.experimental, "get_device_details", lambda gpu: {"device_name": "NVIDIA X"})
    return grown


def test_gpu_is_found_named_and_set_up(fake_gpu):
    found = select_device("auto")
    assert (found.name, found.tensorflow_name, found.is_gpu) == ("NVIDIA X", "/GPU:0", True)
    assert fake_gpu == [("gpu:0", True), ("tf32", False), ("fixed order", True)]


def test_cpu_is_taken_where_it_is_chosen_beside_a_gpu(fake_gpu):
    assert not select_device("cpu").is_gpu


def test_gpu_that_is_in_use_already_is_found_all_the_same(fake_gpu, monkeypatch):
    def refuse(gpu, grows):
        raise RuntimeError("Physical devices cannot be modified after being initialized")

    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", refuse)
    assert select_device("gpu").is_gpu


def test_gpu_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    assert select_device("auto").name == cpu_device_name()
    with pytest.raises(UsageError, match="TensorFlow sees no GPU"):
        select_device("gpu")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("CUDNN_STATUS_ALLOC_FAILED", MemoryError),
        ("failed to allocate 2.5GiB", MemoryError),
        ("No DNN in stream executor.", MemoryError),
        ("shape mismatch", tf.errors.InternalError),
    ],
)
def test_memory_of_a_gpu_that_runs_out_is_told_from_other_errors(words, kind):
    with pytest.raises(kind, match=words), memory_errors():
        raise tf.errors.InternalError(None, None, words)
    assert issubclass(kind, OUT_OF_MEMORY) == (kind is MemoryError)


def test_memory_advice_names_the_device_and_half_the_batch():
    assert memory_advice("NVIDIA X", batch_size=8) == (
        "The memory ran out on NVIDIA X with batches of 8 X-rays. Try a batch size of 4."
    )
    assert "fewer layers learn" in memory_advice("NVIDIA X", batch_size=1)
    assert "`nvidia-smi` lists other programs" in memory_advice("NVIDIA X", batch_size=8, is_gpu=True)


def test_passes_say_memory_error_where_a_gpu_has_none(monkeypatch):
    def full(*arguments, **options):
        raise tf.errors.FailedPreconditionError(None, None, "No DNN in stream executor.")

    monkeypatch.setattr(film_activations.tf, "function", lambda **options: lambda run: full)
    with pytest.raises(MemoryError, match="No DNN"):
        film_activations.compiled_passes(None, side=2)(np.zeros((1, 2, 2, 3), np.uint8))


def test_memory_of_a_gpu_grows_whoever_uses_it_first():
    """TensorFlow itself reads this, so that it holds also where something computes before ``select_device``."""
    assert os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"


def test_learner_says_memory_error_where_its_step_has_none(monkeypatch):
    learner, _ = build_learner(TrainingConfig(dataset="", fine_tune="block5"), ("first", "second"))

    def full(*arguments):
        raise tf.errors.UnknownError(None, None, "CUBLAS_STATUS_ALLOC_FAILED")

    monkeypatch.setattr(learner, "_step", full)
    with pytest.raises(MemoryError, match="CUBLAS"):
        learner.train_batch(np.zeros((1, 2), np.float32), np.zeros(1), np.ones((1, 2), np.float32), 0.1)


def test_scope_places_what_is_computed(monkeypatch):
    placed = []
    monkeypatch.setattr(device.tf, "device", lambda name: placed.append(name) or nullcontext())
    with device.Device(name="NVIDIA X", tensorflow_name="/GPU:0").scope():
        pass
    assert placed == ["/GPU:0"]


@pytest.fixture
def gpu():
    if not tf.config.list_physical_devices("GPU"):
        pytest.skip("TensorFlow sees no GPU on this machine")
    return select_device("gpu")


@pytest.mark.gpu
@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_gpu_learns_what_the_processor_learns(gpu, precision):
    config = TrainingConfig(dataset="", fine_tune="block5", seed=3)
    inputs = np.random.default_rng(0).random((4, *BACKBONE.cut_point("block5").shape), np.float32)
    labels, mask = np.array([0, 1, 0, 1]), np.ones((4, HEAD_UNITS), np.float32)
    losses = {}
    for name, where, how in (
        ("reference", select_device("cpu"), {}),
        ("gpu", gpu, {"precision": precision}),
    ):
        with where.scope():
            learner, _ = build_learner(config, ("first", "second"), **how)
            losses[name] = [learner.train_batch(inputs, labels, mask, 1e-4)[0] for _ in range(3)]
    np.testing.assert_allclose(losses["gpu"], losses["reference"], rtol=0.002 if precision == "float32" else 0.1)


@pytest.mark.gpu
@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_gpu_learns_the_same_twice(gpu, precision):
    config = TrainingConfig(dataset="", fine_tune="all", seed=3)
    inputs = np.random.default_rng(0).random((4, *BACKBONE.cut_point("all").shape), np.float32)
    labels, mask = np.array([0, 1, 0, 1]), np.ones((4, HEAD_UNITS), np.float32)
    losses = []
    for _ in range(2):
        with gpu.scope():
            learner, _ = build_learner(config, ("first", "second"), precision=precision)
            losses.append([learner.train_batch(inputs, labels, mask, 1e-4)[0] for _ in range(4)])
    assert losses[0] == losses[1]


@pytest.mark.gpu
def test_gpu_gives_the_activations_of_the_processor_in_float32(gpu):
    films = np.random.default_rng(0).integers(0, 256, (4, 224, 224, 3), np.uint8)
    given = []
    for where in (select_device("cpu"), gpu):
        # Weights that lie where they are used.
        film_activations._forwards.clear()
        with where.scope():
            given.append(film_activations.forward(PRESETS["default"], BACKBONE, "head")(films).numpy())
    film_activations._forwards.clear()
    assert np.linalg.norm(given[1] - given[0]) < 1e-4 * np.linalg.norm(given[0])
