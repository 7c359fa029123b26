"""What a run took and where it computed, in words."""

import shutil

import pytest

from covidlab.data.patients import INTERVALS_WITHOUT_PATIENTS, PATIENTS_NOT_KNOWN
from covidlab.files import read_json, write_json
from covidlab.paths import PROJECT_ROOT
from covidlab.runs.report_text import (
    describe_answers,
    describe_device,
    describe_patients,
    describe_times,
    describe_unused,
    report_lines,
)
from covidlab.runs.store import RunStore

SECONDS = {"total": 25.0, "activations": 23.4, "training": 0.41}
PREPARED = {"num_views": 150, "num_films": 50}


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        (
            {"seconds": SECONDS, "prepared": PREPARED},
            "Trained in 0.4 s; prepared 150 views of 50 X-rays in 23 s, once.",
        ),
        ({"seconds": {**SECONDS, "activations": 0}, "prepared": {"num_views": 0, "num_films": 0}}, "Trained in 0.4 s."),
        ({"seconds": SECONDS}, "Trained in 0.4 s; prepared the X-rays in 23 s, once."),
        (
            {"seconds": {"training": 130, "activations": 2.04}, "prepared": {"num_views": 1, "num_films": 1}},
            "Trained in 2 min; prepared 1 view of 1 X-ray in 2.0 s, once.",
        ),
        ({}, ""),
    ],
)
def test_describe_times_tells_training_from_preparing(report, sentence):
    assert describe_times(report) == sentence


def test_describe_device_names_the_precision_where_the_run_wrote_it_down():
    assert describe_device({"device": "CPU (AMD EPYC, 2 cores)", "precision": "bfloat16"}) == (
        "bfloat16 on CPU (AMD EPYC, 2 cores)"
    )
    report = {"device": "CPU", "computed_in": "float32", "precision": {"value": 0.9}}
    assert describe_device(report) == "float32 on CPU"
    assert describe_device({"device": "CPU", "precision": {"value": 0.9}}) == "CPU"
    assert describe_device({"device": "CPU (AMD EPYC, 2 cores)"}) == "CPU (AMD EPYC, 2 cores)"


@pytest.mark.parametrize(
    ("confusion", "sentence"),
    [
        ([[0, 1], [0, 19]], "Every X-ray was called non-COVID; that alone gives 0.95 here."),
        (
            [[1, 0], [19, 0]],
            "Every X-ray was called COVID-19; that alone gives 0.05 here. Always answering non-COVID gives 0.95 (n = 20).",
        ),
        ([[3, 1], [2, 4]], "Always answering non-COVID gives 0.60 (n = 10)."),
        ([[0, 0], [0, 0]], ""),
        (None, ""),
    ],
)
def test_describe_answers_says_what_one_answer_for_all_gives(confusion, sentence):
    assert describe_answers({"classes": ["covid", "normal"], "confusion": confusion}) == sentence


@pytest.fixture
def earlier_run(covidlab_home):
    """A run of version 0.1.0 on X-rays whose patients were not known, with the numbers that it made up."""
    source = PROJECT_ROOT / "tests" / "formats" / "version1" / "home" / "runs" / "0002-2f8f"
    shutil.copytree(source, covidlab_home / "runs" / source.name)
    (run,) = RunStore().list()
    for name in ("run.json", "report.json"):
        values = read_json(run.path / name)
        write_json(run.path / name, {**values, "data": {**values["data"], "patients_known": False}})
    return run


def test_report_of_an_earlier_version_says_that_patients_are_not_known(earlier_run):
    text = "\n".join(report_lines(earlier_run))
    assert f"{PATIENTS_NOT_KNOWN} {INTERVALS_WITHOUT_PATIENTS}" in text
    assert "fold cross-validation split by X-ray:" in text
    assert "patient-grouped" not in text and "show a patient" not in text and "8 patients" not in text
    assert earlier_run.report()["data"]["num_patients"] is None
    assert earlier_run.report()["cross_validation"]["num_patients"] is None


def test_report_names_x_rays_in_two_classes_and_the_constant_answer(earlier_run):
    facts = earlier_run.load_facts()
    earlier_run.update_facts(data={**facts["data"], "conflicts": [["covid/a.png", "normal/b.png"]]})
    text = "\n".join(report_lines(earlier_run))
    assert "1 X-ray is in two classes: covid/a.png and normal/b.png." in text
    assert "Every X-ray was called COVID-19; that alone gives 0.33 here." in text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, ""),
        ({"patients_known": True, "num_patients": 1200}, "1,200"),
        ({"patients_known": False, "num_patients": None}, "not known"),
    ],
)
def test_describe_patients_counts_only_what_is_known(data, words):
    assert describe_patients(data) == words


def test_describe_unused_names_all_that_cannot_be_read_and_some_of_the_rest():
    names = [f"covid/{number}.png" for number in range(6)]
    left_out = [
        {"reason": "cannot be read", "number": 6, "examples": names},
        {"reason": "masks", "number": 6, "examples": names},
    ]
    assert describe_unused({"left_out": left_out}) == (
        f"Not used, cannot be read (6): {', '.join(names)}. Not used, masks (6): {', '.join(names[:3])}, 3 more."
    )
    assert describe_unused({}) == ""
