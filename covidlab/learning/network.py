"""A backbone with a small head: one flat Keras model, cut where the frozen layers end.

    film (side, side, 3) in [0, 1] -> preprocessing -> backbone -> activation -> pooling (features,) -> head (classes,)
    `---------------- frozen ----------------'`------------- tail: what learns -----------------'

With VGG16 the film is (224, 224, 3), the activation at the depth "head" (7, 7, 512), and 512 features are pooled.
"""

import keras
import numpy as np
from keras import layers

from covidlab.config import Preset
from covidlab.learning.backbones.base import INPUT, Backbone

HEAD_UNITS = 64
DROPOUT_RATE = 0.5

# Names of layers in saved models: they stay.
_PREPROCESSING = "imagenet_preprocessing"
_HEAD = ("pooling", "flatten", "hidden", "dropout", "probabilities")


def build_model(preset: Preset, backbone: Backbone, *, num_classes: int) -> keras.Model:
    """Return the whole model: (batch, side, side, 3) float in [0, 1], RGB -> (batch, num_classes) probabilities.

    Raises ModelError where the weights of the backbone are damaged or missing.
    """
    backbone.require_weights()
    films = keras.Input((backbone.input_side, backbone.input_side, 3), name="film")
    x = _preprocessing_layer()(films) if preset.preprocessing == "imagenet" else films
    for layer in [*_without_input(backbone.build()), *_head_layers(preset, num_classes=num_classes)]:
        x = layer(x)
    model = keras.Model(films, x, name="covidlab")
    if preset.preprocessing == "imagenet":
        expected = backbone.preprocessing
        kernel, offset = np.array(expected.matrix, np.float32), np.array(expected.offset, np.float32)
        model.get_layer(_PREPROCESSING).set_weights([kernel[None, None], offset])
    return model


def frozen_part(model: keras.Model, backbone: Backbone, fine_tune: str) -> keras.Model | None:
    """Return the part of ``model`` that stays as it is, None where every layer learns."""
    cut = backbone.cut_point(fine_tune)
    if cut.layer == INPUT:
        return None
    return _chain(model.layers[1 : _position(model, cut.layer) + 1], model.input_shape[1:], name="frozen")


def tail_of(model: keras.Model, backbone: Backbone, fine_tune: str) -> keras.Model:
    """Return what learns, sharing its layers with ``model``: activation at the deepest frozen layer -> probabilities."""
    cut = backbone.cut_point(fine_tune)
    first = 1 if cut.layer == INPUT else _position(model, cut.layer) + 1
    tail = _chain(model.layers[first:], cut.shape, name="tail")
    for layer in tail.layers:
        # Turning RGB into BGR minus means is arithmetic, not something to learn.
        layer.trainable = layer.name != _PREPROCESSING
    return tail


def build_head(preset: Preset, backbone: Backbone, *, num_classes: int) -> keras.Model:
    """Return the head alone, activation -> (batch, num_classes); needs none of the backbone's weights."""
    return _chain(_head_layers(preset, num_classes=num_classes), backbone.cut_point("head").shape, name="tail")


def hidden_part(tail: keras.Model) -> keras.Model:
    """Return a tail up to the head's hidden layer: activation -> (batch, 64), weights shared."""
    return _chain(tail.layers[1 : _position(tail, "hidden") + 1], tail.input_shape[1:], name="hidden_part")


def features_part(tail: keras.Model) -> keras.Model:
    """Return a tail up to what the head's hidden layer takes: activation -> (batch, features), weights shared."""
    return _chain(tail.layers[1 : _position(tail, "hidden")], tail.input_shape[1:], name="features_part")


def with_precision(model: keras.Model, policy: str) -> keras.Model:
    """Return a copy whose convolutions follow ``policy`` ("bfloat16", "mixed_bfloat16", ...), with weights of its own.

    The preprocessing and the head stay in float32, and so does the loss computed from it.
    """

    def rebuilt(layer: layers.Layer) -> layers.Layer:
        config = layer.get_config()
        if layer.name != _PREPROCESSING and layer.name not in _HEAD:
            config["dtype"] = policy
        return type(layer).from_config(config)

    copy = keras.models.clone_model(model, clone_function=rebuilt)
    copy.set_weights(model.get_weights())
    return copy


def pooled(activations: np.ndarray, preset: Preset) -> np.ndarray:
    """Return what the head's pooling gives: (n, height, width, features) -> (n, features) float32."""
    cells = activations if preset.pooling == "global" else activations[:, :4, :4]
    return cells.astype(np.float32).mean(axis=(1, 2))


def _head_layers(preset: Preset, *, num_classes: int) -> list[layers.Layer]:
    if preset.pooling == "global":
        pooling = [layers.GlobalAveragePooling2D(name="pooling")]
    else:
        pooling = [layers.AveragePooling2D((4, 4), name="pooling"), layers.Flatten(name="flatten")]
    return [
        *pooling,
        layers.Dense(HEAD_UNITS, activation="relu", name="hidden"),
        layers.Dropout(DROPOUT_RATE, name="dropout"),
        layers.Dense(num_classes, activation="softmax", name="probabilities"),
    ]


def _position(model: keras.Model, layer: str) -> int:
    return [each.name for each in model.layers].index(layer)


def _without_input(model: keras.Model) -> list[layers.Layer]:
    return [layer for layer in model.layers if not isinstance(layer, layers.InputLayer)]


def _chain(parts: list[layers.Layer], input_shape: tuple[int, ...], *, name: str) -> keras.Model:
    """Apply ``parts`` one after another, sharing their weights with the model they come from."""
    inputs = x = keras.Input(input_shape, name="film" if input_shape[-1] == 3 else "activation")
    for layer in parts:
        x = layer(x)
    return keras.Model(inputs, x, name=name)


def _preprocessing_layer() -> layers.Layer:
    # A fixed 1 x 1 convolution, not a Lambda: the saved model opens in plain Keras in safe mode.
    return layers.Conv2D(3, 1, trainable=False, name=_PREPROCESSING)
