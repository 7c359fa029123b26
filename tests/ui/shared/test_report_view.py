"""What a report shows is built once a run, and again where a file of the run is another."""

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from covidlab.data.patients import INTERVALS_WITHOUT_PATIENTS, PATIENTS_NOT_KNOWN
from covidlab.files import read_json, write_json
from covidlab.paths import PROJECT_ROOT
from covidlab.runs.store import RunStore
from covidlab.ui.shared import report_view as module
from covidlab.ui.shared.report_view import report_figures, report_view

VERSION1 = PROJECT_ROOT / "tests" / "formats" / "version1" / "home" / "runs"


@pytest.fixture
def run(covidlab_home):
    """A finished run with a report."""
    shutil.copytree(VERSION1, covidlab_home / "runs")
    return next(run for run in RunStore().list() if run.number == 1)


@pytest.fixture
def built(monkeypatch):
    """Ids of the runs whose report has been built, in order."""
    ids, build = [], module._build
    monkeypatch.setattr(module, "_build", lambda run, stamp: ids.append(run.id) or build(run, stamp))
    return ids


def test_view_says_what_the_report_says(run):
    view = report_view(run)
    assert view.split.startswith("Training: 12 X-rays. Validation: 4 X-rays of 2 patients.")
    assert "10 repeats of 4 folds" in view.crossed
    assert view.skipped == ""
    assert view.metrics["metric"].tolist() == ["Accuracy", "Sensitivity", "Specificity", "Precision", "F1", "AUC"]
    assert json.loads(view.text) == run.report()
    assert len(view.films) == 4
    assert view.films["of_truth"].is_monotonic_increasing


def test_charts_are_json_with_their_sentences_and_heights(run):
    view = report_view(run)
    figures = json.loads(report_figures(run))
    assert set(figures) == set(view.charts) == {"metrics", "roc"}
    for name, chart in view.charts.items():
        assert figures[name]["layout"]["height"] == chart.height > 100
        assert "template" not in figures[name]["layout"]
        assert chart.alt.endswith(".")
    assert "4 of 4" in view.confusion_text


def test_roc_curve_that_an_earlier_version_did_not_write_comes_from_the_predictions(run):
    assert "roc" not in run.report()
    (curve, chance) = report_view(run).charts["roc"].values["data"]
    assert (curve["x"][0], curve["y"][0], curve["x"][-1], curve["y"][-1]) == (0, 0, 1, 1)
    assert max(curve["y"]) == 1 and chance["name"] == "chance"


def test_roc_curve_that_the_report_holds_is_drawn(run):
    roc = {"false_positive_rate": [0.0, 0.25, 1.0], "true_positive_rate": [0.0, 0.75, 1.0]}
    write_json(run.path / "report.json", {**run.report(), "roc": roc})
    curve = report_view(run).charts["roc"].values["data"][0]
    assert (list(curve["x"]), list(curve["y"])) == ([0.0, 0.25, 1.0], [0.0, 0.75, 1.0])


def test_report_is_built_once_for_all_who_look_at_the_same_time(run, built):
    with ThreadPoolExecutor(8) as threads:
        views = list(threads.map(lambda _: report_view(run), range(24)))
    assert built == [run.id]
    assert all(view is views[0] for view in views)


def test_report_that_is_written_again_is_built_again_under_another_stamp(run, built):
    before = report_view(run)
    write_json(run.path / "report.json", {**run.report(), "cross_validation": {"skipped": "No time."}})
    after = report_view(run)
    assert len(built) == 2
    assert after.stamp != before.stamp
    assert (after.crossed, after.skipped) == ("", "No time.")


def test_run_without_a_report_has_no_view_until_it_has_one(run):
    report = (run.path / "report.json").read_text()
    (run.path / "report.json").unlink()
    assert report_view(run) is None
    assert report_figures(run) is None
    (run.path / "report.json").write_text(report)
    assert report_view(run) is not None


def test_report_of_today_is_drawn_without_the_libraries_that_weigh_most(run):
    # What a run of today writes down, version 0.1.0 left to whoever shows it.
    roc = {"false_positive_rate": [0.0, 0.0, 1.0], "true_positive_rate": [0.0, 1.0, 1.0]}
    write_json(run.path / "report.json", {**run.report(), "roc": roc})
    program = (
        "import sys; from covidlab.runs.store import RunStore; from covidlab.ui.shared.report_view import report_view; "
        f"report_view(RunStore().get({run.id!r})); print([name for name in ('scipy', 'sklearn', 'tensorflow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_view_of_unknown_patients_neither_counts_them_nor_says_they_are_apart(run):
    for name in ("run.json", "report.json"):
        values = read_json(run.path / name)
        write_json(run.path / name, {**values, "data": {**values["data"], "patients_known": False}})
    view = report_view(run)
    assert view.split == "Training: 12 X-rays. Validation: 4 X-rays."
    assert view.unknown == f"{PATIENTS_NOT_KNOWN} {INTERVALS_WITHOUT_PATIENTS}"
    assert "split by X-ray. Each X-ray is judged by models that did not train on it." in view.crossed
    assert json.loads(view.text)["data"]["num_patients"] is None


def test_view_says_what_one_answer_for_all_gives_and_which_x_rays_are_in_two_classes(run):
    view = report_view(run)
    assert (view.unknown, view.conflicts) == ("", "")
    assert view.answers.replace("\\", "") == "Always answering COVID-19 gives 0.50 (n = 4)."
    facts = run.load_facts()
    run.update_facts(data={**facts["data"], "conflicts": [["covid/a_b.png", "normal/c.png"]]})
    assert "covid/a_b.png and normal/c.png" in report_view(run).conflicts.replace("\\", "")
