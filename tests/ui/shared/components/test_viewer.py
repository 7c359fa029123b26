"""The viewer gets the film and its lungs as data addresses, and its files need nothing from a network."""

from base64 import b64decode

import cv2
import numpy as np
import pytest

from covidlab.ui.shared.components import HERE
from covidlab.ui.shared.components.viewer import film_address, lungs_address


def decoded(address: str, kind: str) -> np.ndarray:
    head, content = address.split(",", 1)
    assert head == f"data:image/{kind};base64"
    return cv2.imdecode(np.frombuffer(b64decode(content), np.uint8), cv2.IMREAD_UNCHANGED)


def test_film_address_holds_the_film():
    film = np.full((40, 60, 3), 77, np.uint8)
    picture = decoded(film_address(film), "jpeg")
    assert picture.shape == (40, 60, 3)
    assert np.abs(picture.astype(int) - 77).max() <= 1


def test_film_address_keeps_red_red():
    film = np.zeros((32, 32, 3), np.uint8)
    film[..., 0] = 250
    assert decoded(film_address(film), "jpeg")[16, 16].argmax() == 2


def test_lungs_address_is_clear_outside_and_tinted_inside():
    mask = np.zeros((100, 100), np.uint8)
    mask[20:80, 20:80] = 255
    overlay = decoded(lungs_address(mask, width=200, height=200), "png")
    assert overlay.shape == (200, 200, 4)
    assert overlay[5, 5, 3] == 0
    assert 0 < overlay[100, 100, 3] < 255
    assert overlay[100, 40, 3] == 255


@pytest.mark.parametrize("name", ["viewer.js", "viewer.css", "viewer.html"])
def test_viewer_files_name_no_address(name):
    text = (HERE / name).read_text(encoding="utf-8")
    assert "http" not in text
    assert "import " not in text
