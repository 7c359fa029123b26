"""The line of a running run."""

import pytest

from covidlab.runs.status import State, Status
from covidlab.runs.status_text import describe_progress


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        (
            {"epoch": 0, "phase": "preparing X-rays with VGG16", "remaining_seconds": 18.2},
            "Epoch 1 of 25 · preparing X-rays with VGG16 · about 18 s left",
        ),
        ({"epoch": 24, "remaining_seconds": 0.3}, "Epoch 25 of 25 · training · less than a second left"),
        ({"epoch": 25, "phase": "evaluating", "remaining_seconds": None}, "Epoch 25 of 25 · evaluating"),
    ],
)
def test_describe_progress_names_epoch_phase_and_time_left(facts, line):
    status = Status(**{"state": State.RUNNING, "phase": "training", "epochs": 25, **facts})
    assert describe_progress(status) == line


def test_describe_progress_without_a_phase_names_the_state():
    assert describe_progress(Status(state=State.QUEUED, epochs=3)) == "Epoch 1 of 3 · queued"
