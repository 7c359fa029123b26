"""A heat map laid over an X-ray; needs no TensorFlow."""

import cv2
import numpy as np


def overlay(pixels: np.ndarray, heatmap: np.ndarray, *, opacity: float) -> np.ndarray:
    """Return the film with the heat map laid over it.

    Parameters
    ----------
    pixels : (height, width, 3) uint8
    heatmap : (rows, columns) float >= 0; scaled to its own maximum
    opacity : 0 (the film alone) to 1

    Returns
    -------
    ndarray of shape (height, width, 3), uint8
    """
    height, width = pixels.shape[:2]
    top = float(heatmap.max())
    scaled = heatmap / top if top > 0 else np.zeros_like(heatmap)
    smooth = cv2.resize(scaled.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    # Cividis: one order of lightness for every kind of colour vision.
    colours = cv2.cvtColor(
        cv2.applyColorMap(np.round(smooth * 255).astype(np.uint8), cv2.COLORMAP_CIVIDIS), cv2.COLOR_BGR2RGB
    )
    share = (smooth * opacity)[..., None]
    return np.round(pixels * (1 - share) + colours * share).astype(np.uint8)
