"""From the bytes of a DICOM file to its header, of which only a few tags are read, and its pixels as they are stored."""

import io
import logging
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import pydicom.config
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.filereader import read_dataset
from pydicom.tag import Tag
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian

from covidlab.imaging.readers.base import DECODING_ERRORS, Refusal
from covidlab.imaging.readers.dicom_structure import Structure, element_at, is_implicit, structure
from covidlab.language import tr_lazy
from covidlab.text import one_line

# pydicom would quote values of a header in what it logs and warns of.
logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE

DICOM_ERRORS = (*DECODING_ERRORS, BytesLengthException, InvalidDicomError)

# Of a deflated file: as much of it as may stand before its pixels.
_HEADER_BYTES = 4 * 2**20
_DATA_AT = 132
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
_DIRECTORY = "1.2.840.10008.1.3.10"
_TRANSFER_SYNTAX, _STORAGE_CLASS = 0x00020010, 0x00020002

READ_SYNTAXES = (
    *(uid.ImplicitVRLittleEndian, ExplicitVRBigEndian, uid.ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian),
    *(uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit, uid.JPEGLossless, uid.JPEGLosslessSV1, uid.RLELossless),
    *(uid.JPEG2000Lossless, uid.JPEG2000, uid.JPEGLSLossless, uid.JPEGLSNearLossless),
)

# All that is read of a header; the rest is skipped where it stands.
READ_KEYWORDS = (
    *("Modality", "BodyPartExamined", "ViewPosition", "ViewCodeSequence", "PatientAge", "BurnedInAnnotation"),
    *("PixelSpacing", "ImagerPixelSpacing", "Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation"),
    *("PlanarConfiguration", "NumberOfFrames", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
    *("PixelPaddingValue", "PixelPaddingRangeLimit", "RescaleSlope", "RescaleIntercept", "ModalityLUTSequence"),
    *("WindowCenter", "WindowWidth", "VOILUTFunction", "VOILUTSequence"),
)


@dataclass(frozen=True)
class DicomFile:
    """A DICOM file whose pixels are not decoded.

    syntax: transfer syntax of the pixels. tags: those of the header that are read. structure: where the pixels stand, and
    what is dropped.
    """

    syntax: UID
    tags: Dataset
    structure: Structure
    _content: bytes
    _packed: bytes | None = None

    def pixel_bytes(self, num_bytes: int | None = None) -> memoryview:
        """First ``num_bytes`` of the pixels as they are stored; fewer where the file has fewer, all of them for None."""
        at = self.structure.pixels.value_at
        end = None if num_bytes is None else at + num_bytes
        content = self._content if self._packed is None else _inflated(self._packed, end)
        return memoryview(content)[at:end]


def open_dicom(data: bytes, *, keywords: Sequence[str] = READ_KEYWORDS) -> DicomFile:
    """Return the DICOM file in ``data``, with the tags of its header that ``keywords`` names.

    Raises Refusal for a program as preamble, a directory of files, an unknown transfer syntax, no pixels, and a header
    that is damaged or too large.
    """
    if data.startswith(_PROGRAMS):
        raise Refusal(tr_lazy("it begins like a program; a DICOM file whose preamble is empty is expected"))
    try:
        return _opened(data, keywords)
    except DICOM_ERRORS as error:
        raise damaged_header() from error


def _opened(data: bytes, keywords: Sequence[str]) -> DicomFile:
    meta, at = _file_meta(data)
    if meta.get(_STORAGE_CLASS) == _DIRECTORY:
        raise Refusal(tr_lazy("it is a directory of DICOM files (DICOMDIR); a file with one X-ray is expected"))
    syntax = _known_syntax(meta.get(_TRANSFER_SYNTAX, ""))
    packed = data[at:] if syntax == DeflatedExplicitVRLittleEndian else None
    content, at = (data, at) if packed is None else (_inflated(packed, _HEADER_BYTES), 0)
    implicit, order = is_implicit(content, at), ">" if syntax == ExplicitVRBigEndian else "<"
    found = structure(content, at, implicit=implicit, order=order)
    if found.pixels is None:
        raise Refusal(
            tr_lazy(
                "it holds no pixels{value}",
                value=""
                if packed is None
                else tr_lazy(" within {header_bytes} MB", header_bytes=_HEADER_BYTES // 2**20),
            )
        )
    header = io.BytesIO(content[at : found.pixels.at])
    wanted = [Tag(keyword) for keyword in keywords]
    tags = read_dataset(header, implicit, order == "<", specific_tags=wanted)
    return DicomFile(syntax, tags, found, content, packed)


def damaged_header() -> Refusal:
    return Refusal(tr_lazy("its DICOM header is damaged; a whole file is expected"))


def _file_meta(data: bytes) -> tuple[dict[int, str], int]:
    """Values of group 0002 as text, and where the data set begins; PS3.10 7.1: always explicit, little-endian."""
    values, at = {}, _DATA_AT
    while len(data) >= at + 8:
        element = element_at(data, at, implicit=False, order="<")
        if element.tag >> 16 != 2:
            break
        at = element.value_at + element.length
        values[element.tag] = data[element.value_at : at].rstrip(b"\0 ").decode("ascii", "replace")
    return values, at


def _known_syntax(name: str) -> UID:
    if not name:
        raise Refusal(tr_lazy("it states no transfer syntax, so how its pixels are stored is not known"))
    syntax = UID(name)
    if syntax not in READ_SYNTAXES:
        # A name that is not in the dictionary is the UID itself; what is no UID may be somebody's name.
        shown = one_line(syntax.name, max_length=64) if syntax.is_valid else tr_lazy("no identifier of DICOM")
        raise Refusal(tr_lazy("its transfer syntax is not read here. Received: {shown}", shown=shown))
    return syntax


def _inflated(packed: bytes, num_bytes: int | None) -> bytes:
    """First bytes of deflated data; PS3.5 A.5: without the header of zlib."""
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, num_bytes or _HEADER_BYTES)
