"""Cross-validation on Audit: before it is done, its figures, its charts, and what Start asks for."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.runs.audits import load_audit
from covidlab.runs.store import RunStore
from covidlab.ui.audit.folds_charts import comparison_chart, ordered, permutation_chart, xrays_chart
from tests.ui.audit.made_up import audit_of, folds_found


def page(folder):
    from pathlib import Path

    from covidlab.data.catalog import load_catalog
    from covidlab.ui.audit.audited import Audited
    from covidlab.ui.audit.folds import draw_folds

    draw_folds(Audited(catalog=load_catalog(Path(folder)), run=None))


@pytest.fixture
def dataset(make_dataset):
    return make_dataset({"covid": 6, "normal": 6}, films_per_patient=2)


def drawn(dataset) -> AppTest:
    app = AppTest.from_function(page, args=(str(dataset),), default_timeout=60).run()
    assert not app.exception
    return app


def text_of(app) -> str:
    return " ".join(element.value for element in [*app.markdown, *app.caption, *app.warning]).replace("\\", "")


def test_folds_before_they_are_done_say_what_they_show_and_can_be_asked_for(dataset, engine):
    app = drawn(dataset)
    assert "not learned from" in text_of(app) and app.button(key="audit_folds").label == "Cross-validate"
    app.slider(key="audit_repeats").set_value(20).run()
    app.button(key="audit_folds").click().run()
    (run,) = RunStore().list()
    assert load_audit(run).parts == ("folds",) and load_audit(run).repeats == 20


def test_folds_show_figures_with_interval_and_n_beside_the_split_by_image(dataset):
    audit_of(dataset, "folds", folds_found(dataset))
    app = drawn(dataset)
    said = text_of(app)
    assert "0.92 (95 % interval 0.81 to 0.97, n = 12)" in said and "not an interval" in said
    assert "3.6 of 5 on average" in said and "p = 0.001" in said
    assert app.table[0].value.iloc[0, 0] == "0.92 (0.81 to 0.97), n\u00a0=\u00a012"


def test_folds_say_how_many_patients_another_precision_needs(dataset):
    audit_of(dataset, "folds", folds_found(dataset))
    app = drawn(dataset)
    assert "141 patients" in text_of(app)
    app.select_slider(key="audit_precision").set_value(10).run()
    assert "141 patients" not in text_of(app) and "within 10 points" in text_of(app)


def test_folds_that_could_not_be_done_say_why(dataset):
    audit_of(dataset, "folds", None, error="There are too few patients.")
    assert "too few patients" in text_of(drawn(dataset))


def test_xrays_stand_with_their_patient_the_positive_class_first(dataset):
    found = folds_found(dataset)
    rows = ordered(found)
    assert [row["class"] for row in rows] == ["covid"] * 6 + ["normal"] * 6
    patients = [row["patient"] for row in rows]
    assert all(patients[place] == patients[place + 1] for place in range(0, 12, 2))
    named = [point[0] for trace in xrays_chart(found).data for point in trace.customdata]
    assert sorted(named) == sorted(row["file"] for row in found["xrays"])


def test_comparison_has_a_row_less_where_no_patient_was_left_out(dataset):
    found = folds_found(dataset)
    assert list(comparison_chart(found).layout.yaxis.ticktext)[1] == "one patient out"
    assert list(comparison_chart(found | {"one_out": None}).layout.yaxis.ticktext)[1] == "80/20 by image"


def test_permutations_are_all_in_the_chart(dataset):
    found = folds_found(dataset)
    assert sum(permutation_chart(found).data[0].y) == len(found["permutation"]["by_chance"])
    json.dumps(found)
