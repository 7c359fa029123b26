"""VGG16 with a small head: one flat Keras model, cut where the frozen layers end.

    film (224, 224, 3) in [0, 1] -> preprocessing -> block1 ... block5_pool (7, 7, 512) -> pooling (512,) -> head (classes,)
    `---------------- frozen ----------------'`------------- tail: what learns -----------------'

K. Simonyan and A. Zisserman, "Very deep convolutional networks for large-scale image recognition", 2015; weights CC BY 4.0.
"""

import hashlib
from functools import lru_cache

import keras
import numpy as np
from keras import layers

from covidlab.config import IMAGE_SIDE, Preset
from covidlab.errors import ModelError
from covidlab.learning.activations import ACTIVATION_SHAPE, FROZEN_LAYER, WEIGHTS_SHA256
from covidlab.paths import ASSETS

WEIGHTS_PATH = ASSETS / "vgg16_imagenet_notop.fp16.weights.h5"
HEAD_UNITS = 64
DROPOUT_RATE = 0.5

# Means of the ImageNet training images in the order blue, green, red (Simonyan & Zisserman 2015, as in Keras).
IMAGENET_MEANS_BGR = (103.939, 116.779, 123.68)


@lru_cache(maxsize=1)
def weights_sha256() -> str:
    """Return the sha256 of the weights file, the name of the frozen layers; raises ModelError where it is damaged."""
    found = hashlib.sha256(WEIGHTS_PATH.read_bytes()).hexdigest() if WEIGHTS_PATH.is_file() else "no file"
    if found != WEIGHTS_SHA256:
        raise ModelError(
            f"The VGG16 weights in {WEIGHTS_PATH} are damaged or missing. Install covidlab anew. Received: {found}."
        )
    return found


def build_model(preset: Preset, *, num_classes: int) -> keras.Model:
    """Return the whole model: (batch, 224, 224, 3) float in [0, 1], RGB -> (batch, num_classes) probabilities."""
    weights_sha256()
    backbone = keras.applications.VGG16(
        include_top=False, weights=str(WEIGHTS_PATH), input_shape=(IMAGE_SIDE, IMAGE_SIDE, 3)
    )
    films = keras.Input((IMAGE_SIDE, IMAGE_SIDE, 3), name="film")
    x = _preprocessing_layer()(films) if preset.preprocessing == "imagenet" else films
    for layer in backbone.layers[1:]:
        x = layer(x)
    for layer in _head_layers(preset, num_classes=num_classes):
        x = layer(x)
    model = keras.Model(films, x, name="covidlab")
    if preset.preprocessing == "imagenet":
        kernel = np.zeros((1, 1, 3, 3), "float32")
        kernel[0, 0, [2, 1, 0], [0, 1, 2]] = 255.0
        model.get_layer("imagenet_preprocessing").set_weights([kernel, -np.array(IMAGENET_MEANS_BGR, "float32")])
    return model


def frozen_part(model: keras.Model, fine_tune: str) -> keras.Model | None:
    """Return the part of ``model`` that stays as it is, None where every layer learns."""
    cut = FROZEN_LAYER[fine_tune]
    if cut == "input":
        return None
    return _chain(model.layers[1 : _position(model, cut) + 1], model.input_shape[1:], name="frozen")


def tail_of(model: keras.Model, fine_tune: str) -> keras.Model:
    """Return what learns, sharing its layers with ``model``: activation at the deepest frozen layer -> probabilities."""
    cut = FROZEN_LAYER[fine_tune]
    first = 1 if cut == "input" else _position(model, cut) + 1
    tail = _chain(model.layers[first:], ACTIVATION_SHAPE[cut], name="tail")
    for layer in tail.layers:
        # Turning RGB into BGR minus means is arithmetic, not something to learn.
        layer.trainable = layer.name != "imagenet_preprocessing"
    return tail


def build_head(preset: Preset, *, num_classes: int) -> keras.Model:
    """Return the head alone: (batch, 7, 7, 512) -> (batch, num_classes); needs none of VGG16's weights."""
    return _chain(_head_layers(preset, num_classes=num_classes), ACTIVATION_SHAPE["block5_pool"], name="tail")


def hidden_part(tail: keras.Model) -> keras.Model:
    """Return a tail up to the head's hidden layer: activation -> (batch, 64), weights shared."""
    return _chain(tail.layers[1 : _position(tail, "hidden") + 1], tail.input_shape[1:], name="hidden_part")


def pooled(activations: np.ndarray, preset: Preset) -> np.ndarray:
    """Return what the head's pooling gives: (n, 7, 7, 512) -> (n, 512) float32."""
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


def _chain(parts: list[layers.Layer], input_shape: tuple[int, ...], *, name: str) -> keras.Model:
    """Apply ``parts`` one after another, sharing their weights with the model they come from."""
    inputs = x = keras.Input(input_shape, name="film" if input_shape[-1] == 3 else "activation")
    for layer in parts:
        x = layer(x)
    return keras.Model(inputs, x, name=name)


def _preprocessing_layer() -> layers.Layer:
    # A fixed 1 x 1 convolution, not a Lambda: the saved model opens in plain Keras in safe mode.
    return layers.Conv2D(3, 1, trainable=False, name="imagenet_preprocessing")
