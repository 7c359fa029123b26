"""The pixels of a DICOM file, decoded by the library that its transfer syntax needs."""

import numpy as np
from pydicom import uid
from pydicom.encaps import get_frame, parse_basic_offsets
from pydicom.pixels import get_decoder

from covidlab.imaging.readers.base import Refusal
from covidlab.imaging.readers.dicom_file import DICOM_ERRORS, DicomFile
from covidlab.imaging.readers.dicom_frames import check_frame
from covidlab.imaging.readers.dicom_layout import Layout
from covidlab.imaging.readers.dicom_structure import UNDEFINED
from covidlab.language import tr_lazy

_JPEG_OF_MORE_BITS = (uid.JPEGExtended12Bit, uid.JPEGLossless, uid.JPEGLosslessSV1)
_DECODERS = {
    uid.JPEGBaseline8Bit: "pillow",
    uid.JPEG2000: "pylibjpeg",
    uid.JPEG2000Lossless: "pylibjpeg",
    uid.JPEGLSLossless: "pyjpegls",
    uid.JPEGLSNearLossless: "pyjpegls",
    uid.RLELossless: "pydicom",
    **dict.fromkeys(_JPEG_OF_MORE_BITS, "covidlab"),
}
for _syntax in _JPEG_OF_MORE_BITS:
    get_decoder(_syntax).add_plugin("covidlab", ("covidlab.imaging.readers.dicom_jpeg", "decode_frame"))


def decode_pixels(file: DicomFile, layout: Layout) -> np.ndarray:
    """Return the values as stored, (rows, columns), or colours as RGB, (rows, columns, 3); raises Refusal for damaged ones."""
    try:
        content = _encapsulated(file, layout) if file.syntax.is_encapsulated else _native(file, layout)
        values, _ = get_decoder(file.syntax).as_array(
            content,
            decoding_plugin=_DECODERS.get(file.syntax, ""),
            rows=layout.rows,
            columns=layout.columns,
            samples_per_pixel=layout.samples,
            planar_configuration=int(layout.is_planar),
            photometric_interpretation=layout.photometric,
            bits_allocated=layout.bits_allocated,
            bits_stored=layout.bits_stored,
            pixel_representation=int(layout.is_signed),
            number_of_frames=1,
            pixel_keyword="PixelData",
            pixel_vr="OB" if file.structure.pixels.kind == b"OB" else "OW",
        )
    except DICOM_ERRORS as error:
        raise Refusal(
            tr_lazy("its pixels ({name}) are damaged or end early; a whole file is expected", name=file.syntax.name)
        ) from error
    return values.astype(values.dtype.newbyteorder("="), copy=False)


def _native(file: DicomFile, layout: Layout) -> bytes:
    expected, stated = layout.num_bytes, file.structure.pixels.length
    # PS3.5 8.1.1: an odd number is made even by one byte.
    even = expected + expected % 2
    if stated not in (expected, even):
        raise Refusal(
            tr_lazy(
                "{expected:,} bytes of pixels are expected. Received: {in_bytes}",
                expected=expected,
                in_bytes=_in_bytes(stated),
            )
        )
    pixels = file.pixel_bytes(even)
    if len(pixels) < expected:
        raise Refusal(
            tr_lazy(
                "{expected:,} bytes of pixels are expected. Received: {in_bytes}",
                expected=expected,
                in_bytes=_in_bytes(len(pixels)),
            )
        )
    return bytes(pixels)


def _in_bytes(number: int) -> str:
    return tr_lazy("an unknown number") if number == UNDEFINED else f"{number:,}"


def _encapsulated(file: DicomFile, layout: Layout) -> bytes:
    if file.structure.pixels.length != UNDEFINED:
        raise Refusal(tr_lazy("compressed pixels in fragments are expected. Received: pixels of a stated length"))
    content = bytes(file.pixel_bytes())
    if len(parse_basic_offsets(content)) > 1:
        raise Refusal(tr_lazy("it holds several frames; a file with one X-ray is expected"))
    check_frame(get_frame(content, 0, number_of_frames=1), file.syntax, layout)
    return content
