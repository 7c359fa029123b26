"""The lung transplant on Audit: a guess before the answer, numbers that wait for it, four pictures of a pair."""

import csv

import cv2
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from covidlab.runs.audits import load_audit
from covidlab.runs.store import RunStore
from covidlab.ui.audit.transplant_chart import describe_bar, shares_bar
from covidlab.ui.audit.transplant_pair import CONTROL
from tests.ui.audit.made_up import audit_of


def page(folder):
    from pathlib import Path

    from covidlab.data.catalog import load_catalog
    from covidlab.ui.audit.audited import Audited
    from covidlab.ui.audit.transplant import draw_transplant

    draw_transplant(Audited(catalog=load_catalog(Path(folder)), run=None))


@pytest.fixture
def dataset(make_dataset):
    """Four X-rays with a mask each of two lungs."""
    root = make_dataset({"covid": 2, "normal": 2})
    mask, rows = np.zeros((80, 96), np.uint8), []
    for across in (30, 66):
        cv2.ellipse(mask, (across, 40), (12, 28), 0, 0, 360, 255, -1)
    for path in sorted(root.glob("*/*.png")):
        file = path.relative_to(root).as_posix()
        (root / "masks" / file).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(root / "masks" / file), mask)
        rows.append({"file": file, "patient_id": path.stem + path.parent.name, "mask": f"masks/{file}"})
    with open(root / "metadata.csv", "w", newline="", encoding="utf-8") as table:
        writer = csv.DictWriter(table, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return root


def estimate(value: float, low: float, high: float) -> dict:
    return {"value": value, "low": low, "high": high, "n": 60, "num_patients": 37}


def found() -> dict:
    moved = {"positive": estimate(-0.04, -0.1, 0.01), "others": estimate(0.02, -0.1, 0.1)}
    pair = {"whole_a": 4.0, "whole_b": -6.0, "frame_a": 1.0, "frame_b": -3.0}
    of_one_class = {"a": "covid/film-000.png", "b": "covid/film-001.png"}
    return {
        "positive_class": "covid",
        "classes": ["covid", "normal"],
        "patients_known": True,
        "frame": estimate(0.68, 0.6, 0.79),
        "lungs": estimate(0.32, 0.21, 0.4),
        "gap": estimate(14.9, 11.6, 18.2),
        "same_class": moved,
        "put_back": moved,
        "pairs": [
            {"a": f"covid/film-00{a}.png", "b": f"normal/film-00{b}.png", **pair} for a, b in ((0, 0), (0, 1), (1, 1))
        ],
        "same_class_pairs": [of_one_class | pair | {"whole_b": 4.5, "frame_b": 4.5}],
        "num_films": 49,
        "num_estimated": 0,
        "num_composites": 184,
    }


def drawn(dataset) -> AppTest:
    app = AppTest.from_function(page, args=(str(dataset),), default_timeout=60).run()
    assert not app.exception
    return app


def text_of(app) -> str:
    return " ".join(element.value for element in [*app.markdown, *app.caption, *app.warning]).replace("\\", "")


def pictures(app) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def test_transplant_can_be_asked_for_before_it_is_done(dataset, engine):
    drawn(dataset).button(key="audit_transplant_ask").click().run()
    (run,) = RunStore().list()
    assert load_audit(run).parts == ("transplant",)


def test_answers_wait_for_a_guess_and_are_compared_with_it(dataset):
    audit_of(dataset, "transplant", found())
    app = drawn(dataset)
    assert "68" not in text_of(app) and pictures(app).count("<b>?</b>") == 2 and "0.98" in pictures(app)
    app.slider(key="audit_transplant_guess").set_value(30).run()
    app.button(key="audit_transplant_show").click().run()
    said = text_of(app)
    assert "Guessed: 30 % with the frame. Measured: 68" in said and "outside the interval" in said
    assert "goes with the frame (95 % interval 60 to 79)" in said and "may be 3 points too high" in said
    assert "?</b>" not in pictures(app) and "0.73" in pictures(app)
    app.button(key="audit_transplant_hide").click().run()
    assert "Guessed" not in text_of(app) and pictures(app).count("<b>?</b>") == 2


def test_partners_are_those_that_were_read_with_the_first_xray(dataset):
    audit_of(dataset, "transplant", found())
    app = drawn(dataset)
    assert len(app.selectbox(key="audit_transplant_b").options) == 2
    app.selectbox(key="audit_transplant_a").select_index(1).run()
    assert len(app.selectbox(key="audit_transplant_b").options) == 1 and not app.exception


def test_control_pairs_are_told_in_logits(dataset):
    audit_of(dataset, "transplant", found())
    app = drawn(dataset)
    app.button(key="audit_transplant_show").click().run()
    assert "70 % goes with the frame" in text_of(app)
    app.selectbox(key="audit_transplant_kind").set_value(CONTROL).run()
    assert "The lungs of B move A by −3.0 logits" in text_of(app)


def test_bar_stays_inside_and_says_what_it_shows():
    frame = estimate(1.04, 0.95, 1.1)
    assert shares_bar(frame, guess=0.5).data[1].x == (1.0,)
    assert describe_bar(frame) == "Frame 104 %, lungs −4 %; 95 % interval of the frame 95 % to 110 %."
