"""What every reader gives, and how it refuses."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True)
class ImageHeader:
    """What the header says: ``mode`` and ``channels`` as stored, ``width`` and ``height`` after EXIF orientation."""

    format: str
    mode: str
    width: int
    height: int
    channels: int


@dataclass(frozen=True)
class DecodedImage:
    """A film as 8-bit RGB.

    pixels: ndarray of shape (height, width, 3), uint8, RGB, upright by EXIF.
    format: "JPEG", "PNG", "TIFF" or "BMP". mode: as stored ("L", "RGB", "I;16", ...).
    notes: plain sentences, one for each conversion a reader of the film should know of.
    """

    pixels: np.ndarray
    format: str
    mode: str
    notes: tuple[str, ...] = ()


class ImageReader(Protocol):
    """How one kind of content is read; a further kind (DICOM) is one more entry of ``READERS``."""

    def header(self, data: bytes) -> ImageHeader: ...

    def read(self, data: bytes, *, at_least: int | None) -> DecodedImage: ...


class Refusal(Exception):
    """Why a file is not read; becomes UnreadableImage once the file's name is known."""
