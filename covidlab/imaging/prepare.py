"""From decoded pixels to what a network takes: 224 x 224, turned by the angle of a view."""

import cv2
import numpy as np

from covidlab.config import IMAGE_SIDE

MAX_ANGLE_DEGREES = 15.0
_VIEW_SEED = 20_200_316


def model_input(pixels: np.ndarray, *, resize: str, angle_degrees: float = 0.0, side: int = IMAGE_SIDE) -> np.ndarray:
    """Film as the model sees it: ``side`` x ``side``, aspect ratio ignored, turned about its centre, border replicated.

    Parameters
    ----------
    pixels : ndarray of shape (height, width, 3), uint8, RGB
    resize : "area" or "linear", the interpolation
    angle_degrees : float, counter-clockwise
    side : int, width and height of what the network takes

    Returns
    -------
    ndarray of shape (side, side, 3), uint8, RGB
    """
    interpolation = {"area": cv2.INTER_AREA, "linear": cv2.INTER_LINEAR}[resize]
    small = cv2.resize(pixels, (side, side), interpolation=interpolation)
    if angle_degrees == 0.0:
        return small
    centre = (side - 1) / 2
    rotation = cv2.getRotationMatrix2D((centre, centre), angle_degrees, 1.0)
    return cv2.warpAffine(small, rotation, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def view_angle(sha256: str, view: int) -> float:
    """Angle of an augmented view in degrees: 0 for view 0, else uniform in [-15, 15], the same on every machine."""
    if view == 0:
        return 0.0
    generator = np.random.default_rng([_VIEW_SEED, int(sha256, 16), view])
    return float(generator.uniform(-MAX_ANGLE_DEGREES, MAX_ANGLE_DEGREES))
