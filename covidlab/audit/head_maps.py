"""Log odds and maps of many X-rays by the weights of one head, as ``prediction.gradcam`` makes them, with no pass back.

A head averages cells and has one hidden layer, so that the gradient of its log odds is known without a second pass: thousands of
maps take a second.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from covidlab.config import Preset
from covidlab.learning.network import pooled
from covidlab.prediction.explanation import Method

# Hidden kernel (features, units) and bias (units,), output kernel (units, classes) and bias (classes,).
HeadWeights = Sequence[np.ndarray]


@dataclass(frozen=True, kw_only=True, eq=False)
class HeadMaps:
    """What one head says of X-rays. log_odds: (n,) of the explained class. maps: by method (n, height, width) float32, >= 0."""

    log_odds: np.ndarray
    maps: dict[Method, np.ndarray]


def head_maps(
    activations: np.ndarray, weights: HeadWeights, *, preset: Preset, class_index: int | np.ndarray
) -> HeadMaps:
    """Return the log odds of a class and its maps by both gradient methods.

    Parameters
    ----------
    activations : (n, height, width, features) float32 of the last frozen layer, >= 0
    class_index : the class explained, one for all or (n,) one for each X-ray
    """
    features = pooled(activations, preset)
    gradient = _gradient(features, weights, class_index)
    seen = np.zeros(activations.shape[1:3], np.float32)
    seen[slice(None) if preset.pooling == "global" else np.s_[:4, :4]] = 1
    num_seen = seen.sum()
    # Of a cell the gradient is that of the average over the number of cells averaged.
    of_cell = gradient / num_seen
    speaks_for = np.maximum(of_cell, 0)
    by_channel = num_seen * speaks_for / (2 + speaks_for * activations.sum(axis=(1, 2)))
    maps = {
        Method.GRAD_CAM: _heat(activations, of_cell) * seen,
        Method.GRAD_CAM_PLUS_PLUS: _heat(activations, by_channel),
    }
    return HeadMaps(log_odds=log_odds(features, weights, class_index=class_index), maps=maps)


def log_odds(features: np.ndarray, weights: HeadWeights, *, class_index: int | np.ndarray) -> np.ndarray:
    """Return the log odds of a class against all others, (..., features) -> (...)."""
    logits = _logits(features, weights)
    explained, others = _parts(logits, class_index)
    top = others.max(axis=-1)
    return explained - top - np.log(np.exp(others - top[..., None]).sum(axis=-1))


def _logits(features: np.ndarray, weights: HeadWeights) -> np.ndarray:
    kernel, bias, output_kernel, output_bias = weights
    return np.maximum(features @ kernel + bias, 0) @ output_kernel + output_bias


def _parts(logits: np.ndarray, class_index: int | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logit of the explained class (...), and those of the others, minus infinity in its place (..., classes)."""
    is_explained = np.arange(logits.shape[-1]) == np.asarray(class_index)[..., None]
    is_explained = np.broadcast_to(is_explained, logits.shape)
    explained = np.where(is_explained, logits, 0).sum(axis=-1)
    return explained, np.where(is_explained, -np.inf, logits)


def _gradient(features: np.ndarray, weights: HeadWeights, class_index: int | np.ndarray) -> np.ndarray:
    """Gradient of the log odds by the features, (n, features)."""
    kernel, bias, output_kernel, _ = weights
    logits = _logits(features, weights)
    _, others = _parts(logits, class_index)
    odds = np.exp(others - others.max(axis=-1, keepdims=True))
    by_logit = np.where(np.isneginf(others), 1.0, -odds / odds.sum(axis=-1, keepdims=True))
    by_hidden = (by_logit @ output_kernel.T) * (features @ kernel + bias > 0)
    return (by_hidden @ kernel.T).astype(np.float32)


def _heat(activations: np.ndarray, by_channel: np.ndarray) -> np.ndarray:
    # A product of matrices for each X-ray: faster than einsum.
    cells = activations.reshape(len(activations), -1, activations.shape[-1])
    heat = np.matmul(cells, by_channel[..., None].astype(np.float32))[..., 0]
    return np.maximum(heat, 0).reshape(activations.shape[:3])
