"""Labels changed on Audit: clicks on X-rays, what Train again asks for, which patients change."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from covidlab.runs.audits import load_audit
from covidlab.runs.store import RunStore
from covidlab.ui.audit import flips
from covidlab.ui.audit.flips_chart import moves_chart
from tests.ui.audit.made_up import audit_of, figures

FILE = "covid/film-000.png"


def patient(name, before, after, *, changed=False, touched=False) -> dict:
    files = [f"{name.split('-')[0]}/film-000.png"]
    facts = {"patient": name, "class": "covid", "files": files, "before": before, "after": after}
    return facts | {"changed": changed, "touched": touched}


FOUND = {
    "flip": [FILE],
    "drop": [],
    "repeats": 10,
    "folds": 3,
    "num_patients": 2,
    "positive_class": "covid",
    "before": figures(12),
    "after": figures(12),
    "difference": {"value": -0.02, "low": -0.1, "high": 0.05},
    "patients": [patient("covid-0", 0.7, 0.3, changed=True, touched=True), patient("covid-1", 0.9, 0.88)],
    "changed": 1,
    "moved": 0.21,
    "seeds": [{"changed": 0, "moved": 0.02}, {"changed": 0, "moved": 0.03}],
}


def page(folder):
    from pathlib import Path

    from covidlab.data.catalog import load_catalog
    from covidlab.ui.audit.audited import Audited
    from covidlab.ui.audit.flips import draw_flips

    draw_flips(Audited(catalog=load_catalog(Path(folder)), run=None))


@pytest.fixture
def dataset(make_dataset):
    return make_dataset({"covid": 6, "normal": 6}, films_per_patient=2)


def drawn(dataset, chosen=None) -> AppTest:
    app = AppTest.from_function(page, args=(str(dataset),), default_timeout=60)
    app.session_state["audit_flips_chosen"] = chosen or {}
    app.run()
    assert not app.exception
    return app


def text_of(app) -> str:
    return " ".join(element.value for element in [*app.markdown, *app.caption]).replace("\\", "")


def test_clicks_on_an_xray_flip_drop_and_keep_it(monkeypatch):
    monkeypatch.setattr(st, "session_state", {})
    said = []
    for _ in range(3):
        flips._turn(FILE)
        said.append(dict(st.session_state["audit_flips_chosen"]))
    assert said == [{FILE: "flip"}, {FILE: "drop"}, {}]


def test_train_again_asks_for_what_was_chosen(dataset, engine):
    app = drawn(dataset, {FILE: "flip", "normal/film-001.png": "drop", "covid/gone.png": "flip"})
    app.button(key="audit_flips_train").click().run()
    (run,) = RunStore().list()
    assert load_audit(run).options["flips"] == {"flip": [FILE], "drop": ["normal/film-001.png"]}


def test_nothing_chosen_offers_no_training_and_shows_the_last_result(dataset):
    audit_of(dataset, "flips", FOUND, options={"flip": [FILE], "drop": []})
    app = drawn(dataset)
    said = text_of(app)
    assert "audit_flips_train" not in [button.key for button in app.button]
    assert f"The last result. Label flipped: {FILE}." in said
    assert "The answer changes for 1 of 2 patients: covid-0." in said
    assert "More answers change than with any of these seeds." in said


def test_result_of_another_choice_is_not_shown(dataset):
    audit_of(dataset, "flips", FOUND, options={"flip": [FILE], "drop": []})
    assert "The answer changes" in text_of(drawn(dataset, {FILE: "flip"}))
    assert "The answer changes" not in text_of(drawn(dataset, {FILE: "drop"}))


def test_moves_chart_tells_patients_whose_answer_changes():
    stays, changes = moves_chart(FOUND).data
    assert (list(stays.x), list(changes.x)) == ([0.9], [0.7])
    assert list(changes.marker.line.width) == [3]
