"""Small pictures that look like chest X-rays to the checks of an upload: a computed chest, brighter or darker, with a little noise."""

import io
from functools import cache

import cv2
import numpy as np
from PIL import Image

from covidlab.phantom.film import PhantomConfig, make_phantom


@cache
def _chest() -> np.ndarray:
    return make_phantom(PhantomConfig(num_films=2, size=256), 1).pixels


def xray(brightness: int = 90, *, size: tuple[int, int] = (120, 100)) -> np.ndarray:
    """A chest of (width, height) pixels, uint8 grey; its first cells have the brightness, and so a network of tests reads it."""
    chest = cv2.resize(_chest(), size, interpolation=cv2.INTER_AREA).astype(float)
    noise = np.random.default_rng(brightness).normal(0, 2, chest.shape)
    pixels = np.clip(chest * (0.8 + brightness / 800) + noise, 0, 255)
    pixels[:6, :6] = brightness
    return pixels.astype(np.uint8)


def xray_png(brightness: int = 90, *, size: tuple[int, int] = (120, 100), mode: str = "L") -> bytes:
    """The same as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(xray(brightness, size=size)).convert(mode).save(file, "PNG")
    return file.getvalue()
