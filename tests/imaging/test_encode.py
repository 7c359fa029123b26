"""Pictures for the browser: their size, their colours, their address."""

from base64 import b64decode

import cv2
import numpy as np
import pytest

from covidlab.imaging.encode import data_address, fit, jpeg, png


def decoded(encoded: bytes) -> np.ndarray:
    """Pixels in OpenCV's order: blue, green, red."""
    return cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED)


@pytest.mark.parametrize(("size", "fitted"), [((300, 150), (100, 50)), ((150, 301), (50, 100)), ((1000, 2), (100, 1))])
def test_fit_large_image_keeps_its_shape_and_at_least_one_pixel(size, fitted):
    assert fit(np.zeros((*size, 3), np.uint8), 100).shape[:2] == fitted


def test_fit_small_image_comes_back_as_it_is():
    pixels = np.random.default_rng(0).integers(0, 255, (80, 100, 3)).astype(np.uint8)
    assert fit(pixels, 100) is pixels


def test_jpeg_keeps_red_red_and_better_quality_weighs_more():
    red = np.zeros((32, 32, 3), np.uint8)
    red[..., 0] = 250
    assert decoded(jpeg(red, quality=90))[16, 16].argmax() == 2
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    assert len(jpeg(noise, quality=92)) > len(jpeg(noise, quality=80))


def test_png_keeps_every_value_and_the_transparency():
    pixels = np.random.default_rng(0).integers(0, 255, (20, 30, 4)).astype(np.uint8)
    assert np.array_equal(decoded(png(pixels))[..., [2, 1, 0, 3]], pixels)


def test_data_address_holds_the_encoded_image():
    head, content = data_address(b"\x89PNG", kind="png").split(",")
    assert head == "data:image/png;base64"
    assert b64decode(content) == b"\x89PNG"
