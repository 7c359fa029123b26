"""What becomes of a part of the page whose X-ray the model in use has not read."""

import pytest
import streamlit as st

from covidlab.intake.upload import VisitorFilm
from covidlab.paths import DEFAULT_MODEL
from covidlab.runs.store import Run
from covidlab.ui.predict.reading import require_reading
from tests.ui.predict.visit import read_film

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
