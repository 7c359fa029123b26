"""What a head saw of one X-ray after each epoch: probability and Grad-CAM, from the weights that a run kept. NumPy only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from covidlab.config import Preset


@dataclass(frozen=True, kw_only=True, eq=False)
class EpochMaps:
    """One X-ray over the epochs of a run.

    epochs: (epochs,) int, rising, 0 being before learning. probabilities: (epochs,) float, of the class explained. heatmaps:
    (epochs, height, width) float32, >= 0, in log odds a cell, so that they can be compared over the epochs.
    """

    epochs: np.ndarray
    probabilities: np.ndarray
    heatmaps: np.ndarray


def epoch_maps(
    activation: np.ndarray, heads: Mapping[int, Sequence[np.ndarray]], *, preset: Preset, class_index: int
) -> EpochMaps:
    """Return what each head says of one X-ray and where the evidence lies, as ``gradcam.grad_cam`` does for a model.

    Parameters
    ----------
    activation : (height, width, features) float, of the last frozen layer
    heads : by epoch; hidden kernel (features, units) and bias (units,), output kernel (units, classes) and bias (classes,)
    """
    epochs = np.array(sorted(heads), int)
    cells = np.ones(activation.shape[:2], np.float32)
    if preset.pooling == "upper_left":
        # The others are never seen by this head.
        cells[4:], cells[:, 4:] = 0, 0
    features = (activation * cells[..., None]).sum(axis=(0, 1)) / cells.sum()
    results = [_of_head(features, heads[epoch], class_index) for epoch in epochs]
    by_feature = np.array([gradient for _, gradient in results], np.float32)  # (epochs, features)
    heat = np.einsum("hwf,ef->ehw", activation, by_feature) * cells / cells.sum()
    probabilities = np.array([probability for probability, _ in results], float)
    return EpochMaps(epochs=epochs, probabilities=probabilities, heatmaps=np.maximum(heat, 0).astype(np.float32))


def _of_head(features: np.ndarray, weights: Sequence[np.ndarray], class_index: int) -> tuple[float, np.ndarray]:
    """Probability of the class, and the gradient of its log odds against all others by the features, (features,)."""
    kernel, bias, output_kernel, output_bias = weights
    hidden = features @ kernel + bias
    logits = np.maximum(hidden, 0) @ output_kernel + output_bias
    odds = np.exp(logits - logits.max())
    others = np.delete(odds, class_index)
    by_logit = np.insert(-others / others.sum(), class_index, 1.0)
    gradient = kernel @ ((output_kernel @ by_logit) * (hidden > 0))
    return float(odds[class_index] / odds.sum()), gradient
