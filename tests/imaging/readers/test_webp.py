"""WebP: one still picture is read; its size is known before memory is taken."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from covidlab.errors import UnreadableImage
from covidlab.imaging.decode import decode, read_header


def webp(pixels: np.ndarray, **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "WEBP", **options)
    return file.getvalue()


def grey(ramp) -> np.ndarray:
    return np.repeat(ramp()[..., None], 3, axis=2)


def test_webp_without_loss_is_read_as_stored(ramp):
    image = decode(webp(grey(ramp), lossless=True))
    assert np.array_equal(image.pixels, grey(ramp))
    assert (image.format, image.notes) == ("WebP", ())


def test_webp_with_loss_is_read(ramp):
    data = webp(grey(ramp), quality=95)
    assert np.abs(decode(data).pixels.astype(int) - grey(ramp)).max() < 12
    assert (read_header(data).width, read_header(data).height) == (96, 80)


@pytest.mark.parametrize("lossless", [True, False])
def test_webp_with_transparency_is_laid_on_black(lossless):
    pixels = np.full((80, 96, 4), 200, np.uint8)
    pixels[:40, :, 3] = 0
    image = decode(webp(pixels, lossless=lossless, exact=True))
    assert not image.pixels[0, 0].any()
    assert image.notes == ("Transparent areas were filled with black.",)


def test_webp_of_several_frames_is_refused(ramp):
    frames = [Image.fromarray(grey(ramp) + np.uint8(shift)) for shift in (0, 9)]
    file = io.BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:])
    with pytest.raises(UnreadableImage, match="several pages or frames"):
        decode(file.getvalue())


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
@pytest.mark.parametrize("lossless", [True, False])
def test_webp_truncated_is_refused(lossless, share):
    noise = np.random.default_rng(0).integers(0, 256, (100, 100, 3)).astype(np.uint8)
    data = webp(noise, lossless=lossless)
    with pytest.raises(UnreadableImage, match="WebP data is damaged or ends early"):
        decode(data[: int(share * len(data))])


@pytest.mark.parametrize(
    "piece",
    [
        b"VP8X" + struct.pack("<IB3x", 10, 0) + (16_383).to_bytes(3, "little") * 2,
        b"VP8L" + struct.pack("<IB", 5, 0x2F) + (16_382 | 16_382 << 14).to_bytes(4, "little"),
        b"VP8 " + struct.pack("<I", 10) + b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", 16_383, 16_383),
    ],
)
def test_webp_of_268_megapixels_is_refused_before_memory_is_taken(piece, monkeypatch):
    monkeypatch.setattr("covidlab.imaging.readers.pillow.PillowReader.open", lambda *_: pytest.fail("opened"))
    data = b"RIFF" + struct.pack("<I", 4 + len(piece)) + b"WEBP" + piece
    with pytest.raises(UnreadableImage, match=r"Received: 16,38[34] x 16,38[34]"):
        decode(data)
