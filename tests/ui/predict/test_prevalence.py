"""The slider of the prevalence, and the sentences under it."""

import shutil

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.files import read_json, write_json
from covidlab.paths import DEFAULT_MODEL
from covidlab.prediction.prevalence import PredictiveValue
from covidlab.ui.predict.prevalence import PREVALENCES, cross_validated, of_100, percent


def page(run_folder: str) -> None:
    from pathlib import Path

    from covidlab.runs.store import Run
    from covidlab.ui.predict.prevalence import draw_prevalence

    draw_prevalence(Run(Path(run_folder)), key="here")


def draw(folder=DEFAULT_MODEL) -> AppTest:
    app = AppTest.from_function(page, args=(str(folder),), default_timeout=30).run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return " ".join(text.value for text in [*app.markdown, *app.caption]).replace("\\", "")


def test_prevalence_of_the_shipped_model_says_both_values_and_where_they_hold():
    said = words(draw())
    assert "Of 100 X-rays that to this model resemble the COVID-19 X-rays of the set" in said
    assert "Of 100 X-rays that do not resemble them" in said
    assert "n = 25" in said and "At another hospital they are not" in said


def test_prevalence_moved_changes_the_values():
    app = draw()
    before = words(app)
    app.select_slider[0].set_value(0.5).run()
    assert words(app) != before


@pytest.mark.parametrize("crossed", [None, {"skipped": "It would take too long."}, {"sensitivity": {"value": None}}])
def test_prevalence_without_cross_validation_says_so(tmp_path, crossed):
    folder = shutil.copytree(DEFAULT_MODEL, tmp_path / "model")
    write_json(folder / "report.json", {**read_json(folder / "report.json"), "cross_validation": crossed})
    app = draw(folder)
    assert "has no cross-validated sensitivity and specificity" in words(app)
    assert not app.select_slider


def test_cross_validated_reads_both_figures_of_a_report():
    sensitivity, specificity = cross_validated(read_json(DEFAULT_MODEL / "report.json"))
    assert sensitivity.low < sensitivity.value < sensitivity.high
    assert specificity.n == 25


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (PredictiveValue(0.24, 0.181, 0.313), "about 24 (interval 18 to 31)"),
        (PredictiveValue(0.058, 0.03, 0.1), "about 5.8 (interval 3.0 to 10.0)"),
        (PredictiveValue(0.9998, 0.991, 1.0), "over 99.9 (interval 99.1 to 100)"),
        (PredictiveValue(0.0001, 0.0, 0.2), "under 0.1 (interval 0 to 20.0)"),
        (PredictiveValue(float("nan"), float("nan"), float("nan")), "an unknown number"),
    ],
)
def test_of_100_never_rounds_to_all_or_nothing(figure, text):
    assert of_100(figure) == text


def test_percent_of_every_choice_is_plain():
    assert [percent(share) for share in PREVALENCES] == [
        *("0.1 %", "0.2 %", "0.5 %", "1 %", "2 %", "5 %", "10 %", "20 %", "50 %"),
    ]
