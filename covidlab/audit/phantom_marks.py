"""Phantoms with and without a planted mark, as parts of the audit and the page that shows them draw them; no TensorFlow."""

import cv2
import numpy as np

from covidlab.phantom.film import Phantom, PhantomConfig, make_phantom
from covidlab.phantom.shortcuts import with_shortcut
from covidlab.prediction.occlusion import CELLS_A_SIDE

# Raise this where phantoms are drawn differently.
VERSION = 1
SIZE = 256
# More than any part uses, so that the classes alternate alike however many are used.
_MOST = 10_000

POSITIVE = 1


def pool_config(*, shortcut: str, contrast: float, size: int = SIZE) -> PhantomConfig:
    """Return the settings of phantoms that all parts share, so that what was computed for one serves the others."""
    return PhantomConfig(num_films=_MOST, size=size, shortcut=shortcut, lesion_contrast=contrast)


def phantom_without_mark(config: PhantomConfig, number: int) -> Phantom:
    """Return a phantom as it is without its planted mark."""
    return make_phantom(config, number, shortcut=False)


def marked_pixels(pixels: np.ndarray, config: PhantomConfig) -> tuple[np.ndarray, np.ndarray]:
    """Return a phantom's pixels with the mark of a set planted, uint8, and where the mark lies, bool; both (size, size)."""
    return with_shortcut(pixels, config.shortcut)


def mark_cells(config: PhantomConfig) -> np.ndarray:
    """Return which cells of a map a mark lies on, bool (7, 7); none for a mark that changes the whole X-ray."""
    covered = marked_pixels(np.zeros((config.size, config.size), np.uint8), config)[1]
    return cv2.resize(covered.astype(np.float32), (CELLS_A_SIDE,) * 2, interpolation=cv2.INTER_AREA) > 0
