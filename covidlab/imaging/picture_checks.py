"""What the pixels of an X-ray show: colour, inversion, rotation, crop, exposure, sharpness, text."""

import numpy as np

from covidlab.imaging.receipt import Check


def check_picture(pixels: np.ndarray) -> list[Check]:
    """Return the lines of the receipt that the pixels tell.

    Parameters
    ----------
    pixels : ndarray of shape (height, width, 3), uint8, RGB
    """
    return []
