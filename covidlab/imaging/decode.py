"""One reader for every film: what a file is, is told by its content; what it becomes is always 8-bit RGB."""

import warnings
from collections.abc import Callable
from pathlib import Path

from PIL.BmpImagePlugin import BmpImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from covidlab.errors import OtherPicture, UnreadableImage
from covidlab.imaging.limits import MAX_BYTES
from covidlab.imaging.readers.base import DecodedImage, ImageHeader, ImageReader, OtherKind, Refusal
from covidlab.imaging.readers.pillow import PillowReader
from covidlab.imaging.readers.webp import WebPReader
from covidlab.language import said_by, tr_lazy

# Pillow warns of odd metadata (EXIF, TIFF tags) that has no part in the pixels. Set once at import, since
# warnings.catch_warnings around each call would not be safe beside other threads.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


READ_FORMATS = tr_lazy("JPEG, PNG, TIFF, BMP, WebP or DICOM")
# As many first bytes as tell what a file is.
HEAD_BYTES = 132
_NO_PICTURES = frozenset(("PDF", "ZIP"))


def decode(data: bytes, *, name: str = "the file", at_least: int | None = None) -> DecodedImage:
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
    DecodedImage

    Raises
    ------
    UnreadableImage
        Another format, truncated or damaged data, several pages or frames, or a size outside the limits
        (32 MB, 40 megapixels, sides of 64 to 16,384, aspect ratio at most 4), which is checked before decoding.
    OtherPicture
        The header says that it is no X-ray of a chest.
    """
    return _named(lambda: _reader(data).read(data, at_least=at_least), name)


def decode_file(path: Path, *, name: str | None = None, at_least: int | None = None) -> DecodedImage:
    """Film of the file ``path``; see ``decode``; raises UnreadableImage as that does, by default naming the file."""
    path = Path(path)
    name = name or path.name
    return decode(read_bytes(path, name=name), name=name, at_least=at_least)


def read_header(data: bytes, *, name: str = "the file") -> ImageHeader:
    """Header of a film without decoding its pixels; raises UnreadableImage for what ``decode`` refuses by header."""
    return _named(lambda: _reader(data).header(data), name)


def seems_whole(data: bytes) -> bool:
    """Whether a file ends as its format demands, told without decoding; False for formats where nothing can be told.

    A JPEG that was cut off is not refused by libjpeg, which fills the rest with grey: where this is False, ``decode`` tells.
    """
    kind = _content_kind(data)
    if kind == "JPEG":
        # The end-of-image marker behind the last start of a scan; one of an EXIF thumbnail stands before it.
        return data.rfind(b"\xff\xd9") > data.rfind(b"\xff\xda")
    return kind == "PNG" and data[-12:].startswith(b"\0\0\0\0IEND")


def read_bytes(path: Path, *, name: str | None = None) -> bytes:
    """Content of a film file; raises UnreadableImage where it is too large or cannot be opened."""
    name = name or path.name
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableImage(
            tr_lazy("{name} cannot be opened: {strerror}.", name=name, strerror=error.strerror)
        ) from error
    return data


READERS: dict[str, ImageReader] = {
    "JPEG": PillowReader("JPEG", JpegImageFile),
    "PNG": PillowReader("PNG", PngImageFile),
    "TIFF": PillowReader("TIFF", TiffImageFile),
    "BMP": PillowReader("BMP", BmpImageFile),
    "WebP": WebPReader(),
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


def is_picture_content(head: bytes) -> bool:
    """Whether a file that begins with these bytes is a picture, of a kind that is read here or not."""
    kind = _content_kind(head)
    return kind is not None and kind not in _NO_PICTURES


def is_dicom(head: bytes) -> bool:
    """Whether a file that begins with these bytes is DICOM."""
    return _content_kind(head) == "DICOM"


def _reader(data: bytes) -> ImageReader:
    if not data:
        raise Refusal(tr_lazy("it is empty (zero bytes)"))
    if len(data) > MAX_BYTES:
        raise Refusal(tr_lazy("it is larger than the {max_bytes} MB that are read", max_bytes=MAX_BYTES // 2**20))
    kind = _content_kind(data)
    if kind in READERS:
        return READERS[kind]
    if kind == "DICOM":
        # pydicom takes 24 MB, so it is loaded where a DICOM file is read only.
        from covidlab.imaging.readers.dicom import DicomReader

        return DicomReader()
    if _is_dicom_without_preamble(data):
        raise Refusal(
            tr_lazy("it is DICOM without its preamble; a whole file, with DICM behind 128 bytes, is expected")
        )
    raise Refusal(
        tr_lazy(
            "its content is {kind}; {read_formats} is expected",
            kind=kind or tr_lazy("no image format that is known here"),
            read_formats=READ_FORMATS,
        )
    )


def _content_kind(data: bytes) -> str | None:
    # PS3.10 7.1: a preamble of 128 bytes that may look like any other format, then "DICM".
    if data[128:132] == b"DICM":
        return "DICOM"
    return next((kind for at, mark, kind in _SIGNATURES if data[at : at + len(mark)] == mark), None)


def _named(step: Callable, name: str):
    try:
        return step()
    except Refusal as refusal:
        kind = OtherPicture if isinstance(refusal, OtherKind) else UnreadableImage
        raise kind(tr_lazy("{name} cannot be read: {refusal}.", name=name, refusal=said_by(refusal))) from refusal
    except MemoryError as error:
        raise UnreadableImage(tr_lazy("{name} cannot be read: it takes too much memory.", name=name)) from error


def _is_dicom_without_preamble(data: bytes) -> bool:
    """Whether a file begins with DICM, or with an element of the groups 2 or 8 in either order of bytes, as old files do."""
    group, number = data[:2], data[2:4]
    is_element = group in (b"\2\0", b"\x08\0") and number[1:] == b"\0"
    is_big_endian = group in (b"\0\2", b"\0\x08") and number[:1] == b"\0"
    return data.startswith(b"DICM") or ((is_element or is_big_endian) and len(data) > 8)
