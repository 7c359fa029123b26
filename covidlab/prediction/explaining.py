"""Explanations on demand: a map for any model, any of its classes and three methods, and the same map on trial."""

from typing import Protocol

import numpy as np
import tensorflow as tf

from covidlab.errors import UsageError
from covidlab.language import tr
from covidlab.learning.modelcard import ModelCard
from covidlab.prediction.explanation import Explanation, Method
from covidlab.prediction.gradcam import grad_cam, grad_cam_plus_plus, log_odds_of_class
from covidlab.prediction.map_trial import MapTrial, try_map
from covidlab.prediction.occlusion import LogOddsOf, occlusion_map
from covidlab.prediction.prediction import require_finite

_GRADIENT_METHODS = {Method.GRAD_CAM: grad_cam, Method.GRAD_CAM_PLUS_PLUS: grad_cam_plus_plus}

# Read together: enough to keep the cores busy, few enough for memory.
_FILMS_A_PASS = 7


class Network(Protocol):
    """A network cut at its last activation."""

    def frozen(self, films: tf.Tensor) -> tf.Tensor:
        """Return the activations (n, height, width, channels) of films (n, side, side, 3) uint8."""

    def logits_of(self, activations: tf.Tensor) -> tf.Tensor:
        """Return the logits (n, classes) of activations."""


class Explainable(Protocol):
    """What is asked of a ``Predictor``."""

    card: ModelCard
    network: Network


def explain(
    predictor: Explainable,
    prepared: np.ndarray,
    *,
    method: Method | str,
    class_name: str,
    read: LogOddsOf | None = None,
) -> Explanation:
    """Return where on a film lies what speaks for a class. It is illustrative, see ``gradcam``.

    Parameters
    ----------
    prepared : ndarray of shape (side, side, 3), uint8, as the model's preset prepares films
    method : "grad-cam", "grad-cam++" or "occlusion"
    class_name : one of the model's classes
    read : asked in place of the predictor for log odds of the class, as where the work is done in ``steps``

    Raises
    ------
    UsageError
        Where the method or the class is unknown.
    """
    method, class_index = _known_method(method), _known_class(predictor, class_name)
    if method == Method.OCCLUSION:
        heatmap = occlusion_map(read or log_odds_reader(predictor, class_name), prepared)
    else:
        activation = predictor.network.frozen(tf.constant(prepared[None]))
        make = _GRADIENT_METHODS[method]
        heatmap = make(predictor.network.logits_of, activation, class_index=class_index)[1].numpy()
    return Explanation(heatmap=heatmap, method=method, class_name=class_name)


def put_on_trial(
    predictor: Explainable, prepared: np.ndarray, explanation: Explanation, *, read: LogOddsOf | None = None
) -> MapTrial | None:
    """Return whether erasing the brightest region of a map matters more than erasing others; None for an empty map.

    Parameters are those of ``explain``; see ``map_trial``.
    """
    return try_map(explanation, prepared, read or log_odds_reader(predictor, explanation.class_name))


def log_odds_reader(predictor: Explainable, class_name: str) -> LogOddsOf:
    """Return a function that reads prepared films, (n, side, side, 3) uint8 -> (n,) log odds of the class."""
    class_index, network = _known_class(predictor, class_name), predictor.network

    def read(films: np.ndarray) -> np.ndarray:
        parts = (films[first : first + _FILMS_A_PASS] for first in range(0, len(films), _FILMS_A_PASS))
        logits = [network.logits_of(network.frozen(tf.constant(part))) for part in parts]
        log_odds = log_odds_of_class(tf.concat(logits, axis=0), class_index).numpy()
        require_finite(log_odds)
        return log_odds

    return read


def _known_method(method: Method | str) -> Method:
    try:
        return Method(method)
    except ValueError as error:
        names = ", ".join(Method)
        raise UsageError(
            tr("The method of a map must be one of {names}. Received: {method}.", names=names, method=method)
        ) from error


def _known_class(predictor: Explainable, class_name: str) -> int:
    classes = list(predictor.card.classes)
    if class_name not in classes:
        raise UsageError(
            tr(
                "The class must be one of the model's: {classes}. Received: {class_name}.",
                classes=", ".join(classes),
                class_name=class_name,
            )
        )
    return classes.index(class_name)
