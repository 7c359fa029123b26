"""One reader for every film: what a file is, is told by its content; what it becomes is always 8-bit RGB."""

import io
import struct
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from covidlab.config import IMAGE_SIDE
from covidlab.errors import UnreadableFilm

MAX_BYTES = 32 * 1024 * 1024
MAX_PIXELS = 40_000_000
SIDE_RANGE = (64, 16_384)
MAX_ASPECT_RATIO = 4

MAX_ANGLE_DEGREES = 15.0
_VIEW_SEED = 20_200_316

# Pillow warns of odd metadata (EXIF, TIFF tags) that has no part in the pixels. Set once at import, since
# warnings.catch_warnings around each call would not be safe beside other threads.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

# What Pillow's parsers raise on damaged or hostile bytes.
_DECODING_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
    UserWarning,
    struct.error,
)

_READ_FORMATS = "JPEG, PNG, TIFF or BMP"


@dataclass(frozen=True)
class FilmHeader:
    """What the header says: ``mode`` and ``channels`` as stored, ``width`` and ``height`` after EXIF orientation."""

    format: str
    mode: str
    width: int
    height: int
    channels: int


@dataclass(frozen=True)
class Film:
    """A film as 8-bit RGB.

    pixels: ndarray of shape (height, width, 3), uint8, RGB, upright by EXIF.
    format: "JPEG", "PNG", "TIFF" or "BMP". mode: as stored ("L", "RGB", "I;16", ...).
    notes: plain sentences, one for each conversion a reader of the film should know of.
    """

    pixels: np.ndarray
    format: str
    mode: str
    notes: tuple[str, ...] = ()


class FilmReader(Protocol):
    """How one kind of content is read; a further kind (DICOM) is one more entry of ``READERS``."""

    def header(self, data: bytes) -> FilmHeader: ...

    def read(self, data: bytes, *, at_least: int | None) -> Film: ...


class _Refusal(Exception):
    """Why a file is not read; becomes UnreadableFilm once the file's name is known."""


def read_film(data: bytes, *, name: str = "the file", at_least: int | None = None) -> Film:
    """Film decoded from the bytes of one file; what it is, is told by its content, never by its extension.

    16-bit values are scaled linearly, 0 stays 0: full scale is that of the fewest of 8, 10, 12, 14 or 16 bits that
    hold the film's brightest value, since 12-bit films are often stored in 16 bits.

    Parameters
    ----------
    data : bytes, the whole file
    name : what an error calls the file
    at_least : pixels that suffice for each side; a JPEG is then decoded at a half, a quarter or an eighth of its sides
        where these are no shorter, several times faster

    Returns
    -------
    Film

    Raises
    ------
    UnreadableFilm
        Another format, truncated or damaged data, several pages or frames, or a size outside the limits
        (32 MB, 40 megapixels, sides of 64 to 16,384, aspect ratio at most 4), which is checked before decoding.
    """
    return _named(lambda: _reader(data).read(data, at_least=at_least), name)


def read_film_file(path: Path, *, name: str | None = None, at_least: int | None = None) -> Film:
    """Film of the file ``path``; see ``read_film``; raises UnreadableFilm as that does, by default naming the file."""
    path = Path(path)
    name = name or path.name
    return read_film(read_bytes(path, name=name), name=name, at_least=at_least)


def describe_film(data: bytes, *, name: str = "the file") -> FilmHeader:
    """Header of a film without decoding its pixels; raises UnreadableFilm for what ``read_film`` refuses by header."""
    return _named(lambda: _reader(data).header(data), name)


def read_bytes(path: Path, *, name: str | None = None) -> bytes:
    """Content of a film file; raises UnreadableFilm where it is too large or cannot be opened."""
    name = name or path.name
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableFilm(f"{name} cannot be opened: {error.strerror}.") from error
    return data


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


