"""The probe inside each class on Audit: its button, its rows, and text of a table that stays text."""

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.runs.audits import load_audit
from covidlab.runs.store import RunStore
from covidlab.ui.audit.attributes_table import attributes_html, grouped
from tests.ui.audit.made_up import audit_of, metric


def page(folder):
    from pathlib import Path

    from covidlab.data.catalog import load_catalog
    from covidlab.ui.audit.attributes import draw_attributes
    from covidlab.ui.audit.audited import Audited

    draw_attributes(Audited(catalog=load_catalog(Path(folder)), run=None))


@pytest.fixture
def dataset(make_dataset):
    return make_dataset(films_per_patient=1)


def in_class(name: str, state: str, *values: str, **further) -> dict:
    counts = [{"value": value, "num_films": 6, "num_patients": 6} for value in values]
    films = 6 * len(counts)
    return {
        "class": name,
        "state": state,
        "num_films": films,
        "num_patients": films,
        "values": counts,
        "rare_films": 0,
    } | further


def found() -> dict:
    told = {"told": metric(0.81, 0.62, 0.93, 12), "p_value": 0.01, "adjusted": 0.01, "num_values": 2}
    return {
        "attributes": [
            {"column": "age_group", "kind": "coincides with the class", "classes": [in_class("covid", "constant", "adult"), in_class("normal", "constant", "child")]},
            {"column": "view_position", "kind": "within", "classes": [in_class("covid", "too few", "PA", rare_films=2), in_class("normal", "not stated")]},
            {"column": "<b>grid</b>", "kind": "within", "classes": [in_class("covid", "tested", "<i>yes</i>", "no", **told), in_class("normal", "not stated")]},
        ],
        "class_told": metric(0.93, 0.82, 0.99, 24),
        "num_tests": 1,
        "level": 0.05,
        "fewest_patients": 4,
        "num_permutations": 999,
        "num_patients": 24,
        "patients_known": True,
    }  # fmt: skip


def drawn(dataset) -> AppTest:
    app = AppTest.from_function(page, args=(str(dataset),), default_timeout=60).run()
    assert not app.exception
    return app


def test_attributes_can_be_asked_for_before_they_are_known(dataset, engine):
    app = drawn(dataset)
    app.button(key="audit_attributes_ask").click().run()
    (run,) = RunStore().list()
    assert load_audit(run).parts == ("attributes",)


def test_attributes_are_summed_up_and_their_limits_said(dataset):
    audit_of(dataset, "attributes", found())
    app = drawn(dataset)
    assert "coincide with the class\\: age group" in app.markdown[0].value
    assert "few patients tell little" in app.caption[0].value.replace("\\", "")


def test_table_has_a_bar_where_something_was_tested_and_words_where_not():
    html = attributes_html(found())
    assert html.count('class="told"') == 1 and "left: 81.0%" in html and "left: 50.0%" in html
    assert (
        "Can be read.</span> Balanced accuracy 0.81 (95 % interval 0.62 to 0.93, n = 12 X-rays of 12 patients" in html
    )
    assert "Not identifiable" in html and "PA 6, rarer values in 2 X-rays" in html


def test_words_of_a_table_of_somebody_stay_words():
    html = attributes_html(found())
    assert "<b>grid" not in html and "<i>yes" not in html and "&lt;i&gt;yes" in html


def test_tested_attributes_stand_first_and_those_nobody_can_tell_last():
    assert [[one["column"] for one in group] for group in grouped(found())] == [
        ["<b>grid</b>"],
        ["age_group"],
        ["view_position"],
    ]
