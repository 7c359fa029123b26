"""DICOM files that are refused, each with its reason, and before they take memory."""

import io
import struct
import tracemalloc
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image
from pydicom import uid
from pydicom.dataset import Dataset

from covidlab.errors import OtherPicture, UnreadableImage
from covidlab.imaging.decode import decode, read_header
from covidlab.imaging.prepared import Recipe, prepare_image

ITEM, SEQUENCE = b"\xfe\xff\x00\xe0", struct.pack("<HH2sHL", 0x0040, 0xA730, b"SQ", 0, 2**32 - 1)
COMPRESSED = [uid.RLELossless, uid.JPEG2000Lossless, uid.JPEGLSLossless, uid.JPEGLosslessSV1]


def refused(data: bytes, match: str) -> None:
    with pytest.raises(UnreadableImage, match=match):
        decode(data)


def before_pixels(data: bytes, piece: bytes) -> bytes:
    at = data.index(b"\xe0\x7f\x10\x00")
    return data[:at] + piece + data[at:]


def element(data: bytes, group: int, number: int, value: int) -> bytes:
    """The file with another value in an element of two bytes."""
    at = data.index(struct.pack("<HH2s", group, number, b"US")) + 8
    return data[:at] + struct.pack("<H", value) + data[at + 2 :]


@pytest.mark.parametrize(
    ("tags", "match"),
    [
        ({"PixelData": None}, "it holds no pixels"),
        ({"PixelData": bytes(80 * 96 * 2 - 2)}, "15,360 bytes of pixels are expected. Received: 15,358"),
        ({"PixelData": bytes(80 * 96 * 2 + 2)}, "15,360 bytes of pixels are expected. Received: 15,362"),
        ({"Rows": 0}, "Received: 96 x 0"),
        ({"Rows": 65_535}, "Received: 96 x 65,535"),
        ({"Rows": 65_535, "Columns": 65_535}, "Received: 65,535 x 65,535"),
        ({"Rows": None}, "does not state Rows"),
        ({"BitsStored": 17}, "Received: 17 bits stored in 16"),
        ({"BitsAllocated": 32, "BitsStored": 32}, "Received: 32 in 32"),
        ({"BitsAllocated": 1, "BitsStored": 1}, "Received: 1 in 1"),
        ({"HighBit": 15}, "the high bit 11 is expected. Received: 15"),
        ({"NumberOfFrames": 2}, "several frames"),
        ({"SamplesPerPixel": 4}, "4 values of 16 bits"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "Received: PALETTE COLOR"),
        ({"PhotometricInterpretation": "<b>Doe^Jane</b>"}, "Received: another than a code of DICOM"),
        ({"RescaleSlope": 0, "RescaleIntercept": 0}, "rescale slope other than 0"),
        ({"Modality": "CT"}, "Received: modality CT"),
        ({"Modality": "MG"}, "Received: modality MG"),
        ({"Modality": "OT"}, "Received: modality OT"),
        ({"BodyPartExamined": "HAND"}, "Received: body part HAND"),
        ({"BodyPartExamined": "CHESTABDOMEN"}, "Received: body part CHESTABDOMEN"),
    ],
)
def test_dicom_that_is_no_readable_chest_xray_is_refused_with_the_reason(dicom, tags, match):
    refused(dicom(**tags), match)


def test_dicom_of_floating_point_pixels_is_refused(dicom):
    data = dicom(PixelData=None, FloatPixelData=bytes(80 * 96 * 4))
    refused(data, "Received: floating-point numbers")


def test_dicom_that_ends_within_its_pixels_is_refused(dicom):
    refused(dicom()[:-100], "15,360 bytes of pixels are expected. Received: 15,260")


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6])
def test_dicom_that_ends_within_its_header_is_refused(dicom, share):
    data = dicom()
    refused(data[: 132 + int(share * (data.index(b"\xe0\x7f\x10\x00") - 132))], "cannot be read")


@pytest.mark.parametrize("start", [b"MZ\x90\x00", b"\x7fELF", b"#!/bin/sh"])
def test_dicom_whose_preamble_is_a_program_is_refused(dicom, start):
    refused(start.ljust(128, b"\0") + dicom()[128:], "begins like a program")


@pytest.mark.parametrize("num_bytes", [128, 132])
def test_dicom_without_its_preamble_is_refused_as_that(dicom, num_bytes):
    refused(dicom()[num_bytes:], "DICOM without its preamble")


def test_dicom_directory_is_refused(dicom):
    refused(dicom(SOPClassUID="1.2.840.10008.1.3.10"), "directory of DICOM files")


