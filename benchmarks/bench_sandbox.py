"""What decoding an upload in the sandbox adds to decoding it in place: a JPEG, and DICOM of 12 bits, raw and in JPEG 2000."""

import argparse
import io
import time
from collections.abc import Callable
from contextlib import closing
from statistics import median

import cv2
import numpy as np
from common import print_load, print_target
from numpy.random import default_rng
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite

from covidlab.imaging.encode import jpeg
from covidlab.imaging.prepared import prepare_image
from covidlab.imaging.sandbox import Sandbox
from covidlab.intake.upload import UPLOAD_RECIPE

TARGET_ADDED_MS = 100
# Two megapixels.
_HEIGHT, _WIDTH = 1600, 1280


def picture() -> np.ndarray:
    """Smooth shapes with a little noise, as an X-ray has, 12 bits."""
    coarse = default_rng(0).random((16, 12)).astype(np.float32)
    smooth = cv2.resize(coarse, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_CUBIC)
    noise = default_rng(1).normal(0, 0.005, smooth.shape)
    return (4095 * (smooth + noise).clip(0, 1)).astype(np.uint16)


def dicom(values: np.ndarray, *, syntax: uid.UID) -> bytes:
    """A DICOM file of a chest X-ray."""
    header = Dataset()
    header.SOPClassUID, header.SOPInstanceUID = uid.DigitalXRayImageStorageForPresentation, "1.2.3.4"
    header.Modality, header.BodyPartExamined, header.ViewPosition = "DX", "CHEST", "PA"
    header.Rows, header.Columns = values.shape
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.BitsAllocated, header.BitsStored, header.HighBit, header.PixelRepresentation = 16, 12, 11, 0
    header.WindowCenter, header.WindowWidth = 2048, 4096
    header.PixelData = values.tobytes()
    header["PixelData"].VR = "OW"
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    if syntax.is_compressed:
        header.compress(syntax, generate_instance_uid=False)
    file = io.BytesIO()
    dcmwrite(file, header, enforce_file_format=True)
    return file.getvalue()


def milliseconds_of(step: Callable[[], object]) -> float:
    """Wall time of one call."""
    started = time.perf_counter()
    step()
    return 1000 * (time.perf_counter() - started)


def main() -> None:
    """Print the medians of both ways, which take turns, and what the sandbox adds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=15, help="files of each kind the median is taken over")
    repeats = parser.parse_args().repeats
    values = picture()
    rgb = np.repeat((values >> 4).astype(np.uint8)[..., None], 3, axis=2)
    files = {
        "JPEG": jpeg(rgb, quality=92),
        "DICOM of 12 bits": dicom(values, syntax=uid.ExplicitVRLittleEndian),
        "DICOM in JPEG 2000": dicom(values, syntax=uid.JPEG2000Lossless),
    }
    print_load()
    with closing(Sandbox()) as sandbox:
        for what, data in files.items():
            steps = [
                lambda data=data: sandbox.prepare(data, recipe=UPLOAD_RECIPE),
                lambda data=data: prepare_image(data, recipe=UPLOAD_RECIPE),
            ]
            # Both processes of the sandbox are started by the first two files.
            for step in steps * 2:
                step()
            taken = [[milliseconds_of(step) for step in steps] for _ in range(repeats)]
            in_sandbox, in_place = (median(times) for times in zip(*taken, strict=True))
            print(f"{what}, {len(data) / 2**20:.1f} MB: in the sandbox {in_sandbox:.0f} ms, in place {in_place:.0f} ms")
            print_target(f"added to a {what} of 2 megapixels", in_sandbox - in_place, target=TARGET_ADDED_MS, unit="ms")
    print_load()


if __name__ == "__main__":
    main()
