"""The tab Maps of Audit: the examination that ships, heat against lungs, and the lab of planted shortcuts with its lesson."""

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from covidlab.audit.planted_options import CONDITIONS
from covidlab.audit.planted_text import STEPS
from covidlab.data.catalog import load_catalog
from covidlab.files import read_json
from covidlab.paths import SHIPPED_EXAM
from covidlab.runs.audits import load_audit
from covidlab.runs.store import RunStore
from covidlab.ui.audit.maps_charts import describe_levels, exam_chart, levels_chart, lungs_chart, randomisation_chart
from tests.ui.audit.made_up import audit_of

HEAT = np.eye(7).tolist()


def page(folder, section):
    from pathlib import Path

    from covidlab.data.catalog import load_catalog
    from covidlab.ui.audit.attention import draw_attention
    from covidlab.ui.audit.audited import Audited
    from covidlab.ui.audit.exam import draw_exam
    from covidlab.ui.audit.planted import draw_planted

    sections = {"attention": draw_attention, "exam": draw_exam, "planted": draw_planted}
    sections[section](Audited(catalog=load_catalog(Path(folder)), run=None))


def draw(dataset, section) -> AppTest:
    app = AppTest.from_function(page, args=(str(dataset), section), default_timeout=30).run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return " ".join(text.value for text in [*app.markdown, *app.caption, *app.warning]).replace("\\", "")


@pytest.fixture
def dataset(make_dataset):
    return make_dataset(films_per_patient=1)


def share(value, **more) -> dict:
    return {"value": value, "low": value - 0.1, "high": value + 0.1, "n": 20, **more}


def attention_found(dataset) -> dict:
    mean = {"num_patients": 12}
    method = {name: share(0.4, **mean) for name in ("share", "chance", "ratio")} | {"by_class": {}, "num_empty": 0}
    points = {"points": share(0.2), "chance_points": 0.07, "overlap": share(0.1), "chance_overlap": share(0.05)}
    return {
        "num_films": 12,
        "num_without_lungs": 0,
        "num_estimated": 12,
        "methods": {"grad-cam": method},
        "random_heads": {"grad-cam": share(0.9, **mean)},
        "randomisation": {"grad-cam": {"random": share(0.8, **mean), "repeats": share(0.85, **mean), "block": None}},
        "phantoms": {"methods": {"grad-cam": points}},
        "examples": [
            {
                "file": load_catalog(dataset).films["file"].iloc[0],
                "explained": "covid",
                "maps": {"grad-cam": HEAT},
                "share": {"grad-cam": 0.4},
                "chance": 0.35,
            }
        ],
    }


def planted_found(options) -> dict:
    ratio = {"grad-cam": share(0.6)}
    readings = {condition: {"has_mark": True, "probability": 0.98, "map": HEAT} for condition in CONDITIONS}
    return {
        "options": options.to_dict(),
        "num_held_out": 40,
        "num_heads": 5,
        "accuracy": {condition: share(0.9) for condition in CONDITIONS},
        "epochs": {condition: [0.5, 0.9] for condition in CONDITIONS},
        "lungs": dict.fromkeys(CONDITIONS, ratio),
        "points": {"grad-cam": share(0.8)},
        "examples": [{"number": 80, "positive": True, "readings": readings}],
    }


def test_examination_that_ships_is_shown_from_the_first_start(dataset):
    app = draw(dataset, "exam")
    assert "Grad-CAM did not pass the examination" in said(app) and "It came with covidlab." in said(app)
    assert not app.button


def test_heat_against_lungs_is_asked_for_where_it_is_missing(dataset, engine):
    app = draw(dataset, "attention")
    app.button(key="audit_attention").click().run()
    (run,) = RunStore().list()
    assert load_audit(run).parts == ("attention",)
    assert app.button(key="audit_attention").disabled


def test_heat_against_lungs_says_how_the_method_did_in_the_examination(dataset):
    audit_of(dataset, "attention", attention_found(dataset))
    app = draw(dataset, "attention")
    assert "Most of this map does not depend on what was learned." in said(app)
    assert "Grad-CAM did not pass the examination" in said(app) and "The lungs of 12 were estimated." in said(app)


def test_part_with_an_error_shows_its_sentence(dataset):
    audit_of(dataset, "attention", None, error="Heat against lungs needs X-rays with a mask of the lungs.")
    assert "needs X-rays with a mask" in said(draw(dataset, "attention"))


def test_lesson_sets_the_controls_and_keeps_its_place(dataset, engine):
    app = draw(dataset, "planted")
    assert STEPS[0].do in said(app)
    app.button(key="audit_planted_next").click().run()
    app.select_slider(key="audit_planted_num").set_value(80).run()
    app.button(key="audit_planted_set").click().run()
    assert STEPS[1].look in said(app)
    app.button(key="audit_planted_train").click().run()
    assert not app.exception
    (run,) = RunStore().list()
    assert load_audit(run).options == {"planted": STEPS[1].options.to_dict()}


def test_lab_shows_what_was_found_with_these_settings_only(dataset):
    options = STEPS[0].options
    audit_of(dataset, "planted", planted_found(options), options=options.to_dict())
    app = draw(dataset, "planted")
    assert "No loss of accuracy without the mark" in said(app)
    panes = json.loads(app.get("bidi_component")[-1].proto.json)["panes"]
    assert panes[0]["picture"].startswith("data:image/jpeg") and "probability 0.98" in panes[0]["caption"]
    app.select_slider(key="audit_planted_strength").set_value(1.0).run()
    assert "Nobody has trained with these settings yet." in said(app)


def test_charts_have_a_dot_for_each_figure_that_is_known(dataset):
    found = read_json(SHIPPED_EXAM)["found"]
    assert [len(trace.x) for trace in exam_chart(found).data] == [3, 3]
    assert [len(trace.x) for trace in levels_chart(found).data] == [6, 6, 6]
    assert "tag on 80 % of a class: Grad-CAM" in describe_levels(found)
    of_lungs = attention_found(dataset)
    assert [len(trace.x) for trace in lungs_chart(of_lungs).data] == [1, 1]
    assert [len(trace.x) for trace in randomisation_chart(of_lungs).data] == [1, 1, 0]
