"""Runs as directories."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from covidlab.config import TrainingConfig
from covidlab.errors import RunError, UsageError
from covidlab.language import keeping_messages, speaking, tr
from covidlab.paths import PROJECT_ROOT
from covidlab.runs.status import State, Status
from covidlab.runs.status_text import describe_failure
from covidlab.runs.store import RunStore

CONFIG = TrainingConfig(dataset="somewhere", epochs=3)
ROW = {"loss": 0.5, "accuracy": 0.75, "val_loss": 0.4, "val_accuracy": 1.0, "seconds": 0.1}


# Holds the lock of a run until its input ends.
HOLD = """
import sys
from pathlib import Path
from covidlab.runs.store import Run

with Run(Path(sys.argv[1])).locked():
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "runs")


def test_create_run_is_queued_with_its_settings(store):
    run = store.create(CONFIG)
    assert (run.status().state, run.status().epochs) == ("queued", 3)
    assert store.get(run.id).load_config() == CONFIG


def test_create_out_of_range_leaves_nothing(store):
    with pytest.raises(UsageError, match=r"learning rate must lie between 0\.0000001 and 1\. Received: 5"):
        store.create(TrainingConfig(dataset="x", learning_rate=5.0))
    assert store.list() == []


def test_list_runs_newest_first_and_numbers_are_never_reused(store):
    first, second = store.create(CONFIG), store.create(CONFIG)
    assert [run.id for run in store.list()] == [second.id, first.id]
    second.request_stop()
    store.delete(second.id)
    assert store.create(CONFIG).number == 3


def test_get_unknown_run_is_refused(store):
    with pytest.raises(RunError, match="no run of this name"):
        store.get("0007-abcd")


def test_get_path_outside_the_store_is_refused(store, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    store.create(CONFIG)
    with pytest.raises(RunError, match="no run of this name"):
        store.get("../elsewhere")


def test_delete_active_run_is_refused(store):
    run = store.create(CONFIG)
    with pytest.raises(RunError, match="still active"):
        store.delete(run.id)


def test_request_stop_of_queued_run_stops_it_at_once(store):
    run = store.create(CONFIG)
    run.request_stop()
    assert run.status().state == "stopped"


def test_status_running_without_owner_is_interrupted(store):
    run = store.create(CONFIG)
    run.write_status(Status(state=State.RUNNING, epoch=2, epochs=3))
    assert run.status().state == "interrupted"
    assert "after epoch 2" in run.status().reason


def test_status_running_with_owner_is_running_then_stalled(store, monkeypatch):
    run = store.create(CONFIG)
    run.write_status(Status(state=State.RUNNING, epochs=3))
    # Not multiprocessing: its child would run the page again that Streamlit's test driver has left as the main module.
    command = [sys.executable, "-c", HOLD, str(run.path)]
    with subprocess.Popen(command, cwd=PROJECT_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"locked\n"
        assert run.status().state == "running"
        monkeypatch.setattr("covidlab.runs.store.STALLED_AFTER_SECONDS", -1)
        assert run.status().state == "stalled"


def test_status_of_a_dead_run_is_the_same_for_all_who_look_at_once(store):
    run = store.create(CONFIG)
    with run.locked():
        run.write_status(Status(state=State.RUNNING, epoch=2, epochs=3))
    with ThreadPoolExecutor(8) as viewers:
        seen = list(viewers.map(lambda _: run.status().state, range(400)))
    assert set(seen) == {State.INTERRUPTED}


def test_history_torn_last_line_is_skipped(store):
    run = store.create(CONFIG)
    run.append_history(epoch=1, **ROW)
    with open(run.path / "history.csv", "a") as file:
        file.write("2,0.4,0.8")
    assert run.history()["epoch"].tolist() == [1]
    run.append_history(epoch=2, **ROW)
    assert run.history()["epoch"].tolist() == [1, 2]


def test_forget_after_drops_later_epochs(store):
    run = store.create(CONFIG)
    for epoch in (1, 2, 3):
        run.append_history(epoch=epoch, **ROW)
    run.forget_after(1)
    assert run.history()["epoch"].tolist() == [1]


@pytest.mark.parametrize("name", ["run.json", "status.json"])
def test_damaged_run_is_shown_as_damaged_and_the_others_are_untouched(store, name):
    damaged, whole = store.create(CONFIG), store.create(CONFIG)
    (damaged.path / name).write_text('{"config": ')
    assert damaged.status().state == "damaged"
    assert [run.status().state for run in store.list()] == [whole.status().state, "damaged"]


@pytest.mark.parametrize("content", ["", "[]", '{"config": []}', '{"config": {"epochs": 3}}'])
def test_is_damaged_for_settings_that_cannot_be_read(store, content):
    run = store.create(CONFIG)
    assert not run.is_damaged()
    (run.path / "run.json").write_text(content)
    assert run.is_damaged()


def test_config_unknown_setting_is_ignored(store):
    run = store.create(CONFIG)
    facts = run.load_facts()
    facts["config"]["from_a_newer_version"] = 1
    (run.path / "run.json").write_text(json.dumps(facts))
    assert run.load_config() == CONFIG


def test_active_prefers_the_oldest_waiting_run(store):
    first, _ = store.create(CONFIG), store.create(CONFIG)
    assert store.active().id == first.id
    first.request_stop()
    assert store.active().number == 2


def test_status_with_a_sentence_that_has_values_is_said_in_the_language_of_who_reads(store):
    run = store.create(CONFIG)
    with keeping_messages():
        reason = tr("Stopped after epoch {epoch}.", epoch=3)
    with run.locked():
        run.write_status(Status(state=State.STOPPED, epoch=3, epochs=3, reason=reason))
    assert json.loads((run.path / "status.json").read_text())["reason"] == "Stopped after epoch 3."
    with speaking("de"):
        assert describe_failure(run.recorded_status()) == "Gestoppt nach Epoche 3."
