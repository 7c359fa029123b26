"""How the pixels of a DICOM file are laid out, checked before any memory is taken."""

from dataclasses import dataclass

from covidlab.imaging.limits import check_size
from covidlab.imaging.readers.base import Refusal
from covidlab.imaging.readers.dicom_file import DicomFile
from covidlab.imaging.readers.dicom_structure import PIXEL_DATA
from covidlab.imaging.readers.dicom_tags import code, whole
from covidlab.language import tr_lazy

_GREY = ("MONOCHROME1", "MONOCHROME2")
_COLOURS = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT")


@dataclass(frozen=True)
class Layout:
    """How pixels are stored: ``samples`` of each (1 grey, 3 colours), ``bits_stored`` in ``bits_allocated``."""

    rows: int
    columns: int
    samples: int
    photometric: str
    bits_allocated: int
    bits_stored: int
    is_signed: bool
    is_planar: bool

    @property
    def num_bytes(self) -> int:
        """Bytes of the pixels where they are not compressed."""
        num_bytes = self.rows * self.columns * self.samples * self.bits_allocated // 8
        # PS3.3 C.7.6.3.1.2: two pixels share their colour.
        return num_bytes // 3 * 2 if self.photometric == "YBR_FULL_422" else num_bytes


def layout_of(file: DicomFile) -> Layout:
    """Return how the pixels are laid out; raises Refusal for what is not read or cannot be true."""
    header = file.tags
    if file.structure.pixels.tag != PIXEL_DATA:
        raise Refusal(tr_lazy("pixels of 8 to 16 bits are expected. Received: floating-point numbers"))
    if (whole(header, "NumberOfFrames") or 1) > 1:
        raise Refusal(tr_lazy("it holds several frames; a file with one X-ray is expected"))
    stated = {name: whole(header, name) for name in ("Rows", "Columns", "BitsAllocated", "BitsStored")}
    for name, value in stated.items():
        if value is None:
            raise Refusal(tr_lazy("its DICOM header does not state {name}", name=name))
    rows, columns, allocated, stored = stated.values()
    check_size(columns, rows)
    layout = Layout(
        rows=rows,
        columns=columns,
        samples=1 if (samples := whole(header, "SamplesPerPixel")) is None else samples,
        photometric=code(header, "PhotometricInterpretation"),
        bits_allocated=allocated,
        bits_stored=stored,
        is_signed=whole(header, "PixelRepresentation") == 1,
        is_planar=whole(header, "PlanarConfiguration") == 1,
    )
    high_bit = whole(header, "HighBit")
    _check_bits(layout, stored - 1 if high_bit is None else high_bit)
    _check_colours(layout)
    return layout


def _check_bits(layout: Layout, high_bit: int) -> None:
    if layout.bits_stored > layout.bits_allocated:
        raise Refusal(
            tr_lazy(
                "at most as many bits stored as are allocated are expected. Received: {bits_stored} bits stored "
                "in {bits_allocated}",
                bits_stored=layout.bits_stored,
                bits_allocated=layout.bits_allocated,
            )
        )
    if layout.bits_allocated not in (8, 16) or layout.bits_stored < 8:
        raise Refusal(
            tr_lazy(
                "8 to 16 bits stored in 8 or 16 are expected. Received: {bits_stored} in {bits_allocated}",
                bits_stored=layout.bits_stored,
                bits_allocated=layout.bits_allocated,
            )
        )
    if high_bit != layout.bits_stored - 1:
        # PS3.5 8.1.1.
        raise Refusal(
            tr_lazy(
                "the high bit {bits_stored} is expected. Received: {high_bit}",
                bits_stored=layout.bits_stored - 1,
                high_bit=high_bit,
            )
        )


def _check_colours(layout: Layout) -> None:
    expected = {1: _GREY, 3: _COLOURS}.get(layout.samples, ())
    if layout.photometric not in expected or (layout.samples == 3 and layout.bits_allocated != 8):
        raise Refusal(
            tr_lazy(
                "MONOCHROME1, MONOCHROME2, or colours of 8 bits are expected. Received: {photometric}, {samples} "
                "values of {bits_allocated} bits a pixel",
                photometric=layout.photometric or tr_lazy("no photometric interpretation"),
                samples=layout.samples,
                bits_allocated=layout.bits_allocated,
            )
        )
