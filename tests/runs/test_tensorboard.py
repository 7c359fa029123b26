"""Events of a run, read again by TensorBoard's own reader."""

import sys

import pytest

from covidlab.runs.tensorboard import FOLDER, EventLog, tensorboard_command

FIGURES = {"loss": 0.5, "val_loss": 0.25, "accuracy": 0.75, "val_accuracy": 1.0}


def scalars(run_path) -> dict[str, list[tuple[int, float]]]:
    """Step and value of each point by tag, as TensorBoard shows them."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(run_path / FOLDER)).Reload()
    return {tag: [(each.step, each.value) for each in events.Scalars(tag)] for tag in events.Tags()["scalars"]}


def test_events_hold_the_curves_of_each_epoch(tmp_path):
    log = EventLog(tmp_path)
    for epoch in (1, 2):
        log.add(epoch, {**FIGURES, "loss": 1 / epoch})
    found = scalars(tmp_path)
    assert found["loss/training"] == [(1, 1.0), (2, 0.5)]
    assert found["accuracy/validation"] == [(1, 1.0), (2, 1.0)]


def test_events_of_a_resumed_run_replace_those_of_the_epoch_done_twice(tmp_path):
    for begins, loss in ((1, 1.0), (2, 0.25)):
        log = EventLog(tmp_path)
        for epoch in (begins, begins + 1):
            log.add(epoch, {**FIGURES, "loss": loss})
    assert scalars(tmp_path)["loss/training"] == [(1, 1.0), (2, 0.25), (3, 0.25)]


def test_events_name_no_machine(tmp_path):
    import socket

    log = EventLog(tmp_path)
    log.add(1, FIGURES)
    (file,) = (tmp_path / FOLDER).iterdir()
    assert socket.gethostname() not in file.name
    assert socket.gethostname().encode() not in file.read_bytes()


@pytest.mark.parametrize("missing", ["the package", "the folder"])
def test_events_that_cannot_be_written_hold_no_run_up(tmp_path, monkeypatch, missing):
    if missing == "the package":
        monkeypatch.setitem(sys.modules, "tensorboard.compat.proto.event_pb2", None)
    log = EventLog(tmp_path if missing == "the package" else tmp_path / "gone")
    log.add(1, FIGURES)
    log.add(2, FIGURES)
    assert list(tmp_path.iterdir()) == []


def test_command_names_the_folder_of_all_runs_where_there_are_events(tmp_path):
    run = tmp_path / "my runs" / "0001-ab"
    run.mkdir(parents=True)
    assert tensorboard_command(run) == ""
    EventLog(run).add(1, FIGURES)
    assert tensorboard_command(run) == f"tensorboard --logdir '{tmp_path}/my runs'"
