"""JPEG, PNG, TIFF and BMP through Pillow."""

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image
from PIL.ImageFile import ImageFile

from covidlab.imaging.limits import check_size
from covidlab.imaging.readers.base import DECODING_ERRORS, DecodedImage, ImageHeader, Refusal
from covidlab.language import tr_lazy

ENDS_EARLY = tr_lazy("The file ends some bytes early; its picture is whole.")
_CRC_OF_IEND = struct.pack(">I", zlib.crc32(b"IEND"))


class PillowReader:
    """Reader of one of Pillow's formats. Plugins are called directly: Image.open would also guess other formats."""

    def __init__(self, kind: str, plugin: Callable[[io.BytesIO], ImageFile]) -> None:
        self.kind = kind
        self.plugin = plugin

    def header(self, data: bytes) -> ImageHeader:
        image = self.open(data)
        width, height = image.size
        # The TIFF plugin has swapped the sides already.
        if self.kind != "TIFF" and _orientation(image) in (5, 6, 7, 8):
            width, height = height, width
        return ImageHeader(self.kind, image.mode, width, height, len(image.getbands()))

    def read(self, data: bytes, *, at_least: int | None) -> DecodedImage:
        image = self.open(data)
        if at_least and self.kind == "JPEG":
            image.draft(None, (at_least, at_least))
        mode, orientation, inverted = image.mode, _orientation(image), _is_min_is_white_16_bit(image)
        notes = []
        ends_early = self.kind == "PNG" and self.decode(lambda: _png_ends_early(data))
        try:
            self.decode(image.load)
        except Refusal:
            image = self._without_its_end(data)
            ends_early = True
        if ends_early:
            notes.append(ENDS_EARLY)
        rgb, note = _to_rgb(image)
        notes += [note] if note else []
        if _is_16_bit_colour(image, data):
            notes.append(tr_lazy("The 16-bit colours were read with 8 bits."))
        if inverted:
            rgb = 255 - rgb
            notes.append(tr_lazy("White was stored as 0; the X-ray was inverted."))
        if orientation in range(2, 9):
            # The TIFF plugin has turned the pixels already, and dropped the tag.
            rgb = rgb if self.kind == "TIFF" else _turned(rgb, orientation)
            notes.append(tr_lazy("The X-ray was rotated as its EXIF orientation states."))
        return DecodedImage(np.ascontiguousarray(rgb), self.kind, mode, tuple(notes))

    def open(self, data: bytes) -> ImageFile:
        """Return the picture of which only the header is decoded; raises Refusal for its size and for several pages."""
        image = self.decode(lambda: self.plugin(io.BytesIO(data)))
        check_size(*image.size)
        if self.decode(lambda: getattr(image, "is_animated", False)):
            raise Refusal(tr_lazy("it holds several pages or frames; a file with one X-ray is expected"))
        return image

    def _without_its_end(self, data: bytes) -> ImageFile:
        """A JPEG that lacks only what follows its picture; raises Refusal where a part of the picture is missing.

        Two endings are tried in place of the missing one: where the pixels depend on them, some of the picture is missing.
        """
        if self.kind != "JPEG":
            raise self._damaged()
        one, other = (
            self.open(data.removesuffix(b"\xff") + filling * 64 + b"\xff\xd9") for filling in (b"\0", b"\xaa")
        )
        if "progressive" in one.info:
            # A scan that is missing changes no pixel of those before it.
            raise self._damaged()
        if self.decode(lambda: not np.array_equal(np.asarray(one), np.asarray(other))):
            raise self._damaged()
        return one

    def _damaged(self) -> Refusal:
        return Refusal(tr_lazy("its {kind} data is damaged or ends early; a whole file is expected", kind=self.kind))

    def decode(self, step: Callable):
        """Return what ``step`` gives; raises Refusal where it fails over the data."""
        try:
            return step()
        except DECODING_ERRORS as error:
            raise self._damaged() from error


def _png_ends_early(data: bytes) -> bool:
    """Whether the last chunk, which is empty, is cut off; Pillow does not check pixel data, so that is done here.

    PNG specification, 5.3: length, type, data, CRC-32 over type and data. Raises ValueError where a chunk's checksum is
    wrong, struct.error where another chunk is missing.
    """
    view, at, kind, has_pixels = memoryview(data), 8, b"", False
    while kind != b"IEND":
        if has_pixels and len(data) - at < 12 and (b"\0\0\0\0IEND" + _CRC_OF_IEND).startswith(data[at:]):
            return True
        length, kind = struct.unpack_from(">I4s", data, at)
        (checksum,) = struct.unpack_from(">I", data, at + 8 + length)
        if zlib.crc32(view[at + 4 : at + 8 + length]) != checksum:
            raise ValueError(tr_lazy("wrong checksum of chunk {kind!r}", kind=kind))
        at += 12 + length
        has_pixels = has_pixels or kind == b"IDAT"
    return False


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
        return np.asarray(flat), tr_lazy("Transparent areas were filled with black.")
    notes = {
        "1": tr_lazy("The X-ray has one bit a pixel: black and white only."),
        "P": tr_lazy("The colour palette was converted to RGB."),
        "CMYK": tr_lazy("The printing colours (CMYK) were converted to RGB."),
        "YCbCr": tr_lazy("The YCbCr colours were converted to RGB."),
    }
    if mode not in notes:
        raise Refusal(
            tr_lazy("pixels of 1, 8 or 16 bits are expected. Received: {get}", get=_PIXEL_KINDS.get(mode, mode))
        )
    return np.asarray(image.convert("RGB")), notes[mode]


_PIXEL_KINDS = {
    "F": tr_lazy("floating-point numbers"),
    "I": tr_lazy("32-bit numbers"),
    "LAB": tr_lazy("CIE Lab colours"),
}


def _scaled_16_bit(values: np.ndarray) -> tuple[np.ndarray, str]:
    brightest = int(values.max())
    full_scale = next(2**bits - 1 for bits in (8, 10, 12, 14, 16) if brightest < 2**bits)
    grey = np.rint(values * np.float32(255 / full_scale)).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2), tr_lazy(
        "The 16-bit values 0 to {full_scale:,} were scaled to 0 to 255.", full_scale=full_scale
    )


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
    except DECODING_ERRORS:
        return 1


def _turned(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Upright pixels; EXIF 2.32, 4.6.4 A, tag Orientation: where the stored first row and column belong."""
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    flip_rows = orientation in (3, 4, 7, 8)
    flip_columns = orientation in (2, 3, 6, 7)
    return pixels[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]
