"""From pixels to what a browser takes: JPEG, PNG, a data address, at most so many pixels a side."""

from base64 import b64encode

import cv2
import numpy as np


def fit(pixels: np.ndarray, side: int) -> np.ndarray:
    """Image with its longer side at most ``side`` pixels and its shape kept; a smaller one comes back as it is.

    Parameters
    ----------
    pixels : ndarray of shape (height, width) or (height, width, channels), uint8
    """
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def jpeg(pixels: np.ndarray, *, quality: int) -> bytes:
    """RGB image, uint8 (height, width, 3), as JPEG; ``quality`` is 1 to 100."""
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def fit_jpeg(encoded: bytes, *, side: int, quality: int = 85) -> bytes:
    """A JPEG of our own making with its longer side at most ``side`` pixels."""
    pixels = cv2.cvtColor(cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    return jpeg(fit(pixels, side), quality=quality)


def png(pixels: np.ndarray) -> bytes:
    """Image with transparency, RGBA, uint8 (height, width, 4), as PNG."""
    return cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGBA2BGRA))[1].tobytes()


def plain_png(pixels: np.ndarray) -> bytes:
    """RGB image, uint8 (height, width, 3), as PNG of one channel where all three are equal; the same bytes each time."""
    first = pixels[..., 0]
    is_grey = all(np.array_equal(first, pixels[..., channel]) for channel in (1, 2))
    return cv2.imencode(".png", first if is_grey else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))[1].tobytes()


def data_address(encoded: bytes, *, kind: str = "jpeg") -> str:
    """Encoded image as an address that holds it whole, for a page; ``kind`` is "jpeg" or "png"."""
    return f"data:image/{kind};base64,{b64encode(encoded).decode('ascii')}"
