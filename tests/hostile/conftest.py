"""Small valid files of every format that is read, to be damaged, or to carry what must not get out."""

import io
from collections.abc import Mapping

import cv2
import numpy as np
import pydicom.config
import pytest
from PIL import Image
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.filewriter import dcmwrite

from covidlab.imaging.sandbox import Sandbox

PILLOW_FILES = {
    "JPEG": ("JPEG", "L", {"quality": 90}),
    "JPEG, progressive, RGB": ("JPEG", "RGB", {"quality": 90, "progressive": True}),
    "PNG": ("PNG", "L", {}),
    "PNG, 16 bits": ("PNG", "I;16", {}),
    "PNG, palette": ("PNG", "P", {}),
    "PNG, transparent": ("PNG", "RGBA", {}),
    "TIFF": ("TIFF", "L", {}),
    "TIFF, LZW": ("TIFF", "RGB", {"compression": "tiff_lzw"}),
    "TIFF, 16 bits, deflate": ("TIFF", "I;16", {"compression": "tiff_adobe_deflate"}),
    "BMP": ("BMP", "RGB", {}),
    "WebP": ("WEBP", "RGB", {"quality": 90}),
    "WebP, lossless": ("WEBP", "RGB", {"lossless": True}),
}
DICOM_FILES = {
    "DICOM": uid.ExplicitVRLittleEndian,
    "DICOM, implicit": uid.ImplicitVRLittleEndian,
    "DICOM, deflated": uid.DeflatedExplicitVRLittleEndian,
    "DICOM, RLE": uid.RLELossless,
    "DICOM, JPEG": uid.JPEGBaseline8Bit,
    "DICOM, JPEG 2000": uid.JPEG2000Lossless,
    "DICOM, JPEG-LS": uid.JPEGLSLossless,
}


def shaded(width: int = 96, height: int = 80) -> np.ndarray:
    """Two bright ovals in noise, uint8."""
    pixels = np.random.default_rng(5).integers(60, 90, (height, width)).astype(np.uint8)
    for x in (0.3, 0.7):
        cv2.ellipse(pixels, (int(width * x), height // 2), (width // 7, height // 3), 0, 0, 360, 170, -1)
    return pixels


def picture(kind: str, mode: str, options: Mapping, *, pixels: np.ndarray | None = None) -> bytes:
    """A file written by Pillow."""
    grey, file = shaded() if pixels is None else pixels, io.BytesIO()
    image = Image.fromarray(grey.astype(np.uint16) * 200) if mode == "I;16" else Image.fromarray(grey).convert(mode)
    image.save(file, kind, **options)
    return file.getvalue()


def dicom(syntax: str = uid.ExplicitVRLittleEndian, *, pixels: np.ndarray | None = None, elements=(), **tags) -> bytes:
    """A DICOM file of a chest; ``elements`` are (tag, kind of value, value)."""
    pydicom.config.settings.writing_validation_mode = pydicom.config.IGNORE
    # Also of what is set in a header that was not read.
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
    pixels, header = shaded() if pixels is None else pixels, Dataset()
    header.SOPClassUID, header.SOPInstanceUID = uid.DigitalXRayImageStorageForPresentation, "1.2.3.4"
    header.Modality, header.BodyPartExamined, header.ViewPosition = "DX", "CHEST", "PA"
    header.Rows, header.Columns = pixels.shape
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.BitsAllocated, header.BitsStored, header.HighBit, header.PixelRepresentation = 8, 8, 7, 0
    header.PixelData = pixels.tobytes()
    header["PixelData"].VR = "OB"
    for keyword, value in tags.items():
        setattr(header, keyword, value)
    for element in elements:
        header.add_new(*element)
    header.file_meta = FileMetaDataset()
    header.file_meta.MediaStorageSOPClassUID = header.SOPClassUID
    header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
    header.file_meta.TransferSyntaxUID = syntax
    if syntax == uid.JPEGBaseline8Bit:
        header.PixelData = encapsulate([picture("JPEG", "L", {"quality": 90}, pixels=pixels)])
        header["PixelData"].is_undefined_length = True
    elif uid.UID(syntax).is_encapsulated:
        header.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
        header.compress(syntax, generate_instance_uid=False)
    file = io.BytesIO()
    dcmwrite(
        file, header, enforce_file_format=True, implicit_vr=syntax == uid.ImplicitVRLittleEndian, little_endian=True
    )
    return file.getvalue()


@pytest.fixture(scope="session")
def valid_files() -> dict[str, bytes]:
    """A file of each format and of most ways of storing it; all are read."""
    pictures = {name: picture(*recipe) for name, recipe in PILLOW_FILES.items()}
    return pictures | {name: dicom(syntax) for name, syntax in DICOM_FILES.items()}


@pytest.fixture(scope="module")
def sandbox():
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.fixture(name="dicom", scope="session")
def dicom_fixture():
    return dicom


@pytest.fixture(name="picture", scope="session")
def picture_fixture():
    return picture
