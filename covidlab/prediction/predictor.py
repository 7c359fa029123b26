"""A trained model, warm, that reads one film in one forward pass: probability and heat map together."""

import threading
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from covidlab import metrics
from covidlab.config import PRESETS, REFERENCE, Preset, TrainingConfig
from covidlab.imaging.prepare import model_input
from covidlab.imaging.readers.base import DecodedImage
from covidlab.learning.backbones import find_backbone
from covidlab.learning.backbones.base import Backbone
from covidlab.learning.device import select_device
from covidlab.learning.film_activations import compiled_passes
from covidlab.learning.local_passes import LocalPasses, changed_share
from covidlab.learning.modelfile import load_model
from covidlab.learning.network import features_part, frozen_part, hidden_part, tail_of, with_precision
from covidlab.learning.precision import choose_precision
from covidlab.prediction.assessment import assess
from covidlab.prediction.gradcam import grad_cam
from covidlab.prediction.prediction import Prediction, require_finite
from covidlab.prediction.reference import Reference

# Where more of a film than this has changed, a whole pass takes no longer.
MOST_CHANGED = 0.5
# Unchanged films of which the activations of all stages are kept, in each precision: 6 MB each in float32.
UNCHANGED_KEPT = 4


class Predictor:
    """Reads films with one model, one film at a time; may be shared by threads.

    Parameters
    ----------
    path : model file of a run or of the command line; ``loading.load_predictor`` checks it first
    reference : what its run kept for judging X-rays, None where it kept nothing

    Raises
    ------
    ModelError
        Where the file is missing, damaged or not one of ours.
    """

    def __init__(self, path: Path, *, reference: Reference | None = None, device: str = "auto"):
        model, self.card = load_model(path)
        self.reference = reference
        self._device = select_device(device)
        self._backbone = find_backbone(self.card.backbone)
        self.network = Network(model, self._backbone, PRESETS[self.card.preset])
        self._read = _compiled(self.network, self.positive_index)
        self._unchanged: dict[tuple[str, bytes], list[np.ndarray]] = {}
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

    def predict_prepared(self, prepared: np.ndarray, *, notes: tuple[str, ...] = (), sha256: str = "") -> Prediction:
        """Return the prediction for a film that ``model_input`` has prepared as ``resize`` says, uint8 (side, side, 3).

        ``sha256`` is that of its file, by which the film itself is found where it is one of the set.
        """
        with self._lock, self._device.scope():
            logits, heatmap, features = self._read(prepared[None])
        probabilities = tf.nn.softmax(logits).numpy()
        require_finite(probabilities)
        return Prediction(
            probability=float(probabilities[self.positive_index]),
            probabilities={name: float(value) for name, value in zip(self.card.classes, probabilities, strict=True)},
            positive_class=self.card.positive_class,
            threshold=self.card.threshold,
            resembles=self._resembled_class(probabilities),
            heatmap=heatmap.numpy(),
            notes=notes,
            assessment=assess(self.reference, features.numpy(), sha256=sha256) if self.reference else None,
        )

    def positive_probabilities(self, films: np.ndarray, *, precision: str = REFERENCE) -> np.ndarray:
        """Return the probability of the positive class for prepared films without maps, (n, side, side, 3) uint8 -> (n,) float32.

        ``precision`` is that of the layers up to the last activation; see ``quick_precision``.
        """
        with self._lock, self._device.scope():
            return self._positive(self.network.in_precision(precision)(films))

    def changed_probability(self, film: np.ndarray, unchanged: np.ndarray, *, precision: str = REFERENCE) -> float:
        """Return the probability of the positive class for a film, faster where only a part differs from ``unchanged``.

        Both (side, side, 3) uint8. What was computed of the unchanged film is kept for the next question about it.
        """
        if changed_share(film, unchanged) > MOST_CHANGED:
            return float(self.positive_probabilities(film[None], precision=precision)[0])
        with self._lock, self._device.scope():
            local = self.network.local_in(precision)
            key = (precision, unchanged.tobytes())
            if key not in self._unchanged:
                while len(self._unchanged) >= UNCHANGED_KEPT:
                    del self._unchanged[next(iter(self._unchanged))]
                self._unchanged[key] = local.whole(unchanged)
            activations = local.changed(film, self._unchanged[key], unchanged)
            return float(self._positive(tf.cast(activations, tf.float32))[0])

    def _positive(self, activations: tf.Tensor) -> np.ndarray:
        probabilities = tf.nn.softmax(self.network.logits_of(activations)).numpy()
        require_finite(probabilities)
        return probabilities[:, self.positive_index]

    def quick_precision(self) -> str:
        """Return the precision that a training would choose on this machine: float32, or a smaller one that is much faster."""
        config = TrainingConfig(dataset="", backbone=self.card.backbone)
        return choose_precision(config, self._backbone, self._device)

    @property
    def positive_index(self) -> int:
        """Position of the positive class among the classes."""
        return self.card.classes.index(self.card.positive_class)

    def _resembled_class(self, probabilities: np.ndarray) -> str:
        index = metrics.predicted_classes(
            probabilities[None], positive_index=self.positive_index, threshold=self.card.threshold
        )[0]
        return self.card.classes[index]


