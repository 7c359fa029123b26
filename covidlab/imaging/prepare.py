"""From decoded pixels to what a network takes: 224 x 224, turned by the angle of a view."""

import cv2
import numpy as np

from covidlab.config import IMAGE_SIDE

MAX_ANGLE_DEGREES = 15.0
_VIEW_SEED = 20_200_316


def model_input(pixels: np.ndarray, *, resize: str, angle_degrees: float = 0.0) -> np.ndarray:
    """Film as the model sees it: 224 x 224, aspect ratio ignored, turned about its centre, border replicated.

    Parameters
    ----------
    pixels : ndarray of shape (height, width, 3), uint8, RGB
    resize : "area" or "linear", the interpolation to 224 x 224
    angle_degrees : float, counter-clockwise

    Returns
    -------
    ndarray of shape (224, 224, 3), uint8, RGB
    """
    interpolation = {"area": cv2.INTER_AREA, "linear": cv2.INTER_LINEAR}[resize]
    small = cv2.resize(pixels, (IMAGE_SIDE, IMAGE_SIDE), interpolation=interpolation)
    if angle_degrees == 0.0:
        return small
    centre = (IMAGE_SIDE - 1) / 2
    rotation = cv2.getRotationMatrix2D((centre, centre), angle_degrees, 1.0)
    size = (IMAGE_SIDE, IMAGE_SIDE)
    return cv2.warpAffine(small, rotation, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def view_angle(sha256: str, view: int) -> float:
    """Angle of an augmented view in degrees: 0 for view 0, else uniform in [-15, 15], the same on every machine."""
    if view == 0:
        return 0.0
    generator = np.random.default_rng([_VIEW_SEED, int(sha256, 16), view])
    return float(generator.uniform(-MAX_ANGLE_DEGREES, MAX_ANGLE_DEGREES))
