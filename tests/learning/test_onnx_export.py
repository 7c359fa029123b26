"""A model as an ONNX file: the same probabilities, or no file."""

import json
import sys

import keras
import numpy as np
import onnx
import onnxruntime
import pytest
from keras import layers

from covidlab.errors import ModelError, UsageError
from covidlab.learning.modelcard import ModelCard
from covidlab.learning.onnx_export import TOLERANCE, build_graph, export_onnx

SIDE = 12


@pytest.fixture
def card():
    return ModelCard(
        kind="whole",
        preset="original",
        fine_tune="head",
        classes=["covid", "normal"],
        positive_class="covid",
        frozen_sha256="",
        threshold=0.25,
        version="0.2.0",
    )


@pytest.fixture
def films():
    return list(np.random.default_rng(3).integers(0, 256, (11, SIDE, SIDE, 3), dtype=np.uint8))


def small_model(*head: layers.Layer) -> keras.Model:
    """The kinds of layers that VGG16 has, small, with weights drawn at random: biases too, unlike Keras' own start."""
    keras.utils.set_random_seed(5)
    model = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            layers.Conv2D(3, 1),
            layers.Conv2D(4, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2, strides=2),
            *head,
            layers.Dense(5, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(2, activation="softmax"),
        ]
    )
    generator = np.random.default_rng(5)
    model.set_weights([array + generator.normal(0, 0.3, array.shape) for array in model.get_weights()])
    return model


@pytest.mark.parametrize(
    "head",
    [(layers.GlobalAveragePooling2D,), (lambda: layers.AveragePooling2D((2, 3)), layers.Flatten)],
    ids=["global", "flattened"],
)
def test_export_onnx_gives_the_probabilities_of_the_model(tmp_path, card, films, head):
    model, done = small_model(*(make() for make in head)), []
    comparison = export_onnx(model, card, tmp_path / "model.onnx", films, progress=done.append)
    assert comparison.num_films == len(films)
    assert comparison.largest_difference < TOLERANCE / 10
    assert done == [8, 11]
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    inputs = np.stack(films[:3]).astype(np.float32) / 255
    np.testing.assert_allclose(session.run(None, {"xray": inputs})[0], model(inputs), atol=TOLERANCE)


def test_onnx_file_says_what_its_numbers_mean(card):
    graph = build_graph(small_model(layers.GlobalAveragePooling2D()), card)
    onnx.checker.check_model(graph, full_check=True)
    said = {prop.key: prop.value for prop in graph.metadata_props}
    assert json.loads(said["classes"]) == ["covid", "normal"]
    assert (said["positive_class"], json.loads(said["operating_point"])) == ("covid", 0.25)
    assert (said["preset"], said["resize"], said["covidlab_version"]) == ("original", "linear", "0.2.0")
    assert said["not_for_diagnosis"].startswith("Not for diagnosis.")
    (given,) = graph.graph.input
    assert [axis.dim_value or axis.dim_param for axis in given.type.tensor_type.shape.dim] == ["n", SIDE, SIDE, 3]


def test_export_onnx_with_other_probabilities_is_refused_and_leaves_no_file(tmp_path, card, films):
    model = small_model(layers.GlobalAveragePooling2D())

    def changing():
        """X-rays that change the model once the graph is written."""
        model.layers[-1].bias.assign([0.0, 0.9])
        yield from films

    with pytest.raises(ModelError, match=r"not saved: its probabilities differ .* by up to 0\.\d{6}.*n = 11 X-rays"):
        export_onnx(model, card, tmp_path / "model.onnx", changing())
    assert list(tmp_path.iterdir()) == []


def test_export_onnx_that_gives_no_number_is_refused(tmp_path, card, films):
    model = small_model(layers.GlobalAveragePooling2D())
    model.layers[-1].bias.assign([np.nan, 0.0])
    with pytest.raises(ModelError, match="not saved"):
        export_onnx(model, card, tmp_path / "model.onnx", films)


def test_export_onnx_without_an_x_ray_to_compare_on_is_refused(tmp_path, card):
    with pytest.raises(ModelError, match="at least one X-ray"):
        export_onnx(small_model(layers.GlobalAveragePooling2D()), card, tmp_path / "model.onnx", [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "layer", [layers.BatchNormalization(name="other"), layers.Conv2D(4, 3, strides=2, name="other")]
)
def test_build_graph_with_an_unknown_layer_is_refused(card, layer):
    model = small_model(layer, layers.GlobalAveragePooling2D())
    with pytest.raises(ModelError, match=rf"a layer {type(layer).__name__} \(other\)"):
        build_graph(model, card)


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_export_onnx_without_its_packages_says_how_to_install_them(tmp_path, card, films, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match="pip install onnx onnxruntime"):
        export_onnx(small_model(layers.GlobalAveragePooling2D()), card, tmp_path / "model.onnx", films)
