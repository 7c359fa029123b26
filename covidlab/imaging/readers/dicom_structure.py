"""What stands where in a DICOM data set, found without recursion and before anything is taken into memory."""

import struct
from dataclasses import dataclass

from covidlab.imaging.readers.base import Refusal
from covidlab.language import tr_lazy

MAX_ELEMENTS = 100_000
MAX_NESTED = 32

UNDEFINED = 0xFFFFFFFF
PIXEL_DATA = 0x7FE00010
_PIXEL_TAGS = {PIXEL_DATA, 0x7FE00008, 0x7FE00009}
_ITEM, _ITEM_GROUP = 0xE000, 0xFFFE
# PS3.5 7.1.2: these have two reserved bytes and a length of four.
_LONG_KINDS = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())


@dataclass(frozen=True)
class Element:
    """Where an element stands: ``value_at`` is the first byte of its value, ``length`` may be ``UNDEFINED``."""

    tag: int
    kind: bytes | None
    at: int
    value_at: int
    length: int


@dataclass(frozen=True)
class Structure:
    """A data set up to its pixels: ``pixels`` is None where there are none; how many overlays and private tags it holds."""

    pixels: Element | None
    num_overlays: int
    num_private: int


def is_implicit(data: bytes, at: int) -> bool:
    """Whether the kinds of values are left out, told by the first element: what a file declares is sometimes wrong."""
    return not _is_kind(data[at + 4 : at + 6])


def structure(data: bytes, at: int, *, implicit: bool, order: str) -> Structure:
    """Structure of the data set that begins at ``at``.

    Raises Refusal where sequences stand in each other too deeply, elements are too many, or an element leaves the file.
    """
    ends: list[tuple[int | None, bool]] = []
    num_private, overlays = 0, set()
    for _ in range(MAX_ELEMENTS):
        while ends and ends[-1][0] is not None and at >= ends[-1][0]:
            ends.pop()
        if at + 8 > len(data):
            if at > len(data) or ends:
                raise Refusal(tr_lazy("its DICOM header is damaged or ends early"))
            return Structure(None, len(overlays), num_private)
        element = element_at(data, at, implicit=implicit, order=order)
        if element.tag >> 16 == _ITEM_GROUP:
            at = _in_sequence(element, ends)
            continue
        if not ends:
            if element.tag in _PIXEL_TAGS:
                return Structure(element, len(overlays), num_private)
            num_private += element.tag >> 16 & 1
            if element.tag >> 24 == 0x60:
                overlays.add(element.tag >> 16)
        at = element.value_at
        if element.length == UNDEFINED or _holds_items(element, data, order):
            _open(ends, at, element.length, is_pixels=element.tag in _PIXEL_TAGS)
        else:
            at += element.length
    raise Refusal(tr_lazy("its header has more than {max_elements:,} elements", max_elements=MAX_ELEMENTS))


def element_at(data: bytes, at: int, *, implicit: bool, order: str) -> Element:
    """Return the element that begins at ``at``; raises struct.error where the data ends before."""
    group, number = struct.unpack_from(order + "HH", data, at)
    kind = data[at + 4 : at + 6]
    # Some writers leave the kinds out within sequences only; an item has none.
    if implicit or group == _ITEM_GROUP or not _is_kind(kind):
        (length,) = struct.unpack_from(order + "L", data, at + 4)
        return Element(group << 16 | number, None, at, at + 8, length)
    if kind in _LONG_KINDS:
        (length,) = struct.unpack_from(order + "L", data, at + 8)
        return Element(group << 16 | number, kind, at, at + 12, length)
    (length,) = struct.unpack_from(order + "H", data, at + 6)
    return Element(group << 16 | number, kind, at, at + 8, length)


def _is_kind(two: bytes) -> bool:
    return len(two) == 2 and two.isalpha() and two.isupper()


def _in_sequence(element: Element, ends: list[tuple[int | None, bool]]) -> int:
    """Go into an item, or leave what a delimiter ends; returns where to read on."""
    if element.tag & 0xFFFF != _ITEM:
        if ends:
            ends.pop()
        return element.value_at
    if ends and ends[-1][1]:
        # A fragment of compressed pixels (of a preview) is no data set.
        return element.value_at + element.length
    _open(ends, element.value_at, element.length, is_pixels=False)
    return element.value_at


def _open(ends: list[tuple[int | None, bool]], at: int, length: int, *, is_pixels: bool) -> None:
    ends.append((None if length == UNDEFINED else at + length, is_pixels))
    # A sequence and its item are two.
    if len(ends) > 2 * MAX_NESTED:
        raise Refusal(
            tr_lazy("its header has more than {max_nested} sequences inside each other", max_nested=MAX_NESTED)
        )


def _holds_items(element: Element, data: bytes, order: str) -> bool:
    if element.kind not in (b"SQ", b"UN", None) or element.length < 8:
        return False
    return data[element.value_at : element.value_at + 4] == struct.pack(order + "HH", _ITEM_GROUP, _ITEM)
