"""WebP through Pillow, after a look at its size: Pillow's decoder takes memory for the whole picture as it opens a file."""

import struct

from PIL.ImageFile import ImageFile
from PIL.WebPImagePlugin import WebPImageFile

from covidlab.imaging.limits import check_size
from covidlab.imaging.readers.pillow import PillowReader
from covidlab.language import tr_lazy


class WebPReader(PillowReader):
    """Reader of still WebP pictures."""

    def __init__(self) -> None:
        super().__init__("WebP", WebPImageFile)

    def open(self, data: bytes) -> ImageFile:
        """Return the picture of which only the header is decoded; raises Refusal for its size and for several frames."""
        check_size(*self.decode(lambda: _size(data)))
        return super().open(data)


def _size(data: bytes) -> tuple[int, int]:
    """Width and height; RFC 9649, 2.5 to 2.7, and RFC 6386, 9.1."""
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind != b"VP8 ":
        raise ValueError(tr_lazy("no picture comes first"))
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF
