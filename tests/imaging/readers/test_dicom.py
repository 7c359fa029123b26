"""DICOM: every way of storing an X-ray gives the same picture, held against paths that do not use the reader."""

import io

import cv2
import numpy as np
import pydicom
import pytest
from imagecodecs import ljpeg_decode
from PIL import Image
from pydicom import uid
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.pixels import apply_modality_lut, apply_voi_lut

from covidlab.imaging.decode import decode, read_header
from covidlab.imaging.readers.dicom_file import open_dicom
from covidlab.imaging.readers.dicom_layout import layout_of
from covidlab.imaging.readers.dicom_pixels import decode_pixels


def grey(data: bytes) -> np.ndarray:
    pixels = decode(data).pixels
    assert np.array_equal(pixels[..., 0], pixels[..., 2])
    return pixels[..., 1]


def as_chest(name: str) -> tuple[bytes, Dataset]:
    """One of pydicom's own test files, whose header is made to say that it is a chest X-ray."""
    header = pydicom.dcmread(get_testdata_file(name, download=False))
    header.Modality, header.BodyPartExamined = "DX", "CHEST"
    file = io.BytesIO()
    header.save_as(file)
    return file.getvalue(), header


def windowed(values: np.ndarray, centre: float, width: float) -> np.ndarray:
    """PS3.3 C.11.2.1.2.1, one value after another."""
    low, high = centre - 0.5 - (width - 1) / 2, centre - 0.5 + (width - 1) / 2
    pairs = [
        0 if x <= low else 255 if x > high else ((x - centre + 0.5) / (width - 1) + 0.5) * 255 for x in values.flat
    ]
    return np.round(pairs).reshape(values.shape)


def test_dicom_of_8_bits_without_a_window_is_read_as_stored(dicom, ramp):
    image = decode(dicom(ramp()))
    assert np.array_equal(image.pixels[..., 0], ramp())
    assert (image.format, image.mode, image.notes) == ("DICOM", "L", ())


def test_dicom_header_is_read_without_its_pixels(dicom, ramp):
    header = read_header(dicom(ramp(80, 96, bits=12)))
    assert (header.format, header.mode, header.width, header.height, header.channels) == ("DICOM", "I;16", 96, 80, 1)


@pytest.mark.parametrize(
    "syntax",
    [
        *(uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian),
        *(uid.DeflatedExplicitVRLittleEndian, uid.RLELossless, uid.JPEG2000Lossless, uid.JPEGLSLossless),
        *(uid.JPEGLossless, uid.JPEGLosslessSV1),
    ],
)
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_dicom_of_each_lossless_syntax_has_the_same_pixels(dicom, ramp, syntax, bits):
    values = ramp(bits=bits)
    tags = {"BitsStored": bits, "HighBit": bits - 1, "WindowCenter": 2 ** (bits - 1), "WindowWidth": 2**bits}
    image = decode(dicom(values, syntax=syntax, **tags))
    assert np.abs(image.pixels[..., 0] - values * (255 / (2**bits - 1))).max() <= 0.51
    assert image.notes == ()


@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.JPEG2000Lossless, uid.RLELossless])
def test_dicom_of_signed_pixels_keeps_their_order(dicom, ramp, syntax):
    values = ramp(bits=12, signed=True)
    data = dicom(values, syntax=syntax, WindowCenter=0, WindowWidth=4096)
    assert np.abs(grey(data) - (values + 2048.0) * (255 / 4095)).max() <= 0.51


def test_dicom_drops_what_stands_above_the_stored_bits(dicom, ramp):
    values = ramp(bits=12)
    tags = {"WindowCenter": 2048, "WindowWidth": 4096}
    assert np.array_equal(grey(dicom(values | 0xA000, **tags)), grey(dicom(values, **tags)))


def test_dicom_jpeg_baseline_equals_what_pillow_decodes(dicom, ramp):
    file = io.BytesIO()
    Image.fromarray(ramp()).save(file, "JPEG", quality=90)
    data = dicom(ramp(), syntax=uid.JPEGBaseline8Bit, fragments=[file.getvalue()])
    assert np.array_equal(grey(data), np.asarray(Image.open(file)))


