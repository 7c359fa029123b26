"""What does not look like a chest X-ray is refused, and what does is not."""

import cv2
import numpy as np
import pytest

from covidlab.imaging.decode import decode_file
from covidlab.imaging.receipt import Verdict
from tests.imaging.pictures import line, phantom, pictures_of_other_things, verdict


@pytest.mark.parametrize("name", pictures_of_other_things())
def test_check_chest_of_something_else_is_refused(name):
    assert verdict(pictures_of_other_things()[name], "chest") is Verdict.REFUSE


def test_check_chest_of_a_chest_says_that_the_check_is_coarse():
    assert "does not mean" in line(phantom(), "chest").sentence


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 64, 3), (2, 2, 3), (64, 64, 3)])
def test_check_chest_of_a_tiny_picture_is_refused(shape):
    assert verdict(np.full(shape, 90, np.uint8), "chest") is Verdict.REFUSE


@pytest.mark.curated
def test_check_chest_of_real_x_rays_refuses_none(curated):
    paths = sorted(curated.glob("*/*.jp*g"))[::5]
    assert len(paths) >= 10
    said = {path.name: verdict(decode_file(path, at_least=512).pixels, "chest") for path in paths}
    assert set(said.values()) == {Verdict.PASS}


def strongly_processed(pixels: np.ndarray) -> dict[str, np.ndarray]:
    """The same X-ray noisy, equalized, flat and strongly compressed."""
    noise = np.random.default_rng(0).normal(0, 8, pixels.shape[:2])[..., None]
    equalized = cv2.createCLAHE(3, (8, 8)).apply(np.ascontiguousarray(pixels[..., 0]))
    return {
        "noisy": np.clip(pixels + noise, 0, 255).astype(np.uint8),
        "equalized": np.dstack([equalized] * 3),
        "flat": (pixels * 0.4 + 60).astype(np.uint8),
        "compressed": cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 20])[1], cv2.IMREAD_COLOR),
    }


@pytest.mark.parametrize("name", ["noisy", "equalized", "flat", "compressed"])
def test_check_chest_of_a_strongly_processed_x_ray_refuses_nothing(name):
    assert verdict(strongly_processed(phantom())[name], "chest") is not Verdict.REFUSE
