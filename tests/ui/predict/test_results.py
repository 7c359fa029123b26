"""The list of all X-rays of a visit: one line about each."""

from covidlab.paths import DEFAULT_MODEL
from covidlab.runs.store import Run
from covidlab.ui.predict.results import summary
from tests.ui.predict.visit import FAR, read_film

RUN = Run(DEFAULT_MODEL)


def test_line_about_an_x_ray_that_may_not_be_read_says_so_with_the_number_too():
    film = read_film(RUN, FAR)
    assert "No number" in summary(film, RUN)
    film.shows_anyway = True
    said = summary(film, RUN).replace("\\", "")
    assert "You asked for this number. It means nothing" in said and "likeness to COVID-19 0.81" in said


def test_line_about_an_x_ray_that_may_be_read_gives_the_number_with_its_interval():
    said = summary(read_film(RUN), RUN).replace("\\", "")
    assert said == "Resembles the COVID-19 X-rays of the set, likeness to COVID-19 0.81 (0.62 to 0.93)"
