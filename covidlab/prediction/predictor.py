"""A trained model, warm, that reads one film in one forward pass: probability and heat map together."""

import threading
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from covidlab import metrics
from covidlab.config import PRESETS
from covidlab.imaging.prepare import model_input
from covidlab.imaging.readers.base import DecodedImage
from covidlab.learning.backbones import find_backbone
from covidlab.learning.backbones.base import Backbone
from covidlab.learning.device import select_device
from covidlab.learning.modelfile import load_model
from covidlab.learning.network import frozen_part, hidden_part, tail_of
from covidlab.prediction.gradcam import grad_cam
from covidlab.prediction.prediction import Prediction


class Predictor:
    """Reads films with one model, one film at a time; may be shared by threads.

    Parameters
    ----------
    path : model file of a run or of the command line; ``loading.load_predictor`` checks it first

    Raises
    ------
    ModelError
        Where the file is missing, damaged or not one of ours.
    """

    def __init__(self, path: Path, *, device: str = "auto"):
        model, self.card = load_model(path)
        self._device = select_device(device)
        self._backbone = find_backbone(self.card.backbone)
        self._read = _compiled(model, self._backbone, self.positive_index)
        # A forward pass takes every core: two at once would only hold each other up.
        self._lock = threading.Lock()

    @property
    def resize(self) -> str:
        """How films are brought to the side the backbone takes: "area" or "linear"."""
        return PRESETS[self.card.preset].resize

    def predict(self, film: DecodedImage) -> Prediction:
        """Return the prediction for one film."""
        prepared = model_input(film.pixels, resize=self.resize, side=self._backbone.input_side)
        return self.predict_prepared(prepared, notes=film.notes)

    def predict_prepared(self, prepared: np.ndarray, *, notes: tuple[str, ...] = ()) -> Prediction:
        """Return the prediction for a film that ``model_input`` has prepared as ``resize`` says, uint8 (side, side, 3)."""
        with self._lock, self._device.scope():
            logits, heatmap = self._read(prepared[None])
        probabilities = tf.nn.softmax(logits).numpy()
        return Prediction(
            probability=float(probabilities[self.positive_index]),
            probabilities={name: float(value) for name, value in zip(self.card.classes, probabilities, strict=True)},
            positive_class=self.card.positive_class,
            threshold=self.card.threshold,
            resembles=self._resembled_class(probabilities),
            heatmap=heatmap.numpy(),
            notes=notes,
        )

    @property
    def positive_index(self) -> int:
        """Position of the positive class among the classes."""
        return self.card.classes.index(self.card.positive_class)

    def _resembled_class(self, probabilities: np.ndarray) -> str:
        index = metrics.predicted_classes(
            probabilities[None], positive_index=self.positive_index, threshold=self.card.threshold
        )[0]
        return self.card.classes[index]


def _compiled(model: keras.Model, backbone: Backbone, class_index: int):
    """One graph: prepared film (1, side, side, 3) uint8 -> logits (classes,), heat map (7, 7 with VGG16)."""
    frozen, hidden = frozen_part(model, backbone, "head"), hidden_part(tail_of(model, backbone, "head"))
    output = model.get_layer("probabilities")

    def logits_of(activations):
        return tf.matmul(hidden(activations, training=False), output.kernel) + output.bias

    @tf.function(input_signature=[tf.TensorSpec((1, backbone.input_side, backbone.input_side, 3), tf.uint8)])
    def read(film):
        return grad_cam(logits_of, frozen(tf.cast(film, tf.float32) / 255.0, training=False), class_index=class_index)

    return read
