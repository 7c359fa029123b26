"""What is kept of a film a visitor brings."""

import hashlib
import io

import cv2
import numpy as np
import pytest
from PIL import Image

from covidlab.config import PRESETS
from covidlab.imaging.decode import decode
from covidlab.imaging.prepare import model_input
from covidlab.ui.predict.uploads import MAX_FILMS, PICTURE_SIDE, VisitorFilm, keep_film, visitor_film, visitor_films


@pytest.fixture
def session(monkeypatch):
    state = {}
    monkeypatch.setattr("covidlab.ui.predict.uploads.st.session_state", state)
    return state


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


def test_keep_film_newest_first_and_a_film_of_the_set_only_once(session):
    for film in (VisitorFilm(name="a", file="covid/a"), VisitorFilm(name="b"), VisitorFilm(name="b")):
        keep_film(film)
    keep_film(VisitorFilm(name="a again", file="covid/a"))
    assert [film.name for film in visitor_films()] == ["a again", "b", "b"]


def test_keep_film_never_holds_more_than_the_limit(session):
    for number in range(MAX_FILMS + 3):
        keep_film(VisitorFilm(name=str(number)))
    assert len(visitor_films()) == MAX_FILMS
    assert visitor_films()[0].name == str(MAX_FILMS + 2)
