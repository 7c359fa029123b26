"""The map on the page to print: what was said of it on the page, and nothing where none was asked for."""

import numpy as np
import pytest

from covidlab.paths import DEFAULT_MODEL
from covidlab.prediction.explanation import Method
from covidlab.runs.exams import exam_line
from covidlab.runs.store import Run
from covidlab.ui.predict.reading import model_key
from covidlab.ui.predict.report_map import map_for_report
from tests.ui.predict.visit import FAR, NEAR, made_map, read_film

RUN = Run(DEFAULT_MODEL)


def film_with(*maps, assessment=NEAR):
    """An X-ray with maps by method, for COVID-19."""
    film = read_film(RUN, assessment)
    film.explanations |= {
        (model_key(RUN), method, "covid"): made for method, made in zip(list(Method), maps, strict=False)
    }
    return film


def test_report_has_no_map_where_none_was_asked_for_with_this_model():
    film = read_film(RUN)
    film.explanations[("another model", Method.GRAD_CAM, "covid")] = made_map()
    assert map_for_report(film, RUN) == {}


def test_report_says_of_a_map_what_the_page_says():
    made = map_for_report(film_with(made_map()), RUN)
    assert (made["map_method"], made["heatmap_label"]) == ("Grad-CAM", "COVID-19")
    assert made["heatmap"].startswith(b"\x89PNG")
    assert made["about_map"] == (
        "Trial of the map: did not pass. It does not show what this model used.",
        "Erasing changed the model's own number from 0.900 to 0.899.",
        "The brightest place lies at a marker.",
        "The lungs hold 0.9 of what chance would give.",
        exam_line(RUN.load_config(), "grad-cam"),
    )


def test_report_without_a_number_says_none_of_the_trial():
    said = " ".join(map_for_report(film_with(made_map(), assessment=FAR), RUN)["about_map"])
    assert "0.900" not in said and "did not pass" in said


def test_report_says_that_other_maps_were_made():
    *_, last = map_for_report(film_with(made_map(passed=True), made_map()), RUN)["about_map"]
    assert last == "2 maps of this X-ray were made, 1 of them passed the trial. This page is about the newest."


@pytest.mark.parametrize("side", [7, 14])
def test_report_of_an_empty_map_has_none_and_says_why(side):
    empty = made_map(heatmap=np.zeros((side, side), np.float32), verdict="", hottest="", lungs="")
    said = map_for_report(film_with(empty), RUN)
    assert said == {"about_map": ("Nothing on this X-ray speaks for COVID-19, so there is no map.",)}
