"""A heat map laid over an X-ray, or its colours alone; needs no TensorFlow."""

import cv2
import numpy as np

from covidlab.imaging.encode import png


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
    smooth = _smooth(heatmap, (width, height))
    share = (smooth * opacity)[..., None]
    return np.round(pixels * (1 - share) + _colours(smooth) * share).astype(np.uint8)


def overlay_png(heatmap: np.ndarray, size: tuple[int, int]) -> bytes:
    """Return the colours of a heat map alone, as PNG: clear where it is 0, opaque where it has its maximum.

    Parameters
    ----------
    heatmap : (rows, columns) float >= 0; scaled to its own maximum
    size : width and height in pixels. A browser enlarges it smoothly: 224 a side is 80 kB, 768 a side 500 kB.
    """
    smooth = _smooth(heatmap, size)
    return png(np.dstack([_colours(smooth), np.round(smooth * 255).astype(np.uint8)]))


def colour_steps(num_steps: int = 9) -> list[str]:
    """Return the colours of a heat map from little to much, evenly spaced, as "#rrggbb"."""
    steps = _colours(np.linspace(0, 1, num_steps, dtype=np.float32)[None])[0]
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in steps]


def _smooth(heatmap: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A heat map from 0 to 1, enlarged to width and height."""
    top = float(heatmap.max())
    scaled = heatmap / top if top > 0 else np.zeros_like(heatmap)
    return cv2.resize(scaled.astype(np.float32), size, interpolation=cv2.INTER_CUBIC).clip(0, 1)


def _colours(values: np.ndarray) -> np.ndarray:
    """RGB colours of values from 0 to 1, uint8."""
    # Cividis: one order of lightness for every kind of colour vision.
    bgr = cv2.applyColorMap(np.round(values * 255).astype(np.uint8), cv2.COLORMAP_CIVIDIS)
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
