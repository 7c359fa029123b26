"""Calibration on Audit: before it is done, what follows a cost and a prevalence, and what its charts hold."""

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.audit.calibrated_points import decision_points, predictive_points
from covidlab.runs.audits import load_audit
from covidlab.runs.store import RunStore
from covidlab.ui.audit.calibration_charts import decision_chart, predictive_chart, reliability_chart
from tests.ui.audit.made_up import audit_of, metric


def page(folder):
    from pathlib import Path

    from covidlab.data.catalog import load_catalog
    from covidlab.ui.audit.audited import Audited
    from covidlab.ui.audit.calibration import draw_calibration

    draw_calibration(Audited(catalog=load_catalog(Path(folder)), run=None))


@pytest.fixture
def dataset(make_dataset):
    return make_dataset({"covid": 2, "normal": 2})


def ratio(value, low, high):
    return {
        "value": value,
        "low": low,
        "high": high,
        "simel": [low, high],
        "method": "log method over X-rays",
        "has_half_added": False,
    }


def calls(sensitivity, specificity):
    """Calls with these shares, each known to a tenth."""
    return {
        "sensitivity": metric(sensitivity, sensitivity - 0.1, min(1.0, sensitivity + 0.1), 25),
        "specificity": metric(specificity, specificity - 0.1, min(1.0, specificity + 0.1), 25),
        "lr_positive": ratio(14.1, 3.1, 107.0),
        "lr_negative": ratio(0.103, 0.03, 0.34),
    }


def calibration_found(**changed):
    """What calibration could find of the fifty."""
    one = {"low": 0.8, "high": 1.0, "mean": 0.97, "share": metric(0.95, 0.78, 1.0, 26), "num_films": 20.7}
    bins = [{**one, "num_patients": 14}]
    difference = {"value": 0.005, "low": -0.001, "high": 0.01, "n": 50}
    thresholds = [{"threshold": each, **calls(1.0 - each / 5, 0.8 + each / 5)} for each in (0.1, 0.5, 0.9)]
    spread = {"median": 0.17, "lowest": 0.001, "highest": 0.74}
    return {
        "num_films": 50,
        "num_positive": 25,
        "num_patients": 37,
        "positive_class": "covid",
        "num_repeats": 10,
        "num_folds": 5,
        "temperature": {"median": 1.7, "lowest": 0.5, "highest": 4.8, "number": 50, "number_at_end": 0},
        "brier": {
            "before": metric(0.063, 0.03, 0.15, 50),
            "after": metric(0.068, 0.03, 0.15, 50),
            "constant": 0.25,
            "change": difference,
            "below_constant": metric(0.19, 0.1, 0.22, 50),
        },
        "reliability": {"before": bins, "after": bins},
        "usual": {"threshold": 0.5, **calls(0.9, 0.9)},
        "thresholds": thresholds,
        "thresholds_after": thresholds,
        "costs": [
            {"cost": cost, "threshold": spread, **calls(0.86, 0.86), "cost_each": 0.1, "saved": difference}
            for cost in (0.5, 1.0, 10.0)
        ],
        **changed,
    }


def drawn(dataset) -> AppTest:
    app = AppTest.from_function(page, args=(str(dataset),), default_timeout=60).run()
    assert not app.exception
    return app


def text_of(app) -> str:
    return " ".join(element.value for element in [*app.markdown, *app.caption, *app.warning]).replace("\\", "")


def test_calibration_before_it_is_done_says_what_it_shows_and_can_be_asked_for(dataset, engine):
    app = drawn(dataset)
    assert "how often X-rays with a probability" in text_of(app)
    app.button(key="audit_calibration").click().run()
    (run,) = RunStore().list()
    assert load_audit(run).parts == ("calibration",)


def test_calibration_that_could_not_be_done_says_why(dataset):
    audit_of(dataset, "calibration", None, error="Too few patients.")
    assert "Too few patients" in text_of(drawn(dataset))


def test_figures_stand_with_interval_n_and_what_they_hold_for(dataset):
    audit_of(dataset, "calibration", calibration_found())
    app = drawn(dataset)
    said = text_of(app)
    assert "0.06 (95 % interval 0.03 to 0.15, n = 50 X-rays of 37 patients)" in said
    assert "No difference can be seen with 37 patients" in said
    assert "Whether other X-rays are like them is not known" in said
    assert app.table[0].value.loc["Sensitivity"].tolist() == [
        "0.90 (0.80 to 1.00, n = 25)",
        "0.86 (0.76 to 0.96, n = 25)",
    ]
    assert app.table[0].value.loc["LR+"].tolist() == ["14 (3.1 to 110)"] * 2


def test_prevalence_and_cost_change_what_is_said(dataset):
    run = audit_of(dataset, "calibration", calibration_found())
    app = drawn(dataset)
    # As in FACTS: 24 of 100 at 5 %, 5.8 at 1 %.
    assert "about 24 (interval" in text_of(app)
    app.select_slider(key=f"audit_{run.id}_prevalence").set_value(0.01).run()
    assert "about 5.8 (interval" in text_of(app) and "At a prevalence of 1 %" in text_of(app)
    app.select_slider(key=f"audit_{run.id}_cost").set_value(10.0).run()
    assert "as bad as calling 10 others COVID-19" in text_of(app)


def test_a_count_of_zero_is_said(dataset):
    usual = {"threshold": 0.5, **calls(0.9, 0.9)}
    usual["lr_positive"]["has_half_added"] = True
    audit_of(dataset, "calibration", calibration_found(usual=usual))
    assert "A count was 0" in text_of(drawn(dataset))


def test_without_known_patients_no_interval_is_said_to_be_over_patients(dataset):
    audit_of(dataset, "calibration", calibration_found(num_patients=None))
    assert "over patients" not in text_of(drawn(dataset))


def test_reliability_chart_has_counts_and_intervals():
    figure = reliability_chart(calibration_found())
    model = next(trace for trace in figure.data if trace.name == "of the model")
    assert (model.x[0], model.y[0], model.error_y.array[0]) == (0.97, 0.95, pytest.approx(0.05))
    assert figure.layout.xaxis.ticktext[0] == "0.8 to 1.0<br>n = 20.7"


def test_decision_chart_has_the_net_benefit_and_acting_on_all():
    points = decision_points(calibration_found(), prevalence=0.5)
    figure = decision_chart(points, points, prevalence=0.5)
    lines = {trace.name: trace.y for trace in figure.data if trace.name}
    # At 50 %: half of the sensitivity less half of what is called in error.
    assert lines["model"][1] == pytest.approx(0.5 * 0.9 - 0.5 * 0.1)
    assert lines["act on every X-ray"][1] == pytest.approx(0.0)


def test_predictive_chart_leaves_out_what_is_not_defined():
    figures = calls(0.9, 1.0)
    figures["sensitivity"] = metric(0.0, 0.0, 0.1, 25)
    chart = predictive_chart([0.1, 0.5], predictive_points(figures, [0.1, 0.5]), name="COVID-19", chosen=0.1)
    assert [trace.name for trace in chart.data if trace.name] == ["NPV: does not, and is not COVID-19"]
