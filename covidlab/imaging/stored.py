"""How a file is stored: what its header says beside the pixels, read without decoding them."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import JpegImagePlugin
from PIL.JpegImagePlugin import JpegImageFile

from covidlab.imaging.decode import read_header

_EXIF_MARKS = {"JPEG": b"Exif\0\0", "PNG": b"eXIf"}
# Where Exif data stands at all, it stands near the start of a file.
_EXIF_WITHIN_BYTES = 65_536
# What JpegImagePlugin.get_sampling calls 4:4:4: as many values of colour as of brightness.
_FULL_SAMPLING = 0


@dataclass(frozen=True)
class StoredFacts:
    """What is known of a file without its pixels.

    format, mode: as in ``ImageHeader``. width, height: pixels, upright. num_bytes: of the whole file.
    has_exif: whether it holds Exif data. quantisation: mean step of the first JPEG table, 0 for other formats; a larger one
    is a lower quality. is_progressive, has_coarser_colours (fewer values of colour than of brightness): of a JPEG.
    """

    format: str
    mode: str
    width: int
    height: int
    num_bytes: int
    has_exif: bool
    quantisation: float = 0.0
    is_progressive: bool = False
    has_coarser_colours: bool = False


def stored_facts(data: bytes, *, name: str = "the file") -> StoredFacts:
    """Facts of one file from its bytes; raises UnreadableImage for what ``read_header`` refuses."""
    header = read_header(data, name=name)
    jpeg = _jpeg_facts(data) if header.format == "JPEG" else {}
    return StoredFacts(
        format=header.format,
        mode=header.mode,
        width=header.width,
        height=header.height,
        num_bytes=len(data),
        has_exif=_EXIF_MARKS.get(header.format, b"Exif\0\0") in data[:_EXIF_WITHIN_BYTES],
        **jpeg,
    )


def _jpeg_facts(data: bytes) -> dict:
    image = JpegImageFile(io.BytesIO(data))
    tables = image.quantization
    has_colours = len(image.getbands()) > 1
    return {
        "quantisation": float(np.mean(tables[min(tables)])) if tables else 0.0,
        "is_progressive": bool(image.info.get("progressive")),
        "has_coarser_colours": has_colours and JpegImagePlugin.get_sampling(image) != _FULL_SAMPLING,
    }
