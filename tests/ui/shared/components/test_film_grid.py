"""A card says in plain text what is known of its film, and its files need nothing from a network."""

from pathlib import Path

import pandas as pd
import pytest

import covidlab.ui.shared.components.film_grid as film_grid_module
from covidlab.data.catalog import Catalog
from covidlab.errors import UnreadableImage
from covidlab.ui.shared.components import HERE
from covidlab.ui.shared.components.film_grid import film_card

FILM = {"file": "covid/a b.png", "class": "covid", "view_position": "AP", "patient_id": "cohen-11", "offset_days": "5"}


def test_film_card_names_class_view_and_patient():
    card = film_card(FILM, b"\xff\xd8")
    assert (card["kind"], card["who"], card["file"]) == ("COVID-19 · AP", "cohen-11", "covid/a b.png")
    assert card["name"] == "Chest X-ray, class COVID-19, AP, patient cohen-11"
    assert card["picture"] == "data:image/jpeg;base64,/9g="


def test_film_card_of_a_patient_with_days_names_the_day():
    assert film_card(FILM, b"", with_day=True)["who"] == "day 5"
    assert film_card({**FILM, "offset_days": ""}, b"", with_day=True)["who"] == "cohen-11"


def test_film_card_of_an_unknown_patient_names_the_file():
    assert film_card({**FILM, "patient_id": "content-0123"}, b"")["who"] == "a b.png"


def test_film_card_marks_the_flags_that_contradict_a_claim():
    flags = film_card(FILM, b"", ("AP called PA", "panel letter"))["flags"]
    assert flags == [{"label": "AP called PA", "strong": True}, {"label": "panel letter", "strong": False}]


def test_film_card_without_a_picture_says_why():
    card = film_card(FILM, UnreadableImage("covid/a b.png cannot be read: it is cut off."))
    assert (card["picture"], card["error"]) == ("", "covid/a b.png cannot be read: it is cut off.")


def test_film_grid_with_marks_shows_them_in_place_of_flags(monkeypatch):
    drawn = []
    monkeypatch.setattr(film_grid_module, "_draw_cards", lambda **options: drawn.append(options["data"]["cards"]))
    monkeypatch.setattr(film_grid_module, "current_thumbnails", lambda catalog, files: [b"" for _ in files])
    films = pd.DataFrame([FILM, {**FILM, "file": "covid/b.png"}])
    catalog = Catalog(Path("/films"), films, ("covid",), "covid", True, True)
    film_grid_module.film_grid(
        catalog, films["file"].tolist(), key="test", on_open=print, marks={"covid/b.png": "dropped"}
    )
    assert [card["flags"] for card in drawn[0]] == [[], [{"label": "dropped", "strong": True}]]


@pytest.mark.parametrize("name", ["film_grid.js", "film_grid.css", "film_grid.html"])
def test_film_grid_files_name_no_address_and_take_no_html(name):
    text = (HERE / name).read_text(encoding="utf-8")
    assert not any(word in text for word in ("http", "import ", "innerHTML", "eval("))
