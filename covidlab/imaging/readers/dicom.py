"""DICOM: a chest X-ray with the few tags that are kept; all else of its header is dropped."""

import numpy as np

from covidlab.imaging.readers.base import DecodedImage, ImageHeader, Refusal
from covidlab.imaging.readers.dicom_file import DICOM_ERRORS, DicomFile, damaged_header, open_dicom
from covidlab.imaging.readers.dicom_grey import grey_table
from covidlab.imaging.readers.dicom_layout import Layout, layout_of
from covidlab.imaging.readers.dicom_pixels import decode_pixels
from covidlab.imaging.readers.dicom_tags import refuse_other_than_chest, tags_of, values_of
from covidlab.language import tr_lazy
from covidlab.spoken import listed


class DicomReader:
    """Reader of DICOM files with one chest X-ray."""

    def header(self, data: bytes) -> ImageHeader:
        _, layout = _looked_at(data)
        return ImageHeader("DICOM", _mode(layout), layout.columns, layout.rows, layout.samples)

    def read(self, data: bytes, *, at_least: int | None) -> DecodedImage:
        file, layout = _looked_at(data)
        values = decode_pixels(file, layout)
        try:
            pixels, notes = _picture(file, layout, values)
        except DICOM_ERRORS as error:
            raise damaged_header() from error
        return DecodedImage(pixels, "DICOM", _mode(layout), (*notes, *_dropped(file)), tags_of(file.tags))


def patient_id(data: bytes) -> str:
    """Return who a DICOM file is of, as it states, "" where that cannot be read; not to be kept, shown or written."""
    try:
        stated = values_of(open_dicom(data, keywords=("PatientID",)).tags, "PatientID")
    except Refusal:
        return ""
    return " ".join(map(str, stated)).strip()


def _looked_at(data: bytes) -> tuple[DicomFile, Layout]:
    """The file and how its pixels are laid out; refuses by the header what is not read."""
    file = open_dicom(data)
    refuse_other_than_chest(tags_of(file.tags))
    return file, layout_of(file)


def _picture(file: DicomFile, layout: Layout, values: np.ndarray) -> tuple[np.ndarray, list[str]]:
    if layout.samples == 3:
        return np.ascontiguousarray(values), []
    table = grey_table(file.tags, layout, values)
    return np.repeat(table.apply(values)[..., None], 3, axis=2), table.notes


def _mode(layout: Layout) -> str:
    """What Pillow calls such pixels."""
    if layout.samples == 3:
        return "RGB"
    return "L" if layout.bits_allocated == 8 else "I;16"


def _overlays(number: int) -> str:
    return tr_lazy("1 overlay") if number == 1 else tr_lazy("{number:,} overlays", number=number)


def _private_tags(number: int) -> str:
    return tr_lazy("1 private tag") if number == 1 else tr_lazy("{number:,} private tags", number=number)


def _dropped(file: DicomFile) -> list[str]:
    found = file.structure
    kinds = [
        *([_overlays(found.num_overlays)] if found.num_overlays else []),
        *([_private_tags(found.num_private)] if found.num_private else []),
    ]
    return [tr_lazy("Dropped with the header: {kinds}.", kinds=listed(kinds))] if kinds else []
