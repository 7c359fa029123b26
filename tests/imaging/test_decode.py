"""One reader: formats by content, damage refused, every stored form becomes the right 8-bit RGB."""

import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from covidlab.errors import UnreadableImage
from covidlab.imaging.decode import decode, decode_file, read_header, seems_whole
from covidlab.imaging.prepare import model_input

FORMATS = ("JPEG", "PNG", "TIFF", "BMP")


def ramp(height: int = 80, width: int = 96) -> np.ndarray:
    return np.add.outer(np.arange(height), np.arange(width)).astype(np.uint8)


def encoded(pixels, format: str, **options) -> bytes:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    stream = io.BytesIO()
    image.save(stream, format=format, **options)
    return stream.getvalue()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, *, packed: bytes, bits: int = 8, colour_type: int = 0) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def grey_tiff(pixels: np.ndarray, *, photometric: int, bits: int) -> bytes:
    """A little-endian TIFF of one uncompressed strip, written here since Pillow inverts on saving."""
    strip = pixels.tobytes()
    height, width = pixels.shape
    entries = [
        (256, width),
        (257, height),
        (258, bits),
        (259, 1),
        (262, photometric),
        (273, 8),
        (277, 1),
        (278, height),
    ]
    entries.append((279, len(strip)))
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", tag, 4, 1, v) for tag, v in entries)
    return b"II*\x00" + struct.pack("<I", 8 + len(strip)) + strip + directory + bytes(4)


@pytest.mark.parametrize("format", FORMATS)
def test_read_film_grey_of_each_format_gives_three_equal_channels(format):
    film = decode(encoded(ramp(), format))
    assert (film.format, film.mode, film.notes) == (format, "L", ())
    assert film.pixels.dtype == np.uint8
    assert film.pixels.shape == (80, 96, 3)
    tolerance = 3 if format == "JPEG" else 0
    assert np.abs(film.pixels.astype(int) - ramp()[..., None]).max() <= tolerance


@pytest.mark.parametrize("format", FORMATS)
def test_read_film_file_wrong_extension_reads_by_content(format, tmp_path):
    path = tmp_path / "film.gif"
    path.write_bytes(encoded(ramp(), format))
    assert decode_file(path).format == format


def test_read_film_colour_keeps_rgb_order():
    pixels = np.zeros((80, 96, 3), np.uint8)
    pixels[..., 0], pixels[..., 2] = 200, 30
    assert np.array_equal(decode(encoded(pixels, "PNG")).pixels, pixels)


def test_read_film_file_missing_is_named(tmp_path):
    with pytest.raises(UnreadableImage, match=r"gone\.png cannot be opened: No such file"):
        decode_file(tmp_path / "gone.png")


@pytest.mark.parametrize("data", [b"", b"0123456789"])
def test_read_film_no_content_is_refused(data):
    with pytest.raises(UnreadableImage, match=r"scan\.png cannot be read: its? (is empty|content is no image)"):
        decode(data, name="scan.png")


def test_read_film_over_the_size_limit_is_refused():
    with pytest.raises(UnreadableImage, match="larger than the 32 MB"):
        decode(encoded(ramp(), "PNG") + bytes(32 * 2**20))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("format", FORMATS)
