"""Files about X-rays of a visit: what they hold, what never reaches them, and that the page is made only when asked for."""

import json
from dataclasses import replace

import pytest
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.testing.v1 import AppTest

from covidlab.child import Message
from covidlab.data.catalog import load_catalog
from covidlab.errors import TemporaryError
from covidlab.imaging.receipt import Check, Verdict
from covidlab.intake.upload import VisitorFilm
from covidlab.paths import DEFAULT_MODEL
from covidlab.prediction.assessment import Neighbour
from covidlab.prediction.explanation import Method
from covidlab.prediction.result_export import result_values
from covidlab.prediction.xray_report import report_from_values
from covidlab.runs.store import Run
from covidlab.ui.predict.reading import model_key
from covidlab.ui.predict.report_content import result_of, xray_report
from tests.ui.predict.visit import CANARY, FAR, NEAR, Told, made_map, read_film

RUN = Run(DEFAULT_MODEL)
ELSEWHERE = replace(NEAR, nearly_known_as="")
PDF = b"%PDF-1.4 page"


@pytest.fixture
def told(monkeypatch) -> Told:
    reader = Told(report=Message({}, {"pdf": PDF}))
    monkeypatch.setattr("covidlab.ui.predict.downloads.shared_reader", lambda: reader)
    return reader


@pytest.fixture
def saved(monkeypatch) -> dict[str, bytes]:
    """What a browser would get: file name -> content, as the last run of the page gave it."""
    files = {}

    def noting(draw_button):
        def draw(*args, **options):
            *_, data, file_name, _ = args
            files[file_name] = data if isinstance(data, bytes) else data.encode()
            return draw_button(*args, **options)

        return draw

    monkeypatch.setattr(st, "download_button", noting(st.download_button))
    monkeypatch.setattr(DeltaGenerator, "download_button", noting(DeltaGenerator.download_button))
    return files


def draw(film: VisitorFilm) -> AppTest:
    def script(film):
        from covidlab.paths import DEFAULT_MODEL
        from covidlab.runs.store import Run
        from covidlab.ui.predict.downloads import draw_downloads

        draw_downloads(film, Run(DEFAULT_MODEL), None, number=3, key="x")

    app = AppTest.from_function(script, kwargs={"film": film}, default_timeout=30).run()
    assert not app.exception
    return app


def make(app: AppTest) -> AppTest:
    app.button(key="x_page_make").click().run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return " ".join(text.value for text in [*app.markdown, *app.caption, *app.warning]).replace("\\", "")


def test_page_is_made_only_when_asked_for_and_only_once(told, saved):
    app = draw(read_film(RUN))
    assert told.asked == [] and set(saved) == {"covidlab-xray-3.json"}
    make(app).run()
    assert saved["covidlab-xray-3.pdf"] == PDF
    assert len(told.asked) == 1


def test_reference_stands_on_both_files_and_another_one_needs_another_page(told, saved):
    film = read_film(RUN)
    app = draw(film)
    app.text_input(key="x_reference").set_value("case 7").run()
    make(app)
    assert told.asked[0][1]["report"]["reference"] == "case 7"
    assert json.loads(saved["covidlab-xray-3.json"])["xrays"][0]["reference"] == "case 7"
    assert "covidlab-xray-3.pdf" in saved
    saved.clear()
    app.text_input(key="x_reference").set_value("case 8").run()
    assert "covidlab-xray-3.pdf" not in saved


@pytest.mark.parametrize("assessment", [NEAR, FAR])
def test_files_hold_nothing_that_names_the_file_or_the_patient(told, saved, assessment):
    make(draw(read_film(RUN, assessment)))
    _, values, parts = told.asked[0]
    sent = json.dumps(values).encode() + b"".join(parts.values()) + saved["covidlab-xray-3.json"]
    assert CANARY.encode() not in sent and b"c" * 64 not in sent


def test_files_of_an_x_ray_without_a_number_hold_none_until_it_is_asked_for(told, saved):
    film = read_film(RUN, FAR)
    app = make(draw(film))
    report = told.asked[0][1]["report"]
    assert "so the files hold none" in words(app)
    assert (report["probability"], told.asked[0][2]["heatmap"]) == (None, b"")
    assert "Too unlike" in report["refusal"]
    assert b"0.8372" not in saved["covidlab-xray-3.json"]
    film.shows_anyway = True
    make(draw(film))
    report = told.asked[1][1]["report"]
    assert report["probability"]["value"] == 0.81 and "Too unlike" in report["limits"][0]
    assert b"0.8372" in saved["covidlab-xray-3.json"]


def test_text_on_the_x_ray_is_warned_of(told):
    text = Check("text", Verdict.WARN, "Letters are seen.")
    assert "Look whether it names the patient" in words(draw(read_film(RUN, checks=(text,))))
    assert "Look whether it names the patient" not in words(draw(read_film(RUN)))