class _PillowReader:
    """Reader of one of Pillow's formats. Plugins are called directly: Image.open would also guess other formats."""

    def __init__(self, kind: str, plugin: Callable[[io.BytesIO], ImageFile]) -> None:
        self.kind = kind
        self.plugin = plugin

    def header(self, data: bytes) -> FilmHeader:
        image = self._open(data)
        width, height = image.size
        # The TIFF plugin has swapped the sides already.
        if self.kind != "TIFF" and _orientation(image) in (5, 6, 7, 8):
            width, height = height, width
        return FilmHeader(self.kind, image.mode, width, height, len(image.getbands()))

    def read(self, data: bytes, *, at_least: int | None) -> Film:
        image = self._open(data)
        if at_least and self.kind == "JPEG":
            image.draft(None, (at_least, at_least))
        mode, orientation, inverted = image.mode, _orientation(image), _is_min_is_white_16_bit(image)
        notes = []
        if self.kind == "PNG":
            self._decode(lambda: _check_png_chunks(data))
        self._decode(image.load)
        rgb, note = _to_rgb(image)
        notes += [note] if note else []
        if _is_16_bit_colour(image, data):
            notes.append("The 16-bit colours were read with 8 bits.")
        if inverted:
            rgb = 255 - rgb
            notes.append("White was stored as 0; the film was inverted.")
        if orientation in range(2, 9):
            # The TIFF plugin has turned the pixels already, and dropped the tag.
            rgb = rgb if self.kind == "TIFF" else _turned(rgb, orientation)
            notes.append("The film was turned upright as its EXIF orientation says.")
        return Film(np.ascontiguousarray(rgb), self.kind, mode, tuple(notes))

    def _open(self, data: bytes) -> ImageFile:
        image = self._decode(lambda: self.plugin(io.BytesIO(data)))
        _check_size(*image.size)
        if self._decode(lambda: getattr(image, "is_animated", False)):
            raise _Refusal("it holds several pages or frames; a file with one film is expected")
        return image

    def _decode(self, step: Callable):
        try:
            return step()
        except _DECODING_ERRORS as error:
            raise _Refusal(f"its {self.kind} data is damaged or ends early; a whole file is expected") from error


READERS: dict[str, FilmReader] = {
    "JPEG": _PillowReader("JPEG", JpegImageFile),
    "PNG": _PillowReader("PNG", PngImageFile),
    "TIFF": _PillowReader("TIFF", TiffImageFile),
    "BMP": _PillowReader("BMP", BmpImageFile),
}

# First bytes of a file and what they mean; kinds without a reader are named when they are refused.
_SIGNATURES = (
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"II*\x00", "TIFF"),
    (0, b"MM\x00*", "TIFF"),
    (0, b"II+\x00", "TIFF"),
    (0, b"MM\x00+", "TIFF"),
    (0, b"BM", "BMP"),
    (0, b"GIF8", "GIF"),
    (8, b"WEBP", "WebP"),
    (0, b"%PDF", "PDF"),
    (0, b"PK\x03\x04", "ZIP"),
)


def _reader(data: bytes) -> FilmReader:
    if not data:
        raise _Refusal("it is empty (zero bytes)")
    if len(data) > MAX_BYTES:
        raise _Refusal(f"it is larger than the {MAX_BYTES // 2**20} MB that are read")
    kind = _content_kind(data)
    if kind in READERS:
        return READERS[kind]
    if kind == "DICOM":
        raise _Refusal(f"DICOM is not read yet; save the film as {_READ_FORMATS}")
    raise _Refusal(f"its content is {kind or 'no image format that is known here'}; {_READ_FORMATS} is expected")


def _content_kind(data: bytes) -> str | None:
    # PS3.10 7.1: a preamble of 128 bytes that may look like any other format, then "DICM".
    if data[128:132] == b"DICM":
        return "DICOM"
    return next((kind for at, mark, kind in _SIGNATURES if data[at : at + len(mark)] == mark), None)


def _named(step: Callable, name: str):
    try:
        return step()
    except _Refusal as refusal:
        raise UnreadableFilm(f"{name} cannot be read: {refusal}.") from refusal