def test_read_film_truncated_is_refused(format, share):
    noise = np.random.default_rng(0).integers(0, 256, (200, 200), dtype=np.uint8)
    data = encoded(noise, format)
    with pytest.raises(UnreadableImage, match="damaged or ends early"):
        decode(data[: int(share * len(data))])


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_read_film_truncated_compressed_tiff_is_refused(compression):
    noise = np.random.default_rng(0).integers(0, 256, (200, 200), dtype=np.uint8)
    data = encoded(noise, "TIFF", compression=compression)
    with pytest.raises(UnreadableImage, match="TIFF data is damaged or ends early"):
        decode(data[: len(data) // 2])


@pytest.mark.parametrize("num_bytes", [3, 4, 20])
@pytest.mark.parametrize("options", [{"format": "JPEG"}, {"format": "JPEG", "progressive": True}])
def test_read_film_last_pixels_of_a_jpeg_missing_is_refused(options, num_bytes):
    with pytest.raises(UnreadableImage, match="damaged or ends early"):
        decode(encoded(ramp(), **options)[:-num_bytes])


@pytest.mark.parametrize("num_bytes", [13, 20])
def test_read_film_last_pixels_of_a_png_missing_is_refused(num_bytes):
    with pytest.raises(UnreadableImage, match="damaged or ends early"):
        decode(encoded(ramp(), "PNG")[:-num_bytes])


@pytest.mark.parametrize(("format", "num_bytes"), [("JPEG", 1), ("JPEG", 2), ("PNG", 1), ("PNG", 2), ("PNG", 12)])
def test_read_film_that_ends_early_but_is_whole_is_read_with_a_note(format, num_bytes):
    data = encoded(ramp(), format)
    image = decode(data[:-num_bytes])
    assert np.array_equal(image.pixels, decode(data).pixels)
    assert image.notes == ("The file ends some bytes early; its picture is whole.",)


def test_seems_whole_tells_a_cut_file_without_decoding():
    for format in ("JPEG", "PNG"):
        data = encoded(ramp(), format)
        assert seems_whole(data)
        assert not seems_whole(data[:-2])


@pytest.mark.parametrize("chunk", [b"IHDR", b"IDAT", b"IEND", b"tIME"])
def test_read_film_png_with_wrong_checksum_is_refused(chunk):
    data = encoded(ramp(), "PNG")
    data = data[:33] + png_chunk(b"tIME", bytes(7)) + data[33:]
    at = data.index(chunk)
    length = struct.unpack(">I", data[at - 4 : at])[0]
    wrong = bytearray(data)
    wrong[at + 4 + length] ^= 1
    assert decode(data).format == "PNG"
    with pytest.raises(UnreadableImage, match="PNG data is damaged"):
        decode(bytes(wrong))


def test_read_film_png_of_900_megapixels_is_refused_before_memory_is_taken(monkeypatch):
    pack = zlib.compressobj(1)
    packed = b"".join(pack.compress(bytes(30_001 * 1000)) for _ in range(30)) + pack.flush()
    monkeypatch.setattr(Image.core, "new", lambda *_: pytest.fail("memory was taken"))
    with pytest.raises(UnreadableImage, match="Received: 30,000 x 30,000"):
        decode(png(30_000, 30_000, packed=packed))


def test_read_film_header_that_promises_more_than_there_is_is_refused():
    with pytest.raises(UnreadableImage, match="damaged or ends early"):
        decode(png(6000, 6000, packed=zlib.compress(bytes(100))))


@pytest.mark.parametrize(
    "size", [(63, 200), (16, 16), (1, 1), (1, 20_000), (20_000, 5000), (7000, 6000), (64, 257), (64, 16_384)]
)
def test_read_film_size_outside_the_limits_is_refused_by_header(size):
    width, height = size
    data = png(width, height, packed=b"")
    for look in (decode, read_header):
        with pytest.raises(UnreadableImage, match=f"Received: {width:,} x {height:,}"):
            look(data)


def test_read_film_largest_aspect_ratio_is_read():
    assert decode(encoded(ramp(64, 256), "PNG")).pixels.shape == (64, 256, 3)


def test_read_film_bmp_with_a_lying_header_is_refused():
    data = bytearray(encoded(ramp(), "BMP"))
    data[18:26] = struct.pack("<ii", 5000, 5000)
    with pytest.raises(UnreadableImage, match="BMP data is damaged"):
        decode(bytes(data))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF"])
def test_read_film_exif_orientation_is_applied_once(format, orientation):
    upright = np.zeros((80, 120), np.uint8)
    upright[:40, :60] = 250  # bright upper left quarter
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: upright.T[::-1],
        7: upright.T[::-1, ::-1],
        8: upright.T[:, ::-1],
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(np.ascontiguousarray(stored), format, exif=exif)
    film, header = decode(data), read_header(data)
    assert film.pixels.shape == (80, 120, 3)
    assert (header.height, header.width) == (80, 120)
    assert np.abs(film.pixels[..., 0].astype(int) - upright).max() < 30
    assert bool(film.notes) == (orientation != 1)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_read_film_with_damaged_exif_is_read_as_stored():
    data = encoded(ramp(), "JPEG", exif=b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff\x12\x01")
    assert decode(data).pixels.shape == (80, 96, 3)


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_read_film_16_bit_is_scaled_by_the_depth_in_use(format, bits):
    full_scale = 2**bits - 1
    values = np.linspace(0, full_scale, 80 * 96).reshape(80, 96).astype(np.uint16)
    film = decode(encoded(values, format))
    assert film.mode == "I;16"
    assert film.notes == (f"The 16-bit values 0 to {full_scale:,} were scaled to 0 to 255.",)
    assert np.abs(film.pixels[..., 1] - values * (255 / full_scale)).max() <= 0.51


def test_read_film_16_bit_big_endian_tiff_has_the_same_pixels():
    values = np.linspace(0, 65_535, 80 * 96).reshape(80, 96).astype(np.uint16)
    little = grey_tiff(values, photometric=1, bits=16)
    head, body = b"MM\x00*" + struct.pack(">I", 8 + values.nbytes), values.astype(">u2").tobytes()
    entries = [struct.unpack("<HHII", little[10 + values.nbytes + 12 * k :][:12]) for k in range(9)]
    directory = struct.pack(">H", 9) + b"".join(struct.pack(">HHII", *entry) for entry in entries) + bytes(4)
    assert np.array_equal(decode(head + body + directory).pixels, decode(little).pixels)


def test_read_film_16_bit_colour_png_says_that_8_bits_are_read():
    packed = zlib.compress(b"".join(b"\x00" + struct.pack(">HHH", 65_535, 256, 0) * 70 for _ in range(70)))
    film = decode(png(70, 70, packed=packed, bits=16, colour_type=2))
    assert film.pixels[0, 0].tolist() == [255, 1, 0]
    assert film.notes == ("The 16-bit colours were read with 8 bits.",)


def test_read_film_cmyk_jpeg_is_converted_with_a_note():
    image = Image.fromarray(np.full((80, 96, 3), (200, 100, 50), np.uint8)).convert("CMYK")
    film = decode(encoded(image, "JPEG", quality=95))
    assert film.mode == "CMYK"
    assert np.abs(film.pixels.astype(int) - (200, 100, 50)).max() < 6
    assert "CMYK" in film.notes[0]


def test_read_film_palette_png_is_converted_with_a_note():
    image = Image.fromarray(ramp() // 64, mode=None).convert("P")
    image.putpalette([200, 0, 0, 0, 200, 0, 0, 0, 200, 9, 9, 9])
    film = decode(encoded(image, "PNG"))
    assert film.mode == "P"
    assert film.pixels[0, 0].tolist() == [200, 0, 0]
    assert "palette" in film.notes[0]


def test_read_film_transparency_is_laid_on_black():
    pixels = np.full((80, 96, 4), 200, np.uint8)
    pixels[:40, :, 3], pixels[40:, :, 3] = 255, 0
    film = decode(encoded(pixels, "PNG"))
    assert film.mode == "RGBA"
    assert film.pixels[0, 0].tolist() == [200, 200, 200]
    assert film.pixels[-1, 0].tolist() == [0, 0, 0]
    assert film.notes == ("Transparent areas were filled with black.",)


@pytest.mark.parametrize("format", ["PNG", "TIFF", "BMP"])
def test_read_film_one_bit_is_black_and_white(format):
    bits = ramp() > 80
    film = decode(encoded(bits, format))
    assert np.array_equal(film.pixels[..., 0], bits * np.uint8(255))
    assert "one bit" in film.notes[0]


@pytest.mark.parametrize(("bits", "dtype", "factor"), [(8, np.uint8, 1), (16, np.uint16, 257)])
def test_read_film_min_is_white_tiff_is_inverted(bits, dtype, factor):
    values = np.linspace(0, 255, 80 * 96).reshape(80, 96).astype(dtype) * dtype(factor)
    black_is_zero = decode(grey_tiff(values, photometric=1, bits=bits))
    white_is_zero = decode(grey_tiff(values, photometric=0, bits=bits))
    assert black_is_zero.pixels[0, 0, 0] == 0
    assert np.array_equal(white_is_zero.pixels, 255 - black_is_zero.pixels)


def test_read_film_one_bit_min_is_white_tiff_is_inverted():
    packed = np.packbits(ramp() > 80, axis=1)
    tiff = bytearray(grey_tiff(packed, photometric=0, bits=1))
    at = tiff.index(struct.pack("<HHII", 256, 4, 1, 12))
    tiff[at : at + 12] = struct.pack("<HHII", 256, 4, 1, 96)
    assert np.array_equal(decode(bytes(tiff)).pixels[..., 0], 255 * (ramp() <= 80))


def test_read_film_floating_point_tiff_is_refused():
    data = encoded(np.full((80, 96), np.nan, np.float32), "TIFF")
    with pytest.raises(UnreadableImage, match=r"8 or 16 bits are expected. Received: floating-point"):
        decode(data)


@pytest.mark.parametrize("format", ["GIF", "WEBP"])
def test_read_film_animation_renamed_is_refused(format, tmp_path):
    frames = [Image.fromarray(ramp() + shift) for shift in (0, 9)]
    path = tmp_path / "film.jpg"
    path.write_bytes(encoded(frames[0], format, save_all=True, append_images=frames[1:]))
    with pytest.raises(UnreadableImage, match=r"film\.jpg cannot be read: (its content is GIF|it holds several pages)"):
        decode_file(path)


@pytest.mark.parametrize("format", ["TIFF", "PNG"])
def test_read_film_several_pages_or_frames_are_refused(format):
    frames = [Image.fromarray(ramp() + shift) for shift in (0, 9)]
    data = encoded(frames[0], format, save_all=True, append_images=frames[1:])
    with pytest.raises(UnreadableImage, match="several pages or frames"):
        decode(data)


@pytest.mark.parametrize("head", [b"%PDF-1.7", b"PK\x03\x04", b"MZ\x90", b"<svg", b"<html>", b"BM<html>"])
def test_read_film_other_content_renamed_is_refused(head):
    with pytest.raises(UnreadableImage, match=r"x\.jpg cannot be read"):
        decode(head + bytes(500), name="x.jpg")


@pytest.mark.parametrize("tail", [b"<html><script>alert(1)</script>", b"PK\x03\x04" + bytes(50)])
def test_read_film_jpeg_with_other_content_behind_it_has_the_same_pixels(tail):
    data = encoded(ramp(), "JPEG")
    assert np.array_equal(decode(data + tail).pixels, decode(data).pixels)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("format", FORMATS)
def test_read_film_with_flipped_bytes_is_read_or_refused_and_nothing_else(format):
    whole, generator = encoded(ramp(), format), np.random.default_rng(7)
    for _ in range(300):
        data = bytearray(whole)
        for place in generator.integers(0, len(data), 3):
            data[place] = generator.integers(256)
        try:
            assert decode(bytes(data)).pixels.dtype == np.uint8
        except UnreadableImage as refusal:
            assert "the file cannot be read" in str(refusal)


def test_describe_film_gives_the_stored_mode_and_channels():
    header = read_header(encoded(np.zeros((80, 96, 3), np.uint8), "JPEG"))
    assert (header.format, header.mode, header.width, header.height, header.channels) == ("JPEG", "RGB", 96, 80, 3)


@pytest.mark.parametrize("resize", ["area", "linear"])
def test_model_input_ignores_the_aspect_ratio(resize):
    pixels = np.repeat(ramp(300, 500)[..., None], 3, axis=2)
    small = model_input(pixels, resize=resize)
    assert small.shape == (224, 224, 3)
    assert small.dtype == np.uint8


def test_model_input_area_averages_where_linear_samples():
    stripes = np.zeros((1120, 1120, 3), np.uint8)
    stripes[:, ::5] = 250
    assert np.all(model_input(stripes, resize="area") == 50)
    assert not np.all(model_input(stripes, resize="linear") == 50)


def test_read_film_jpeg_of_which_less_suffices_is_decoded_smaller():
    data = encoded(np.full((1200, 1600), 90, np.uint8), "JPEG")
    assert decode(data, at_least=256).pixels.shape == (300, 400, 3)
    assert decode(data, at_least=601).pixels.shape == (1200, 1600, 3)


def test_read_film_jpeg_of_which_less_suffices_is_refused_where_it_ends_early():
    data = encoded(np.random.default_rng(0).integers(0, 255, (1200, 1600)).astype(np.uint8), "JPEG")
    with pytest.raises(UnreadableImage, match="damaged or ends early"):
        decode(data[: len(data) // 2], at_least=256)


def test_decoding_of_other_files_than_dicom_does_not_load_what_reads_dicom():
    program = "import sys, covidlab.intake.upload, covidlab.data.catalog; print('pydicom' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "False\n"
    )