@pytest.mark.parametrize(
    ("syntax", "name"),
    [
        (uid.MPEG2MPML, "Received: MPEG2 Main Profile"),
        (uid.HTJ2K, "Received: High-Throughput JPEG 2000"),
        ("1.2.3.4.5", r"Received: 1\.2\.3\.4\.5"),
    ],
)
def test_dicom_of_a_transfer_syntax_that_is_not_read_is_refused_by_name(dicom, syntax, name):
    refused(dicom(syntax=syntax, fragments=[bytes(100)]), name)


def test_dicom_without_a_transfer_syntax_is_refused(dicom):
    refused(dicom().replace(b"1.2.840.10008.1.2.1\0", bytes(20)), "states no transfer syntax")


@pytest.mark.parametrize("syntax", COMPRESSED)
def test_dicom_whose_compressed_pixels_are_corrupt_is_refused(dicom, syntax):
    data = dicom(np.random.default_rng(0).integers(0, 4096, (80, 96)).astype(np.uint16), syntax=syntax)
    refused(data[: len(data) // 2], "damaged or end early")
    start = data.index(ITEM, data.index(ITEM) + 4) + 8
    refused(data[:start] + bytes(40) + data[start + 40 :], "damaged or end early")


@pytest.mark.parametrize("syntax", COMPRESSED)
def test_dicom_whose_compressed_pixels_have_another_size_is_refused_before_they_are_decoded(dicom, syntax, monkeypatch):
    monkeypatch.setattr("covidlab.imaging.readers.dicom_pixels.get_decoder", lambda _: pytest.fail("decoded"))
    refused(element(dicom(syntax=syntax), 0x0028, 0x0010, 96), "are expected")


@pytest.mark.parametrize("kind", [b"\xfe\xff\x00\xe0\xff\xff\xff\xff", b"\xfe\xff\x00\xe0\xff\xff\xff\x00"])
def test_dicom_of_5000_nested_sequences_is_refused(dicom, kind):
    refused(before_pixels(dicom(), (SEQUENCE + kind) * 5000), "more than 32 sequences inside each other")


def test_dicom_of_5000_nested_sequences_of_stated_length_is_refused(dicom):
    nested = b""
    for _ in range(5000):
        item = ITEM + struct.pack("<L", len(nested)) + nested
        nested = struct.pack("<HH2sHL", 0x0040, 0xA730, b"SQ", 0, len(item)) + item
    refused(before_pixels(dicom(), nested), "more than 32 sequences inside each other")


def test_dicom_of_more_elements_than_any_header_has_is_refused(dicom):
    refused(
        before_pixels(dicom(), struct.pack("<HH2sH", 0x0029, 0x1001, b"LO", 0) * 100_001), "more than 100,000 elements"
    )


def test_dicom_of_a_few_sequences_is_read(dicom):
    inner, outer = Dataset(), Dataset()
    inner.CodeMeaning = "x"
    outer.ViewModifierCodeSequence = [inner]
    assert decode(dicom(ViewCodeSequence=[outer])).format == "DICOM"


def test_dicom_of_two_frames_in_its_offsets_is_refused(dicom, ramp):
    frames = []
    for shift in (0, 9):
        file = io.BytesIO()
        Image.fromarray(ramp() + np.uint8(shift)).save(file, "JPEG")
        frames.append(file.getvalue())
    refused(dicom(ramp(), syntax=uid.JPEGBaseline8Bit, fragments=frames), "several frames")


def memory_taken(data: bytes) -> int:
    tracemalloc.start()
    with pytest.raises(UnreadableImage):
        decode(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_dicom_of_run_lengths_that_would_fill_the_memory_takes_none(dicom):
    # Each pair of bytes becomes 128: 4 MB become 256 MB where 7,680 are expected.
    header = struct.pack("<16L", 1, 64, *[0] * 14)
    frame = header + b"\x81\x00" * 2**21
    data = dicom(np.zeros((80, 96), np.uint8), syntax=uid.RLELossless, fragments=[frame])
    assert memory_taken(data) < 40 * 2**20
    refused(data, "7,680 values are expected in each run-length segment. Received: more than that")


def test_dicom_of_run_lengths_whose_size_is_a_lie_takes_no_memory(dicom):
    data = dicom(np.zeros((80, 96), np.uint8), syntax=uid.RLELossless)
    for rows, columns in ((65_535, 65_535), (6000, 6000)):
        lie = element(element(data, 0x0028, 0x0010, rows), 0x0028, 0x0011, columns)
        assert memory_taken(lie) < 2**20


def deflated(dicom, piece: bytes, *, num_zeros: int) -> bytes:
    """A deflated file whose pixels ``piece`` takes the place of, and ``num_zeros`` megabytes of zeros behind it."""
    plain, whole = dicom(), dicom(syntax=uid.DeflatedExplicitVRLittleEndian)
    pack = zlib.compressobj(9, wbits=-15)
    at = plain.index(b"\x02\x00\x00\x00UL\x04\x00") + 8
    begin = at + 4 + struct.unpack_from("<L", plain, at)[0]
    packed = pack.compress(plain[begin : plain.index(b"\xe0\x7f\x10\x00")] + piece)
    packed += b"".join(pack.compress(bytes(2**20)) for _ in range(num_zeros)) + pack.flush()
    at = whole.index(b"\x02\x00\x00\x00UL\x04\x00") + 8
    return whole[: at + 4 + struct.unpack_from("<L", whole, at)[0]] + packed


@pytest.mark.parametrize(
    ("tag", "match"),
    [((0x0029, 0x1001), "damaged or ends early"), ((0x7FE0, 0x0010), "15,360 bytes of pixels are expected")],
)
def test_dicom_that_would_inflate_to_60_mb_takes_little_memory(dicom, tag, match):
    data = deflated(dicom, struct.pack("<HH2sHL", *tag, b"OB", 0, 60 * 2**20), num_zeros=60)
    assert len(data) < 100_000
    assert memory_taken(data) < 20 * 2**20
    refused(data, match)


@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian, *COMPRESSED])
def test_dicom_with_flipped_bytes_is_read_or_refused_and_nothing_else(dicom, syntax):
    whole, generator = dicom(syntax=syntax), np.random.default_rng(7)
    for _ in range(60):
        data = bytearray(whole)
        for place in generator.integers(132, len(data), 3):
            data[place] = generator.integers(256)
        for look in (decode, read_header):
            try:
                look(bytes(data))
            except UnreadableImage as refusal:
                assert "the file cannot be read" in str(refusal)


@pytest.mark.parametrize("value", [0, 4095])
def test_dicom_of_one_colour_is_refused(dicom, value):
    data = dicom(np.full((80, 96), value, np.uint16), WindowCenter=2048, WindowWidth=4096)
    with pytest.raises(UnreadableImage, match="one colour only"):
        prepare_image(data, recipe=Recipe(picture_side=64, picture_quality=80))


def test_dicom_of_another_kind_of_picture_is_told_apart_from_a_damaged_one(dicom):
    with pytest.raises(OtherPicture, match="Received: modality CT"):
        decode(dicom(Modality="CT"))


def test_dicom_in_jpeg_2000_with_a_second_size_in_a_box_is_judged_by_that_of_its_pixels(dicom, ramp):
    # Of a JP2 file: a box that looks like the pixels stands before them.
    honest = cv2.imencode(".jp2", ramp())[1].tobytes()
    large = cv2.imencode(".jp2", ramp(800, 960))[1].tobytes()
    inner = honest[honest.index(b"\xff\x4f\xff\x51") :]
    at = large.index(b"jp2c") - 4
    lie = large[:at] + struct.pack(">I4s", 8 + len(inner), b"xml ") + inner + large[at:]
    refused(dicom(ramp(), syntax=uid.JPEG2000, fragments=[lie]), "Received: 960 x 800")


def test_dicom_whose_grey_table_has_half_an_entry_is_refused(dicom):
    table = Dataset()
    table.LUTDescriptor, table.LUTData = [64, 0, 10], list(range(64))
    table["LUTDescriptor"].VR = table["LUTData"].VR = "US"
    data = dicom(VOILUTSequence=[table])
    at = data.index(struct.pack("<HH2sH", 0x0028, 0x3006, b"US", 128)) + 6
    refused(data[:at] + struct.pack("<H", 127) + data[at + 2 :], "DICOM header is damaged")


def test_dicom_whose_patient_cannot_be_read_has_none(dicom):
    data = dicom(PatientID="P-1234").replace(b"\x10\x00\x20\x00LO\x06\x00", b"\x10\x00\x20\x00FL\x06\x00")
    recipe = Recipe(picture_side=64, picture_quality=80, patient_salt="secret")
    assert prepare_image(data, recipe=recipe).patient == ""
    assert prepare_image(dicom(PatientID="P-1234"), recipe=recipe).patient != ""
