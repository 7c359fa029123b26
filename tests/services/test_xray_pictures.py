"""Pictures of X-rays for the browser."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from covidlab.services.xray_pictures import CELL_SIDE, COLUMNS, LARGE_SIDE, MAX_IN_SPRITE, Sprites, XRays, large_picture


def decoded(jpeg: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


@pytest.fixture
def xrays(make_dataset) -> XRays:
    # Three files, the last of them many times: 21 in all.
    files = [f"covid/film-{min(number, 2):03d}.png" for number in range(21)]
    return XRays(make_dataset({"covid": 3}), tuple(files))


def test_sprite_has_a_cell_for_each_xray_and_grey_for_what_cannot_be_read(xrays):
    (xrays.root / xrays.files[1]).write_bytes(b"no picture")
    sheet = decoded(Sprites().of(xrays))
    assert sheet.shape == (2 * CELL_SIDE, COLUMNS * CELL_SIDE, 3)
    cells = sheet[:CELL_SIDE].reshape(CELL_SIDE, COLUMNS, CELL_SIDE, 3).swapaxes(0, 1)
    assert np.ptp(cells[1]) < 8
    assert np.ptp(cells[0]) > 50


def test_sprite_is_made_anew_when_a_file_changes(xrays):
    sprites = Sprites()
    first = sprites.of(xrays)
    assert sprites.of(xrays) is first
    other = XRays(xrays.root, xrays.files)
    (xrays.root / xrays.files[0]).write_bytes((xrays.root / xrays.files[2]).read_bytes())
    assert sprites.of(other) is not first


def test_sprite_of_too_many_xrays_is_none():
    xrays = XRays(Path("nowhere"), tuple(f"{number}.png" for number in range(MAX_IN_SPRITE + 1)))
    assert xrays.num_in_sprite == 0
    assert Sprites().of(xrays) is None


def test_large_picture_is_at_most_so_many_pixels_high(make_dataset):
    xrays = XRays(make_dataset({"covid": 1}, size=(500, 600)), ("covid/film-000.png",))
    assert decoded(large_picture(xrays, 0)).shape[0] == LARGE_SIDE


@pytest.mark.parametrize(
    "name", ["../secret.png", "/etc/passwd", "covid/../../secret.png", "a\\..\\b.png", "", "a\0.png"]
)
def test_name_that_leads_out_of_the_folder_is_refused(xrays, name):
    (xrays.root.parent / "secret.png").write_bytes((xrays.root / xrays.files[0]).read_bytes())
    assert XRays(xrays.root, (name,)).path(0) is None
    assert large_picture(XRays(xrays.root, (name,)), 0) is None


def test_file_that_is_no_picture_and_number_that_is_none_are_refused(xrays):
    (xrays.root / "notes.txt").write_text("patient notes")
    assert large_picture(XRays(xrays.root, ("notes.txt",)), 0) is None
    assert large_picture(xrays, 21) is None
    assert large_picture(xrays, -1) is None


def test_dicom_file_is_refused_before_it_is_read(xrays):
    (xrays.root / "a.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\0" * 64)
    assert large_picture(XRays(xrays.root, ("a.dcm",)), 0) is None
