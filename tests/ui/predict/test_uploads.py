"""What is kept of the X-rays of one visit."""

import pytest

from covidlab.intake.upload import VisitorFilm
from covidlab.ui.predict.uploads import MAX_FILMS, keep_film, visitor_films


@pytest.fixture
def session(monkeypatch):
    state = {}
    monkeypatch.setattr("covidlab.ui.predict.uploads.st.session_state", state)
    return state


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
