"""The way of a report to another process and back."""

import json

from covidlab.imaging.receipt import Check, Verdict
from covidlab.prediction.xray_report import Interval, Nearest, XrayReport, report_from_values, report_values

REPORT = XrayReport(
    made_on="2026-11-26",
    version="0.2.0",
    picture=b"\xff\xd8picture",
    heatmap=b"\x89PNG",
    model="run 12",
    dataset="the curated fifty",
    num_films=50,
    checks=(Check("view", Verdict.WARN, "The view is not known."),),
    label="COVID-19",
    probability=Interval(value=0.83, low=None, high=None, n=0),
    limits=("Not of the set.",),
    about_map=("Trial of the map: passed.",),
    nearest=(Nearest(label="non-COVID", view="AP", age_group="child", distance=0.4),),
    figures=(("accuracy", Interval(value=0.91, low=0.8, high=0.96, n=50)),),
)


def test_report_from_values_gives_the_same_report():
    values, parts = report_values(REPORT)
    assert set(parts) == {"picture", "heatmap"}
    assert vars(report_from_values(json.loads(json.dumps(values)), parts)) == vars(REPORT)


def test_report_from_values_of_the_least_report_gives_the_same_report():
    least = XrayReport(made_on="", version="", picture=b"", model="", dataset="", num_films=0)
    assert vars(report_from_values(*report_values(least))) == vars(least)
