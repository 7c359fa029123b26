"""What is kept of an X-ray a visitor brings."""

import hashlib
import io

import cv2
import numpy as np
import pytest
from PIL import Image

from covidlab.config import PRESETS
from covidlab.errors import TemporaryError, UnreadableImage
from covidlab.imaging.decode import decode
from covidlab.imaging.prepare import model_input
from covidlab.intake.upload import PICTURE_SIDE, visitor_film


def png(width=1000, height=500) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (height, width)).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def test_visitor_film_keeps_a_small_picture_of_the_same_shape():
    film = visitor_film(png(), name="film.png")
    height, width = cv2.imdecode(np.frombuffer(film.picture, np.uint8), cv2.IMREAD_COLOR).shape[:2]
    assert (height, width) == (PICTURE_SIDE // 2, PICTURE_SIDE)


def test_visitor_film_is_prepared_for_every_preset():
    data = png()
    film = visitor_film(data, name="film.png")
    assert film.sha256 == hashlib.sha256(data).hexdigest()
    for preset in PRESETS.values():
        assert np.array_equal(film.inputs[preset.resize], model_input(decode(data).pixels, resize=preset.resize))


def test_visitor_film_refusal_does_not_repeat_the_name():
    film = visitor_film(b"no X-ray", name="Jane Doe.png")
    assert film.refusal.startswith("This file cannot be read")
    assert "Jane" not in film.refusal
    assert film.picture == b"" and film.inputs == {}


@pytest.mark.parametrize("brightness", [0, 255])
def test_visitor_film_all_black_or_all_white_is_refused(brightness):
    file = io.BytesIO()
    Image.new("L", (120, 100), brightness).save(file, "PNG")
    assert "it has one colour only" in visitor_film(file.getvalue(), name="film.png").refusal


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.JPG", "JPEG"),
        ("a.jpeg", "JPEG"),
        ("a.tif", "TIFF"),
        ("a.bmp", "BMP"),
        ("a.webp", "WebP"),
        ("a.dcm", "DICOM"),
        ("a.DICOM", "DICOM"),
    ],
)
def test_visitor_film_whose_name_says_another_format_has_a_note(name, kind):
    expected = f"The name of the file says {kind}, its content is PNG. It was read by its content."
    assert visitor_film(png(), name=name).notes == (expected,)


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.jpg",
        "x" * 300,
        "a\0\x1b[2J\u202egpj.exe",
        "<script>alert(1)</script>",
        "[a](b) *c*",
        "Doe^Jane",
    ],
)
def test_visitor_film_of_any_name_is_read_and_says_nothing_of_it(name):
    film = visitor_film(png(), name=name)
    assert film.refusal == ""
    said = " ".join((*film.notes, *(check.sentence for check in film.checks)))
    assert name not in said


@pytest.mark.parametrize(("name", "notes"), [("film.JPG", 1), ("film.png", 0), ("film", 0)])
def test_visitor_film_under_a_wrong_extension_is_read_with_a_note(name, notes):
    film = visitor_film(png(), name=name)
    assert film.notes == ("The name of the file says JPEG, its content is PNG. It was read by its content.",) * notes


def test_visitor_film_what_the_sandbox_refuses_is_refused():
    def refuse(data, *, recipe, name):
        raise UnreadableImage(f"{name} cannot be read: decoding it takes longer than 5 seconds.")

    film = visitor_film(png(), name="Jane Doe.png", prepare=refuse)
    assert film.refusal == "This file cannot be read: decoding it takes longer than 5 seconds."


def test_visitor_film_is_not_refused_where_nobody_had_time_to_look():
    def put_off(data, *, recipe, name):
        raise TemporaryError("Try again.")

    with pytest.raises(TemporaryError):
        visitor_film(png(), name="film.png", prepare=put_off)