def test_dicom_jpeg_in_several_fragments_is_joined(dicom, ramp):
    file = io.BytesIO()
    Image.fromarray(ramp()).save(file, "JPEG")
    whole = file.getvalue()
    data = dicom(ramp(), syntax=uid.JPEGBaseline8Bit, fragments=[whole])
    at = data.index(whole[:20]) - 8
    parts = [whole[:200], whole[200:]]
    pieces = b"".join(b"\xfe\xff\x00\xe0" + len(part).to_bytes(4, "little") + part for part in parts)
    assert np.array_equal(decode(data[:at] + pieces + b"\xfe\xff\xdd\xe0" + bytes(4)).pixels, decode(data).pixels)


def test_dicom_jpeg_2000_equals_what_opencv_decodes(dicom, ramp):
    encoded = cv2.imencode(".jp2", ramp(bits=16))[1].tobytes()
    data = dicom(
        ramp(bits=16),
        syntax=uid.JPEG2000,
        fragments=[encoded],
        BitsStored=16,
        HighBit=15,
        WindowCenter=32_768,
        WindowWidth=65_536,
    )
    decoded = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED)
    assert np.abs(grey(data) - decoded * (255 / 65_535)).max() <= 0.51


@pytest.mark.parametrize("syntax", [uid.JPEGLossless, uid.JPEGLosslessSV1])
def test_dicom_jpeg_lossless_equals_what_another_decoder_decodes(dicom, ramp, syntax):
    data = dicom(ramp(bits=12), syntax=syntax, WindowCenter=2048, WindowWidth=4096)
    frame = get_frame(pydicom.dcmread(io.BytesIO(data)).PixelData, 0, number_of_frames=1)
    assert np.abs(grey(data) - ljpeg_decode(frame) * (255 / 4095)).max() <= 0.51


def test_dicom_colours_are_read_as_rgb(dicom):
    pixels = np.random.default_rng(0).integers(0, 255, (80, 96, 3)).astype(np.uint8)
    image = decode(dicom(pixels))
    assert image.mode == "RGB"
    assert np.array_equal(image.pixels, pixels)


@pytest.mark.parametrize(("centre", "width"), [(40, 400), (900.2, 1), (-100.5, 33.25)])
def test_dicom_window_after_rescale_equals_one_by_hand(dicom, ramp, centre, width):
    values = ramp(bits=12)
    tags = {"RescaleSlope": "0.5", "RescaleIntercept": "-1024", "WindowCenter": centre, "WindowWidth": width}
    assert (
        np.abs(grey(dicom(values, **tags)) - windowed(values * 0.5 - 1024, centre, max(width, 1.000001))).max() <= 0.51
    )


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_dicom_window_of_each_function_equals_that_of_pydicom(dicom, ramp, function):
    data = dicom(WindowCenter=1000, WindowWidth=700, VOILUTFunction=function)
    by_pydicom = apply_voi_lut(ramp(bits=12), pydicom.dcmread(io.BytesIO(data)))
    assert np.abs(grey(data) - by_pydicom * (255 / 4095)).max() <= 0.51


def test_dicom_of_several_windows_takes_the_first_with_a_note(dicom):
    image = decode(dicom(WindowCenter=[1000, 9], WindowWidth=[2000, 9]))
    assert np.array_equal(image.pixels, decode(dicom(WindowCenter=1000, WindowWidth=2000)).pixels)
    assert image.notes == ("The file states 2 windows; the first was applied.",)


@pytest.mark.parametrize(
    ("centre", "width", "why"),
    [
        (2048, 0, "has no width"),
        (2048, -5, "has no width"),
        (2048, 1e9, "is far wider"),
        (1e6, 9, "shows none of its values"),
    ],
)
def test_dicom_window_that_shows_nothing_is_left_out_with_a_note(dicom, ramp, centre, width, why):
    image = decode(dicom(WindowCenter=centre, WindowWidth=width))
    assert np.abs(image.pixels[..., 0] - ramp(bits=12) * (255 / 4095)).max() <= 0.51
    assert why in image.notes[0]
    assert image.notes[1] == "The values 0 to 4095 of the X-ray were scaled to 0 to 255."


def lookup_table(entries: list[int], *, first: int, bits: int) -> Dataset:
    table = Dataset()
    table.LUTDescriptor, table.LUTData = [len(entries), first, bits], entries
    table["LUTDescriptor"].VR = table["LUTData"].VR = "US"
    return table


