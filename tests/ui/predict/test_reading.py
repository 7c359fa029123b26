"""What becomes of a part of the page whose X-ray the model in use has not read."""

import pytest
import streamlit as st

from covidlab.intake.upload import VisitorFilm
from covidlab.paths import DEFAULT_MODEL
from covidlab.runs.store import Run
from covidlab.ui.predict import reading
from covidlab.ui.predict.reading import require_reading
from tests.ui.predict.visit import Told, read_film

RUN = Run(DEFAULT_MODEL)


class Drawn(Exception):
    """The page is drawn anew."""


def draw_anew():
    raise Drawn("anew")


def test_require_reading_draws_the_page_anew_where_the_model_has_not_read_the_x_ray(monkeypatch):
    monkeypatch.setattr(st, "rerun", draw_anew)
    require_reading(read_film(RUN), RUN)
    with pytest.raises(Drawn, match="anew"):
        require_reading(VisitorFilm(name="x.png"), RUN)


@pytest.mark.parametrize(("is_warm", "said"), [(True, "Reading 3 X-rays"), (False, "Loading VGG16 takes some seconds")])
def test_first_text_says_what_happens_until_the_first_x_ray_is_read(monkeypatch, is_warm, said):
    reader = Told()
    monkeypatch.setattr(reader, "is_warm", lambda model: is_warm)
    monkeypatch.setattr(reading, "shared_reader", lambda: reader)
    assert reading._first_text(RUN, 3) == said