@pytest.mark.parametrize("wrong", [TemporaryError("Too many wait."), Message({}, {"pdf": b"no page"}), Message()])
def test_page_that_cannot_be_made_says_so_and_may_be_tried_again(told, wrong):
    told.answers["report"] = wrong
    app = make(draw(read_film(RUN)))
    assert len(app.error) == 1
    assert app.button(key="x_page_make")


def test_batch_files_number_x_rays_in_the_order_given(saved):
    def script(films):
        from covidlab.paths import DEFAULT_MODEL
        from covidlab.runs.store import Run
        from covidlab.ui.predict.downloads import draw_batch_downloads

        draw_batch_downloads(films, Run(DEFAULT_MODEL), key="all")

    films = [VisitorFilm(name=CANARY, refusal="This file is empty."), read_film(RUN, reference="case 7")]
    assert not AppTest.from_function(script, kwargs={"films": films}, default_timeout=30).run().exception
    refused, read = json.loads(saved["covidlab-xrays.json"])["xrays"]
    assert (refused["number"], refused["status"], read["number"], read["reference"]) == (1, "refused", 2, "case 7")
    assert len(saved["covidlab-xrays.csv"].splitlines()) == 3
    assert CANARY.encode() not in saved["covidlab-xrays.csv"] + saved["covidlab-xrays.json"]


def test_report_says_that_an_upload_is_not_of_the_set_and_what_the_model_is():
    report = xray_report(read_film(RUN, ELSEWHERE), RUN, None, further=("2 of 2 saved models agree.",))
    assert "is not of the set." in report.limits[0]
    assert (report.model, report.num_films, report.num_patients) == ("the default model", 50, 37)
    assert [name for name, _ in report.figures] == ["sensitivity", "specificity", "accuracy", "AUC"]
    assert (report.label, report.probability.n, report.further) == ("COVID-19", 50, ("2 of 2 saved models agree.",))
    assert report.nearest[0].view == "not stated"


def test_report_takes_no_view_and_age_from_another_set(make_dataset):
    root = make_dataset({"covid": 3, "normal": 3})
    (root / "metadata.csv").write_text("filename,view\nnormal/film-000.png,AP\n")
    other = load_catalog(root)
    assert other.row("normal/film-000.png")["view_position"] == "AP"
    near = replace(NEAR, neighbours=(Neighbour("normal/film-000.png", "normal", 0.3),))
    assert xray_report(read_film(RUN, near), RUN, other).nearest[0].view == "not stated"


def test_report_survives_its_way_to_the_reader(told):
    make(draw(read_film(RUN)))
    _, values, parts = told.asked[0]
    report = report_from_values(values["report"], parts)
    assert report.checks[0] == Check("blur", Verdict.PASS, "It is sharp.")


def test_refusal_of_an_x_ray_of_the_set_does_not_name_its_file():
    film = VisitorFilm(name=f"{CANARY}.png", file=f"covid/{CANARY}.png", refusal=f"{CANARY}.png cannot be opened.")
    assert result_of(film, RUN, number=1).refusal == "This file cannot be opened."


def test_report_and_files_say_that_nearly_the_same_x_ray_is_in_the_set():
    report, result = xray_report(read_film(RUN), RUN, None), result_of(read_film(RUN), RUN, number=1)
    assert report.limits == result.limits
    assert report.limits[0].startswith("Nearly the same X-ray is in the set.")
    assert result_values(result)["of_the_set"] == "nearly the same"


def test_files_find_an_x_ray_in_the_set_in_use_by_its_content(make_dataset):
    catalog = load_catalog(make_dataset({"covid": 3, "normal": 3}))
    film = read_film(RUN, ELSEWHERE, sha256=catalog.films["sha256"].iloc[0])
    here, elsewhere = (result_values(result_of(film, RUN, each, number=1)) for each in (catalog, None))
    assert (here["of_the_set"], here["limits"]) == ("yes", [])
    assert elsewhere["of_the_set"] == "no" and "is not of the set." in elsewhere["limits"][0]


def test_page_is_made_again_with_the_map_that_was_made_since(told, saved):
    film = read_film(RUN)
    app = make(draw(film))
    film.explanations[(model_key(RUN), Method.GRAD_CAM, "covid")] = made_map()
    saved.clear()
    make(app)
    (_, values, parts), (_, later, later_parts) = told.asked
    assert (values["report"]["about_map"], parts["heatmap"]) == ((), b"")
    assert later["report"]["about_map"][0].startswith("Trial of the map: did not pass.")
    assert later_parts["heatmap"].startswith(b"\x89PNG")
