"""A trained model, warm, that reads one film in one forward pass: probability and heat map together."""

import threading
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from covidlab import metrics
from covidlab.config import PRESETS
from covidlab.errors import ModelError
from covidlab.imaging.prepare import model_input
from covidlab.imaging.readers.base import DecodedImage
from covidlab.learning.backbones.vgg16 import frozen_part, hidden_part, tail_of
from covidlab.learning.device import select_device
from covidlab.learning.modelfile import ModelCard, file_sha256, load_model
from covidlab.prediction.gradcam import grad_cam


@dataclass(frozen=True, kw_only=True, eq=False)
class Prediction:
    """What the model says of one film.

    probability: of the positive class, 0 to 1. probabilities: by class. heatmap: (7, 7) float32 >= 0.
    resembles: class by the operating point. notes: what was converted when the film was read.
    """

    probability: float
    probabilities: dict[str, float]
    resembles: str
    heatmap: np.ndarray
    notes: tuple[str, ...]


class Predictor:
    """Reads films with one model, one film at a time; may be shared by threads.

    Parameters
    ----------
    path : model file of a run or of the command line
    sha256 : what the file must contain, as the run's run.json says; None where nobody wrote it down

    Raises
    ------
    ModelError
        Where the file is missing, damaged, not one of ours or not the one that was saved.
    """

    def __init__(self, path: Path, *, device: str = "auto", sha256: str | None = None):
        if sha256 is not None and Path(path).is_file() and file_sha256(path) != sha256:
            raise ModelError(
                "This model file is not the one its run saved: it was changed or damaged since, so it is not used. "
                f"Train again, or choose another model. Received: {path}."
            )
        model, self.card = load_model(path)
        self._device = select_device(device)
        self._read = _compiled(model, self.positive_index)
        # A forward pass takes every core: two at once would only hold each other up.
        self._lock = threading.Lock()

    @property
    def resize(self) -> str:
        """How films are brought to 224 x 224: "area" or "linear"."""
        return PRESETS[self.card.preset].resize

    def predict(self, film: DecodedImage) -> Prediction:
        """Return the reading of one film."""
        return self.predict_prepared(model_input(film.pixels, resize=self.resize), notes=film.notes)

    def predict_prepared(self, prepared: np.ndarray, *, notes: tuple[str, ...] = ()) -> Prediction:
        """Return the reading of a film that ``model_input`` has prepared as ``resize`` says, uint8 (224, 224, 3)."""
        with self._lock, tf.device(self._device.tensorflow_name):
            logits, heatmap = self._read(prepared[None])
        probabilities = tf.nn.softmax(logits).numpy()
        return Prediction(
            probability=float(probabilities[self.positive_index]),
            probabilities={name: float(value) for name, value in zip(self.card.classes, probabilities, strict=True)},
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


def describe(reading: Prediction, card: ModelCard) -> str:
    """Return the reading in one sentence that never speaks like a medical device."""
    which = "the COVID-19 X-rays" if reading.resembles == "covid" else f"the X-rays in the folder “{reading.resembles}”"
    if reading.resembles == "normal" and "covid" in card.classes:
        which = "the non-COVID X-rays"
    return f"This X-ray resembles {which} of the set ({card.positive_class}: {reading.probability:.2f} of 1)."


def _compiled(model: keras.Model, class_index: int):
    """One graph: prepared film (1, 224, 224, 3) uint8 -> logits (classes,), heat map (7, 7)."""
    frozen, hidden = frozen_part(model, "head"), hidden_part(tail_of(model, "head"))
    output = model.get_layer("probabilities")

    def logits_of(activations):
        return tf.matmul(hidden(activations, training=False), output.kernel) + output.bias

    @tf.function(input_signature=[tf.TensorSpec((1, 224, 224, 3), tf.uint8)])
    def read(film):
        return grad_cam(logits_of, frozen(tf.cast(film, tf.float32) / 255.0, training=False), class_index=class_index)

    return read
