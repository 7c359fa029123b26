"""What compressed pixels say of their own size, held against the DICOM header before they are decoded."""

import struct
from itertools import pairwise

from pydicom import uid

from covidlab.imaging.readers.base import Refusal
from covidlab.imaging.readers.dicom_layout import Layout
from covidlab.language import tr_lazy

_MAX_TILES = 4096
_RLE_HEADER_BYTES = 64
_JPEG_2000 = (uid.JPEG2000, uid.JPEG2000Lossless)
_SIZE_OF_JPEG_2000 = b"\xff\x4f\xff\x51"
_END = b"\xff\xd9"
# The end marker, and what makes the number of bytes even or a multiple of more.
_END_WITHIN_BYTES = 64
# ITU-T T.81 table B.1 and T.87 C.1.1: markers that begin a frame and state its size.
_STARTS_OF_FRAME = {*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC}
_STAND_ALONE = {0x01, *range(0xD0, 0xD9)}

# width, height, values a pixel, bits a value
Size = tuple[int, int, int, int]


def check_frame(frame: bytes, syntax: uid.UID, layout: Layout) -> None:
    """Raise Refusal where a frame would give other pixels than the header promises, or ends early.

    Raises ValueError, IndexError or struct.error where the frame is damaged.
    """
    if syntax == uid.RLELossless:
        _check_run_lengths(frame, layout)
        return
    width, height, samples, bits = _size_of_jpeg_2000(frame) if syntax in _JPEG_2000 else _size_of_jpeg(frame)
    if (width, height, samples) != (layout.columns, layout.rows, layout.samples) or bits > layout.bits_allocated:
        raise Refusal(
            tr_lazy(
                "its pixels are expected to be {columns:,} x {rows:,} with {samples} x {bits_allocated} bits, as "
                "its header says. Received: {width:,} x {height:,} with {samples_2} x {bits}",
                columns=layout.columns,
                rows=layout.rows,
                samples=layout.samples,
                bits_allocated=layout.bits_allocated,
                width=width,
                height=height,
                samples_2=samples,
                bits=bits,
            )
        )
    # Decoders fill what is missing with grey, and do not tell.
    if frame.rfind(_END, -_END_WITHIN_BYTES) < 0:
        raise ValueError(tr_lazy("no end marker"))


def _size_of_jpeg(frame: bytes) -> Size:
    at = 2
    while True:
        if frame[at] != 0xFF:
            raise ValueError(tr_lazy("no marker"))
        marker = frame[at + 1]
        if marker == 0xFF or marker in _STAND_ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        if marker in _STARTS_OF_FRAME:
            bits, height, width, samples = struct.unpack_from(">BHHB", frame, at + 4)
            return width, height, samples, bits
        at += 2 + max(2, struct.unpack_from(">H", frame, at + 2)[0])


def _size_of_jpeg_2000(frame: bytes) -> Size:
    """ITU-T T.800 A.5.1: the image is what lies between its offset and the far corner of the grid."""
    at = _start_of_codestream(frame) + 8
    far_x, far_y, near_x, near_y, tile_x, tile_y = struct.unpack_from(">6I", frame, at)
    (samples,) = struct.unpack_from(">H", frame, at + 32)
    # Zero-width tiles end as a ZeroDivisionError, which is an ArithmeticError.
    if -(-far_x // tile_x) * -(-far_y // tile_y) > _MAX_TILES:
        raise Refusal(tr_lazy("its pixels are stored in more than {max_tiles:,} tiles", max_tiles=_MAX_TILES))
    return far_x - near_x, far_y - near_y, samples, (frame[at + 34] & 0x7F) + 1


def _start_of_codestream(frame: bytes) -> int:
    """A JP2 file around it, which PS3.5 8.2.4 forbids, is stepped through box by box (T.800 I.4)."""
    at = 0
    while not frame.startswith(_SIZE_OF_JPEG_2000, at):
        length, kind = struct.unpack_from(">I4s", frame, at)
        at += 8 if kind == b"jp2c" else max(8, length)
    return at


def _check_run_lengths(frame: bytes, layout: Layout) -> None:
    """Raise Refusal where a segment unpacks to another number of bytes than there are pixels: two bytes may become 128."""
    expected = layout.rows * layout.columns
    num_segments, *offsets = struct.unpack_from("<16L", frame)
    planes = layout.samples * layout.bits_allocated // 8
    starts = [*offsets[:planes], len(frame)]
    if num_segments != planes or starts[0] != _RLE_HEADER_BYTES or starts != sorted(starts):
        raise ValueError(tr_lazy("segments do not follow each other"))
    for start, end in pairwise(starts):
        received = _unpacked_length(frame, start, end, at_most=expected)
        if received != expected:
            more = tr_lazy("more than that") if received > expected else f"{received:,}"
            raise Refusal(
                tr_lazy(
                    "{expected:,} values are expected in each run-length segment. Received: {more}",
                    expected=expected,
                    more=more,
                )
            )


def _unpacked_length(frame: bytes, at: int, end: int, *, at_most: int) -> int:
    """PS3.5 G.3.1: a byte n below 128 precedes n + 1 bytes, one above 128 a byte that comes 257 - n times."""
    length = 0
    while at < end and length <= at_most:
        count = frame[at]
        if count < 128:
            # A literal run that the segment's end cuts off gives what there is.
            length += min(count + 1, end - at - 1)
            at += count + 2
        else:
            is_run = count > 128 and at + 1 < end
            length += 257 - count if is_run else 0
            at += 2 if count > 128 else 1
    return length