def test_dicom_voi_lut_equals_that_of_pydicom(dicom, ramp):
    table = lookup_table([min(k * k // 4, 1023) for k in range(200)], first=100, bits=10)
    data = dicom(VOILUTSequence=[table], WindowCenter=9, WindowWidth=9)
    by_pydicom = apply_voi_lut(ramp(bits=12), pydicom.dcmread(io.BytesIO(data)))
    assert np.abs(grey(data) - by_pydicom * (255 / 1023)).max() <= 0.51


def test_dicom_modality_lut_equals_that_of_pydicom(dicom, ramp):
    table = lookup_table([4095 - k for k in range(4096)], first=0, bits=16)
    table.ModalityLUTType = "US"
    data = dicom(ModalityLUTSequence=[table], WindowCenter=2048, WindowWidth=4096)
    by_pydicom = apply_modality_lut(ramp(bits=12), pydicom.dcmread(io.BytesIO(data)))
    assert np.abs(grey(data) - by_pydicom * (255 / 4095)).max() <= 0.51


def test_dicom_monochrome1_is_inverted_with_a_note(dicom, ramp):
    image = decode(dicom(ramp(), PhotometricInterpretation="MONOCHROME1"))
    assert np.array_equal(image.pixels[..., 0], 255 - ramp())
    assert image.notes == ("White was stored as the lowest value (MONOCHROME1); the X-ray was inverted.",)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_dicom_padding_is_black_and_no_value_of_the_picture(dicom, photometric):
    values = np.tile(np.arange(1000, 1096, dtype=np.uint16), (80, 1))
    values[:, :10] = 4000
    image = decode(dicom(values, PixelPaddingValue=4000, PhotometricInterpretation=photometric))
    assert not image.pixels[:, :10].any()
    assert {image.pixels[0, 10, 0], image.pixels[0, -1, 0]} == {0, 255}
    assert "The values 1010 to 1095 of the X-ray were scaled to 0 to 255." in image.notes
    assert "The padding beside the X-ray was set to black." in image.notes


def test_dicom_padding_range_is_black(dicom):
    values = np.tile(np.arange(96, dtype=np.uint16), (80, 1))
    pixels = grey(dicom(values, PixelPaddingValue=90, PixelPaddingRangeLimit=95))
    assert not pixels[:, 90:].any()
    assert pixels[0, 89] == 255


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
@pytest.mark.parametrize(
    "name",
    [
        *(
            "CT_small.dcm",
            "MR_small_implicit.dcm",
            "MR_small_bigendian.dcm",
            "MR_small_RLE.dcm",
            "MR_small_jp2klossless.dcm",
        ),
        *(
            "MR_small_jpeg_ls_lossless.dcm",
            "693_J2KI.dcm",
            "image_dfl.dcm",
            "examples_overlay.dcm",
            "JPEG2000.dcm",
            "JPGExtended.dcm",
        ),
    ],
)
def test_dicom_test_file_of_pydicom_has_the_pixels_that_pydicom_gives(name, monkeypatch):
    monkeypatch.setattr("covidlab.imaging.limits.SIDE_RANGE", (1, 16_384))
    data, header = as_chest(name)
    values = apply_modality_lut(header.pixel_array, header).astype(float)
    shown = decode(data).pixels[..., 0]
    padding = header.pixel_array == header.get("PixelPaddingValue", 10**9)
    if "WindowCenter" in header:
        first = [float(np.atleast_1d(header[key].value)[0]) for key in ("WindowCenter", "WindowWidth")]
        expected = windowed(values, *first)
    elif header.BitsStored == 8:
        expected = values
    else:
        low, high = values[~padding].min(), values[~padding].max()
        expected = (values - low) / (high - low) * 255
    assert np.abs(shown - np.where(padding, 0, expected)).max() <= 0.51


@pytest.mark.parametrize(("name", "expected"), [("JPGExtended.dcm", (244, 95)), ("JPEG-lossy.dcm", (244, 95))])
def test_dicom_jpeg_of_12_bits_has_the_values_that_viewers_show(name, expected):
    # No permissive decoder of pydicom reads them; its own tests name these two, which were read in Osirix.
    data, header = as_chest(name)
    file = open_dicom(data)
    values = decode_pixels(file, layout_of(file))
    assert (values[420, 140], values[230, 120]) == expected
    assert header.BitsStored == 12
