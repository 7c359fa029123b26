"""How far a run has come, on a preparation and a clock of the test."""

import numpy as np
import pytest

from covidlab.config import TrainingConfig
from covidlab.intervals import wilson_interval
from covidlab.learning.trainer import EpochResult, StepResult
from covidlab.runs.progress import Progress
from covidlab.runs.remaining import Expected
from covidlab.runs.status import State, Status
from covidlab.runs.store import RunStore
from tests.runs.views import TenViews


@pytest.fixture
def seconds(monkeypatch):
    """The clock: a list whose only entry is the time."""
    now = [100.0]
    for module in ("progress", "remaining"):
        monkeypatch.setattr(f"covidlab.runs.{module}.monotonic_seconds", lambda: now[0])
    return now


@pytest.fixture
def run():
    return RunStore().create(TrainingConfig(dataset="films", epochs=4))


def progress_of(run, views, written=None):
    progress = Progress(run, epochs=4, on_status=(written if written is not None else []).append)
    what_comes = {
        "expected": Expected(epoch=7.0),
        "preparing": "preparing X-rays with VGG16",
        "validation_patients": list("abcdefghij"),
    }
    progress.expect(views, views=range(1), **what_comes)
    return progress


def step(number, *, epoch=1):
    return StepResult(epoch=epoch, step=number, steps=2, loss=0.5, accuracy=0.75)


def epoch(number, *, seconds):
    return EpochResult(
        epoch=number,
        loss=0.5,
        accuracy=0.75,
        val_loss=0.4,
        val_accuracy=1.0,
        seconds=seconds,
        val_right=np.ones(10, bool),
    )


def test_write_counts_the_seconds_of_an_interrupted_part_and_not_the_waiting(run, seconds):
    run.write_status(Status(state=State.QUEUED, elapsed_seconds=30.0))
    progress = Progress(run, epochs=4, on_status=lambda status: None)
    seconds[0] += 5
    progress.write()
    assert run.recorded_status().elapsed_seconds == 35.0
    assert progress.clock.elapsed_here() == 5.0


def test_steps_are_written_now_and_then_and_with_their_epoch(run, seconds):
    written = []
    progress = progress_of(run, TenViews(num_computed=10), written)
    progress.write()
    progress.add_step(step(1))
    assert (len(run.steps()), len(written)) == (0, 1)
    seconds[0] += 1
    progress.add_step(step(2))
    assert run.steps()["position"].tolist() == [0.5, 1.0]
    assert (written[-1].step, written[-1].steps, written[-1].position) == (2, 2, 1.0)
    progress.add_step(step(1, epoch=2))
    progress.add_epoch(epoch(2, seconds=1.0))
    assert run.steps()["step"].tolist() == [1, 2, 3]
    assert run.history()["epoch"].tolist() == [2]
    assert run.recorded_status().epoch == 2


def test_phase_says_whether_views_were_prepared_since_the_last_status(run, seconds):
    views, written = TenViews(num_computed=1), []
    progress = progress_of(run, views, written)
    for _ in range(2):
        seconds[0] += 1
        progress.add_step(step(1))
    assert [status.phase for status in written] == ["preparing X-rays with VGG16", "training"]


def test_epoch_is_written_with_the_interval_of_its_validation_accuracy(run, seconds):
    progress_of(run, TenViews(10)).add_epoch(epoch(1, seconds=1.0))
    written = run.history().iloc[0]
    assert (written["val_accuracy_low"], written["val_accuracy_high"]) == pytest.approx(wilson_interval(10, 10))
