"""The section of Audit in which an X-ray is changed: what the browser is given, and the curves before and after they are there."""

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.data.catalog import load_catalog
from covidlab.evaluation.alterations import ALTERATIONS, SCALES
from covidlab.paths import DEFAULT_MODEL
from covidlab.runs.audits import load_audit
from covidlab.runs.store import Run, RunStore
from covidlab.services.learning import offered_set
from covidlab.ui.audit import live
from covidlab.ui.shared.components.alter import Asked, _marker
from covidlab.ui.shared.components.alter_scale import scale_data
from tests.ui.audit.made_up import audit_of, metric


def page(folder):
    from pathlib import Path

    from covidlab.data.catalog import load_catalog
    from covidlab.ui.audit.audited import Audited
    from covidlab.ui.audit.live import draw_live

    draw_live(Audited(catalog=load_catalog(Path(folder)), run=None))


@pytest.fixture
def dataset(make_dataset):
    return make_dataset({"covid": 2, "normal": 2})


@pytest.fixture
def asked(dataset):
    return Asked(catalog=load_catalog(dataset), index=1, run=Run(DEFAULT_MODEL), threshold=0.5)


def figures(accuracy: float) -> dict:
    found = {
        name: metric(accuracy, accuracy - 0.1, min(1.0, accuracy + 0.1), 4)
        for name in ("accuracy", "sensitivity", "specificity")
    }
    return {**found, "means": {"covid": 0.9, "normal": 0.1}}


def curves_found() -> dict:
    return {
        "classes": ["covid", "normal"],
        "positive_class": "covid",
        "num_films": 4,
        "num_patients": 4,
        "num_heads": 50,
        "whole": figures(0.93),
        "scales": {
            name: [{"value": value, **figures(0.9 - 0.01 * place)} for place, value in enumerate(scale.values)]
            for name, scale in SCALES.items()
        },
        "named": {name: {"title": each.title, **figures(0.8)} for name, each in ALTERATIONS.items() if name != "whole"},
    }


def test_live_offers_each_x_ray_and_asks_for_the_curves(engine, dataset):
    at = AppTest.from_function(page, kwargs={"folder": str(dataset)}, default_timeout=30).run()
    assert not at.exception
    assert at.selectbox(key="audit_live_xray").options[0].startswith("COVID-19 · film-000")
    assert "trained on" not in at.caption[0].value
    at.button(key="audit_curves_ask").click().run()
    assert load_audit(RunStore().list()[0]).parts == ("curves",)
    assert at.button(key="audit_curves_ask").disabled


def test_live_says_what_the_curves_found_and_asks_no_more(engine, dataset):
    audit_of(dataset, "curves", curves_found())
    at = AppTest.from_function(page, kwargs={"folder": str(dataset)}, default_timeout=30).run()
    said = " ".join(each.value for each in at.markdown)
    assert "Rotation from \\-20° to 20°" in said
    assert at.dataframe[0].value["Change"].tolist()[:2] == ["unchanged", "lungs black"]
    assert not [button for button in at.button if button.key == "audit_curves_ask"]


def test_live_says_why_there_are_no_curves_and_offers_them_again(engine, dataset):
    audit_of(dataset, "curves", None, error="The X-rays cannot be read.")
    at = AppTest.from_function(page, kwargs={"folder": str(dataset)}, default_timeout=30).run()
    assert at.warning[0].value == "The X-rays cannot be read\\."
    assert at.button(key="audit_curves_ask")


def test_browser_asks_about_a_row_of_the_set_and_a_run_and_gets_no_path(asked, dataset):
    data = asked.data()
    assert data["address"].endswith("/altered/1") and str(dataset) not in str(data)
    assert offered_set(data["address"].split("/")[-3]).root == dataset
    assert data["words"]["resembles"] == "Resembles the COVID-19 X-rays of the set"
    assert data["run"] == DEFAULT_MODEL.name


def test_scales_carry_their_curve_or_the_word_that_there_is_none(asked):
    scales = scale_data(asked.data(), {})["scales"]
    assert [scale["name"] for scale in scales] == list(SCALES)
    assert all(scale["curve"] is None and "not computed yet" in scale["no_curve"] for scale in scales)
    rotation = scale_data(asked.data(), curves_found())["scales"][0]
    assert rotation["curve"]["accuracy"]["value"][0] == pytest.approx(0.9)
    assert rotation["curve"]["values"] == list(SCALES["rotation"].values)


def test_letter_in_the_browser_is_as_large_as_the_one_that_is_pasted():
    picture, (wide, tall) = _marker()
    assert picture.startswith(b"\x89PNG")
    assert tall == pytest.approx(0.08, abs=0.015) and 0.04 < wide < tall


def test_list_of_a_large_set_is_an_even_choice_of_both_classes(monkeypatch, make_dataset):
    catalog = load_catalog(make_dataset({"covid": 4, "normal": 6}))
    monkeypatch.setattr(live, "_MOST_LISTED", 5)
    offered = live._offered(catalog)
    assert len(offered) == 5 and {file.split("/")[0] for file in offered} == {"covid", "normal"}
    assert live._first_positive(SimpleNamespace(films=catalog.films, positive_class="normal"), offered) == 2
