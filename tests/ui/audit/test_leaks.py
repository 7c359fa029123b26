"""Duplicates and leaks on Audit: what is said of each split, with the X-rays of patients on both sides."""

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.runs.audits import load_audit
from covidlab.runs.store import RunStore
from tests.ui.audit.made_up import audit_of

SPLIT = {"training": 10, "validation": 2, "exact": [], "near": [], "num_near": 0}
BOTH = {"patient": "covid-0", "training": ["covid/film-000.png"], "validation": ["covid/film-001.png"]}
FOUND = {
    "num_films": 12,
    "patients_known": True,
    "exact": [],
    "num_exact": 0,
    "near": [
        {
            "file": "covid/film-000.png",
            "other": "covid/film-004.png",
            "bits": 12,
            "same_patient": False,
            "same_class": True,
        }
    ],
    "num_near": 1,
    "near_bits": 40,
    "splits": [
        {"name": "run", "num_shared": 0, "num_validation_shared": 0, "patients": [], **SPLIT},
        {"name": "image", "num_shared": 1, "num_validation_shared": 1, "patients": [BOTH], **SPLIT},
    ],
    "folds": {"repeats": 10, "folds": 3, "shared": 0},
}


def page(folder):
    from pathlib import Path

    from covidlab.data.catalog import load_catalog
    from covidlab.ui.audit.audited import Audited
    from covidlab.ui.audit.leaks import draw_leaks

    draw_leaks(Audited(catalog=load_catalog(Path(folder)), run=None))


@pytest.fixture
def draw(make_dataset):
    """Return a function that draws the section of a set in which an audit found something."""
    dataset = make_dataset({"covid": 6, "normal": 6}, films_per_patient=2)

    def drawn(found=None) -> AppTest:
        if found:
            audit_of(dataset, "leaks", found)
        app = AppTest.from_function(page, args=(str(dataset),), default_timeout=60).run()
        assert not app.exception
        return app

    return drawn


def text_of(app) -> str:
    return " ".join(element.value for element in app.markdown).replace("\\", "")


def test_leaks_name_patients_on_both_sides_and_show_their_xrays(draw):
    app = draw(FOUND)
    said = text_of(app)
    assert "The split of the model (10 for training, 2 for validation): no patient is on both sides." in said
    assert "1 patient is on both sides, with 1 of the 2 validation X-rays." in said
    assert len(app.get("image")) == 2 and "in 0 of 30 folds" in said


def test_leaks_call_pairs_that_look_alike_a_hint(draw):
    app = draw(FOUND)
    assert "hint only" in text_of(app) and "In 1 of 1 pairs the patients differ." in text_of(app)
    assert app.dataframe[0].value["Same patient"].tolist() == ["no"]


def test_leaks_that_nobody_looked_for_can_be_asked_for(draw, engine):
    draw().button(key="audit_leaks").click().run()
    (run,) = RunStore().list()
    assert load_audit(run).parts == ("leaks",)
