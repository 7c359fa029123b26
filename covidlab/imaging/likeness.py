"""A perceptual hash: X-rays of which few bits differ look alike."""

import cv2
import numpy as np

_SIDE, _TERMS = 64, 16


def likeness(pixels: np.ndarray) -> np.ndarray:
    """Perceptual hash of an X-ray: which of the 255 coarsest cosine terms of its grey values lie above their median.

    Parameters
    ----------
    pixels : ndarray of shape (height, width, 3), uint8, RGB

    Returns
    -------
    ndarray of shape (32,), uint8; X-rays of which few bits differ look alike (pHash, C. Zauner, 2010, 3.2.1)
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    terms = cv2.dct(small)[:_TERMS, :_TERMS].ravel()[1:]
    return np.packbits(terms > np.median(terms))
