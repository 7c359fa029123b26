"""What the browser draws of a run at one moment."""

import json

import pytest

from covidlab.config import TrainingConfig
from covidlab.runs.status import State, Status
from covidlab.runs.store import RunStore
from covidlab.services.events import jsonable
from covidlab.services.live import Reader
from covidlab.ui.shared import run_drawing
from covidlab.ui.shared.run_drawing import draw_moment, page_state

ROW = {"loss": 0.5, "accuracy": 0.75, "val_loss": 0.4, "val_accuracy": 1.0, "seconds": 0.1}


@pytest.fixture
def run():
    run = RunStore().create(TrainingConfig(dataset="set", epochs=4))
    run.update_facts(data={"num_validation": 10})
    return run


def drawn(run) -> dict:
    return jsonable(draw_moment(Reader(run).look()))


def training(run, **status) -> dict:
    """What is drawn while the run trains."""
    with run.locked():
        run.write_status(Status(state=State.RUNNING, epochs=4, **status))
        return drawn(run)


def test_running_run_says_how_far_it_is(run):
    drawing = training(run, epoch=1, phase="training", position=1.5, remaining_seconds=12.0, device="CPU")
    assert drawing["state"] == "active"
    assert drawing["progress"] == {"position": 0.375, "text": "Epoch 2 of 4 · training · about 12 s left"}


def test_curves_and_their_sentences_are_those_of_the_history(run):
    for epoch in (1, 2):
        run.append_history(epoch=epoch, **ROW)
    drawing = training(run, epoch=2)
    validation = next(trace for trace in drawing["figures"]["accuracy"]["data"] if trace["name"] == "validation")
    assert validation["x"] == [1, 2]
    assert validation["y"] == [1.0, 1.0]
    assert drawing["alts"]["accuracy"].startswith("Validation accuracy after epoch 2 is 1.00 (95 % interval")


def test_drawing_is_json_without_a_template_and_small(run):
    run.append_history(epoch=1, **{**ROW, "val_loss": float("nan")})
    text = json.dumps(training(run, epoch=1), allow_nan=False)
    assert '"template"' not in text
    assert len(text) < 20_000


def test_curves_are_drawn_again_only_where_they_changed(run, monkeypatch):
    drawn_measures, chart = [], run_drawing.curves.history_chart
    monkeypatch.setattr(
        run_drawing.curves,
        "history_chart",
        lambda *args, **parts: drawn_measures.append(parts["measure"]) or chart(*args, **parts),
    )
    run.append_history(epoch=1, **{**ROW, "loss": 0.123})
    for position in (1.1, 1.2, 1.3):
        training(run, epoch=1, position=position)
    assert drawn_measures == ["accuracy", "loss"]
    run.append_history(epoch=2, **ROW)
    training(run, epoch=2, position=2.0)
    assert drawn_measures == ["accuracy", "loss"] * 2


def test_second_in_the_queue_waits_for_its_turn_and_the_first_for_the_trainer(run):
    second = RunStore().create(TrainingConfig(dataset="set"))
    assert "Waiting for the trainer" in drawn(run)["progress"]["text"]
    assert drawn(second)["progress"]["text"] == "Waiting for its turn."


def test_run_that_ended_before_its_first_step_has_no_charts(run):
    run.write_status(Status(state=State.FAILED, epochs=4))
    drawing = drawn(run)
    assert drawing["figures"] == {}
    assert drawing["progress"] is None
    assert drawing["ended"]


@pytest.mark.parametrize(("state", "seen"), [("queued", "active"), ("running", "active"), ("stalled", "stalled")])
def test_page_looks_the_same_while_a_run_waits_and_trains(state, seen):
    assert page_state(State(state)) == seen
