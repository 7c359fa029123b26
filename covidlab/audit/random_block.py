"""What VGG16 gives where the layers that fine-tuning would train have random weights: for the sanity check of maps."""

from collections.abc import Callable
from functools import cached_property

import keras
import numpy as np
import tensorflow as tf

from covidlab.audit.data import AuditData
from covidlab.config import REFERENCE
from covidlab.learning.network import build_model, frozen_part, with_precision

_SEED = 1_810_032
_OF = "random-block5-1"


def random_block_activations(data: AuditData, films: np.ndarray) -> np.ndarray:
    """Return what the last frozen layer would give with random weights in the last block, float32 (n, 7, 7, 512) of VGG16; kept."""
    sha256s = data.catalog.films["sha256"].to_numpy()
    keys = [str(sha256s[film]) for film in films]
    network = _Randomised(data)
    return data.maker.kept_activations(keys, lambda places: data.prepared[films[places]], of=_OF, network=network)


class _Randomised:
    """The network with a random last block, built where something is to be passed through it."""

    def __init__(self, data: AuditData):
        self._data = data

    def __call__(self, films: np.ndarray) -> np.ndarray:
        self._data.on_step()
        with self._data.device.scope():
            return self._function(films).numpy()

    @cached_property
    def _function(self) -> Callable:
        return _randomised(self._data)


def _randomised(data: AuditData) -> Callable:
    """The network as one function, its last block with weights as Keras draws them (Glorot & Bengio 2010)."""
    maker = data.maker
    with data.device.scope():
        whole = frozen_part(build_model(maker.preset, data.backbone, num_classes=2), data.backbone, "head")
        _draw_weights_behind(whole, data.backbone.cut_point("block5").layer)
        model = whole if maker.precision == REFERENCE else with_precision(whole, maker.precision)
    return tf.function(lambda films: tf.cast(model(tf.cast(films, tf.float32) / 255.0, training=False), tf.float32))


def _draw_weights_behind(model: keras.Model, layer: str) -> None:
    names = [each.name for each in model.layers]
    generator = np.random.default_rng(_SEED)
    for each in model.layers[names.index(layer) + 1 :]:
        shapes = [weight.shape for weight in each.get_weights()]
        each.set_weights([_drawn(shape, generator) for shape in shapes])


def _drawn(shape: tuple[int, ...], generator: np.random.Generator) -> np.ndarray:
    if len(shape) == 1:
        return np.zeros(shape, np.float32)
    limit = np.sqrt(6.0 / (np.prod(shape[:-1]) + shape[-1] * np.prod(shape[:-2])))
    return generator.uniform(-limit, limit, shape).astype(np.float32)