class Network:
    """A model cut at its last activation, whatever layers of it have learned.

    frozen: films (n, side, side, 3) uint8 -> activations (n, height, width, channels). logits_of: activations -> (n, classes).
    """

    def __init__(self, model: keras.Model, backbone: Backbone, preset: Preset):
        self.preset = preset
        self._first = frozen_part(model, backbone, "head")
        tail = tail_of(model, backbone, "head")
        self._features, self._hidden = features_part(tail), hidden_part(tail)
        self._output = model.get_layer("probabilities")
        side = backbone.input_side
        self.film_signature = tf.TensorSpec((None, side, side, 3), tf.uint8)
        # Batches of any size share one graph.
        self.frozen = tf.function(self.activations, input_signature=[self.film_signature])
        self._passes = {REFERENCE: self.frozen}
        self._layers = {REFERENCE: self._first}
        self._local: dict[str, LocalPasses] = {}

    @property
    def head_shapes(self) -> list[tuple[int, ...]]:
        """Shapes of the head's weights: hidden kernel and bias, output kernel and bias."""
        hidden = self._hidden.get_layer("hidden")
        return [tuple(each.shape) for each in (hidden.kernel, hidden.bias, self._output.kernel, self._output.bias)]

    def local_in(self, precision: str) -> LocalPasses:
        """Return what passes a film of which a part has changed, with convolutions in a precision; kept."""
        if precision not in self._local:
            self._local[precision] = LocalPasses(self._layers_in(precision))
        return self._local[precision]

    def in_precision(self, precision: str) -> Callable[[np.ndarray], tf.Tensor]:
        """Return ``frozen`` with convolutions in another precision; built at the first call, kept warm."""
        if precision not in self._passes:
            self._passes[precision] = compiled_passes(self._layers_in(precision), side=self.film_signature.shape[1])
        return self._passes[precision]

    def _layers_in(self, precision: str) -> keras.Model:
        if precision not in self._layers:
            self._layers[precision] = with_precision(self._first, precision)
        return self._layers[precision]

    def activations(self, films: tf.Tensor) -> tf.Tensor:
        """Return the last activation of films, (n, side, side, 3) uint8 -> (n, height, width, channels)."""
        return self._first(tf.cast(films, tf.float32) / 255.0, training=False)

    def features(self, activations: tf.Tensor) -> tf.Tensor:
        """Return what the head takes, (n, features)."""
        return self._features(activations, training=False)

    def logits_of(self, activations: tf.Tensor) -> tf.Tensor:
        """Return the logits, (n, classes)."""
        return tf.matmul(self._hidden(activations, training=False), self._output.kernel) + self._output.bias


def _compiled(network: Network, class_index: int):
    """One graph: prepared film (1, side, side, 3) uint8 -> logits (classes,), heat map (7, 7 with VGG16), features (512,)."""
    signature = network.film_signature

    @tf.function(input_signature=[tf.TensorSpec((1, *signature.shape[1:]), signature.dtype)])
    def read(film):
        activations = network.activations(film)
        return *grad_cam(network.logits_of, activations, class_index=class_index), network.features(activations)[0]

    return read
