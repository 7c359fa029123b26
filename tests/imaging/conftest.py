"""DICOM files made for a test: a small chest X-ray with a header that says so, whatever else the test wants of it."""

import io

import numpy as np
import pydicom.config
import pytest
from imagecodecs import jpeg8_encode
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID

_JPEG_LOSSLESS = (uid.JPEGLossless, uid.JPEGLosslessSV1)
_ENCODED_BY_PYDICOM = (uid.RLELossless, uid.JPEG2000Lossless, uid.JPEGLSLossless)


def dicom(
    pixels: np.ndarray | None = None, *, syntax: str = uid.ExplicitVRLittleEndian, fragments=None, elements=(), **tags
) -> bytes:
    """A DICOM file of ``pixels``, compressed as ``syntax`` says; a tag that is None is left out.

    Parameters
    ----------
    pixels : ndarray of shape (rows, columns) or (rows, columns, 3), of 8 or 16 bits; a ramp where there are none
    fragments : compressed frames to be stored as they are
    elements : what else the header holds, as (tag, kind of value, value)
    """
    pixels = ramp(bits=12) if pixels is None else pixels
    header = _header(pixels)
    header.PixelData = pixels.astype(
        pixels.dtype.newbyteorder(">" if syntax == uid.ExplicitVRBigEndian else "<")
    ).tobytes()
    header["PixelData"].VR = "OB" if pixels.itemsize == 1 else "OW"
    for keyword, value in tags.items():
        if value is None:
            delattr(header, keyword)
        else:
            setattr(header, keyword, value)
    for element in elements:
        header.add_new(*element)
    header.file_meta = FileMetaDataset()
    header.file_meta.MediaStorageSOPClassUID = header.SOPClassUID
    header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
    header.file_meta.TransferSyntaxUID = UID(syntax)
    if syntax in _JPEG_LOSSLESS:
        fragments = [jpeg8_encode(pixels, lossless=True, bitspersample=header.BitsStored)]
    if fragments is not None:
        header.PixelData = encapsulate(fragments)
        header["PixelData"].is_undefined_length = True
    elif syntax in _ENCODED_BY_PYDICOM:
        header.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
        header.compress(UID(syntax), generate_instance_uid=False)
    file = io.BytesIO()
    pydicom.config.settings.writing_validation_mode = pydicom.config.IGNORE
    order = {"implicit_vr": syntax == uid.ImplicitVRLittleEndian, "little_endian": syntax != uid.ExplicitVRBigEndian}
    dcmwrite(file, header, enforce_file_format=True, **order)
    return file.getvalue()


def ramp(height: int = 80, width: int = 96, *, bits: int = 8, signed: bool = False) -> np.ndarray:
    """Values from the lowest to the highest of so many bits."""
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    values = np.linspace(low, high, height * width).reshape(height, width).round()
    return values.astype(f"{'i' if signed else 'u'}{1 if bits == 8 else 2}")


def _header(pixels: np.ndarray) -> Dataset:
    header = Dataset()
    header.SOPClassUID = uid.DigitalXRayImageStorageForPresentation
    header.SOPInstanceUID = "1.2.3.4"
    header.PatientName, header.PatientID, header.PatientBirthDate = "Doe^Jane", "P-17", "19500101"
    header.Modality, header.BodyPartExamined, header.ViewPosition = "DX", "CHEST", "PA"
    header.Rows, header.Columns = pixels.shape[:2]
    header.SamplesPerPixel = 1 if pixels.ndim == 2 else 3
    header.PhotometricInterpretation = "MONOCHROME2" if pixels.ndim == 2 else "RGB"
    if pixels.ndim == 3:
        header.PlanarConfiguration = 0
    header.BitsAllocated = 8 * pixels.itemsize
    header.BitsStored = 8 if pixels.itemsize == 1 else 12
    header.HighBit = header.BitsStored - 1
    header.PixelRepresentation = int(pixels.dtype.kind == "i")
    return header


@pytest.fixture(name="dicom")
def dicom_fixture():
    return dicom


@pytest.fixture(name="ramp")
def ramp_fixture():
    return ramp
