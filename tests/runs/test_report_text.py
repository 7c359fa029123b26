"""What a run took and where it computed, in words."""

import pytest

from covidlab.runs.report_text import describe_device, describe_times

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
