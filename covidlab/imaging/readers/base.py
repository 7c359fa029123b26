"""What every reader gives, and how it refuses."""

import struct
import zlib
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


@dataclass(frozen=True, kw_only=True)
class Tags:
    """What is kept of a DICOM header; all other tags are dropped with the file. "" and None: not stated.

    modality: e.g. "DX", "CR". body_part: e.g. "CHEST". view_position: "PA", "AP", "LATERAL" or as stated. photometric:
    e.g. "MONOCHROME1". burned_in: "YES" or "NO", whether text is part of the picture. age_group: "child" (below 18) or "adult".
    pixel_spacing: millimetres between rows and between columns. bits_stored: of each value, in bits_allocated.
    """

    modality: str = ""
    body_part: str = ""
    view_position: str = ""
    photometric: str = ""
    burned_in: str = ""
    age_group: str = ""
    pixel_spacing: tuple[float, float] | None = None
    bits_stored: int | None = None
    bits_allocated: int | None = None


@dataclass(frozen=True)
class DecodedImage:
    """A film as 8-bit RGB.

    pixels: ndarray of shape (height, width, 3), uint8, RGB, upright by EXIF.
    format: "JPEG", "PNG", "TIFF", "BMP", "WebP" or "DICOM". mode: as stored ("L", "RGB", "I;16", ...).
    notes: plain sentences, one for each conversion a reader of the film should know of. tags: of a DICOM file.
    """

    pixels: np.ndarray
    format: str
    mode: str
    notes: tuple[str, ...] = ()
    tags: Tags | None = None


class ImageReader(Protocol):
    """How one kind of content is read."""

    def header(self, data: bytes) -> ImageHeader: ...

    def read(self, data: bytes, *, at_least: int | None) -> DecodedImage: ...


class Refusal(Exception):
    """Why a file is not read; becomes UnreadableImage once the file's name is known."""


class OtherKind(Refusal):
    """What the file holds is no X-ray of a chest, as its header says; becomes OtherPicture."""


# What parsers and decoders raise on damaged or hostile bytes.
DECODING_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    UserWarning,
    struct.error,
    zlib.error,
)