def _check_size(width: int, height: int) -> None:
    short, long = sorted((width, height))
    fits = SIDE_RANGE[0] <= short and long <= SIDE_RANGE[1] and width * height <= MAX_PIXELS
    if not (fits and long <= MAX_ASPECT_RATIO * short):
        raise _Refusal(
            f"sides of {SIDE_RANGE[0]} to {SIDE_RANGE[1]:,} pixels, at most {MAX_PIXELS // 1_000_000} megapixels and a "
            f"long side at most {MAX_ASPECT_RATIO} times the short one are expected. Received: {width:,} x {height:,}"
        )


def _check_png_chunks(data: bytes) -> None:
    """Raise ValueError where a chunk's checksum is wrong or the last one is missing; Pillow does not check pixel data.

    PNG specification, 5.3: length, type, data, CRC-32 over type and data.
    """
    view, at, kind = memoryview(data), 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, at)
        (checksum,) = struct.unpack_from(">I", data, at + 8 + length)
        if zlib.crc32(view[at + 4 : at + 8 + length]) != checksum:
            raise ValueError(f"wrong checksum of chunk {kind!r}")
        at += 12 + length


def _to_rgb(image: ImageFile) -> tuple[np.ndarray, str | None]:
    """Decoded image as (height, width, 3) uint8, and what was converted."""
    mode = image.mode
    if mode in ("L", "RGB"):
        return np.asarray(image.convert("RGB")), None
    if mode.startswith("I;16"):
        return _scaled_16_bit(np.asarray(image).astype(np.uint16))
    if "transparency" in image.info or mode in ("LA", "PA", "RGBA"):
        layers = image.convert("RGBA")
        ground = Image.new("RGBA", layers.size, (0, 0, 0, 255))
        flat = Image.alpha_composite(ground, layers).convert("RGB")
        return np.asarray(flat), "Transparency was laid on black."
    notes = {
        "1": "The film has one bit a pixel: black and white only.",
        "P": "The colour palette was converted to RGB.",
        "CMYK": "The printing colours (CMYK) were converted to RGB.",
        "YCbCr": "The YCbCr colours were converted to RGB.",
    }
    if mode not in notes:
        raise _Refusal(f"pixels of 1, 8 or 16 bits are expected. Received: {_PIXEL_KINDS.get(mode, mode)}")
    return np.asarray(image.convert("RGB")), notes[mode]


_PIXEL_KINDS = {"F": "floating-point numbers", "I": "32-bit numbers", "LAB": "CIE Lab colours"}


def _scaled_16_bit(values: np.ndarray) -> tuple[np.ndarray, str]:
    brightest = int(values.max())
    full_scale = next(2**bits - 1 for bits in (8, 10, 12, 14, 16) if brightest < 2**bits)
    grey = np.rint(values * np.float32(255 / full_scale)).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2), f"The 16-bit values 0 to {full_scale:,} were scaled to 0 to 255."


def _is_16_bit_colour(image: ImageFile, data: bytes) -> bool:
    if image.format == "PNG":
        return data[24] == 16 and not image.mode.startswith("I")  # bit depth of the IHDR chunk
    return image.format == "TIFF" and not image.mode.startswith("I") and 16 in _tag(image, 258)  # BitsPerSample


def _is_min_is_white_16_bit(image: ImageFile) -> bool:
    # Pillow inverts TIFFs with PhotometricInterpretation 0 up to 8 bits; at 16 bits it hands them over as stored.
    return image.format == "TIFF" and image.mode.startswith("I;16") and 0 in _tag(image, 262)


def _tag(image: ImageFile, number: int) -> tuple:
    value = image.tag_v2.get(number, ())
    return value if isinstance(value, tuple) else (value,)


def _orientation(image: ImageFile) -> int:
    """EXIF orientation 1 to 8; damaged EXIF counts as upright."""
    try:
        return int(image.getexif().get(0x0112, 1))
    except _DECODING_ERRORS:
        return 1


def _turned(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Upright pixels; EXIF 2.32, 4.6.4 A, tag Orientation: where the stored first row and column belong."""
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    flip_rows = orientation in (3, 4, 7, 8)
    flip_columns = orientation in (2, 3, 6, 7)
    return pixels[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]
