"""Training processes that are killed or stopped: what is lost, what is done twice, and that the end is the same."""

import os
import signal
import time

import numpy as np
import pytest

from covidlab.learning.modelcard import file_sha256
from covidlab.runs.checkpoint import load_checkpoint
from covidlab.runs.learning_record import load_record
from covidlab.runs.store import Run, RunStore
from tests.faults.training_children import fake_activations
from tests.homes import decide_for_float32

KILLS, SEED = 3, 7

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def config(make_dataset, shared_home, monkeypatch):
    monkeypatch.setenv("COVIDLAB_HOME", str(shared_home))
    decide_for_float32(shared_home)
    return fake_activations(make_dataset({"covid": 4, "normal": 4}))


def epochs_repeated(run: Run) -> int:
    """How many of the epochs a killed run has finished will be done again."""
    checkpoint = load_checkpoint(run.path / "checkpoint.npz")
    return len(run.history()) - (checkpoint[0] if checkpoint else 0)


def test_run_killed_at_random_writes_ends_as_an_undisturbed_one(children, config):
    store = RunStore()
    undisturbed, run = store.create(config), store.create(config)
    status, num_changes = children.execute(undisturbed)
    assert (status, undisturbed.status().state) == (0, "finished")
    generator = np.random.default_rng(SEED)
    for _ in range(KILLS):
        status, _ = children.execute(run, kill_at=int(generator.integers(num_changes // 10, num_changes // 4)))
        assert os.WTERMSIG(status) == signal.SIGKILL
        assert run.status().state == "interrupted"
        assert epochs_repeated(run) <= 1
    children.execute(run)
    assert run.status().state == "finished"
    assert run.history()["epoch"].tolist() == list(range(1, config.epochs + 1))
    assert run.load_facts()["model_sha256"] == file_sha256(run.model_path)
    record, expected = load_record(run), load_record(undisturbed)
    np.testing.assert_array_equal(record.probabilities, expected.probabilities)
    assert record.crossed.equals(expected.crossed)
    assert run.predictions().equals(undisturbed.predictions())


def test_run_killed_at_any_write_of_an_epoch_loses_and_doubles_nothing(children, make_dataset, tmp_path):
    make_dataset({"covid": 2, "normal": 2})
    found = children.kill_every_write(tmp_path)
    assert found["wrong"] == []
    # Half and whole of each write, each flush and both sides of each rename.
    assert found["kills"] > 15


def test_run_that_is_stopped_by_the_system_is_stalled_and_goes_on(children, config, monkeypatch):
    run = RunStore().create(config)
    pid = children.begin(run)
    while run.status().state != "running":
        time.sleep(0.01)
    os.kill(pid, signal.SIGSTOP)
    monkeypatch.setattr("covidlab.runs.store.STALLED_AFTER_SECONDS", 0.3)
    time.sleep(0.5)
    status = run.status()
    assert status.state == "stalled"
    assert status.reason.startswith("No heartbeat for ")
    os.kill(pid, signal.SIGCONT)
    assert children.wait()[0] == 0
    assert run.status().state == "finished"
