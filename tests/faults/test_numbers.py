"""A loss that becomes infinite, memory that runs out, a clock that jumps: named, with what to try and what was learned kept."""

import time
from dataclasses import replace

import numpy as np
import pytest

from covidlab.config import PRESETS
from covidlab.data.catalog import load_catalog
from covidlab.learning.activations import open_pack
from covidlab.learning.backbones.vgg16 import BACKBONE
from covidlab.learning.modelfile import load_model
from covidlab.runs.execution import Execution
from covidlab.runs.store import RunStore
from tests.faults.training_children import fake_activations

pytestmark = pytest.mark.usefixtures("covidlab_home")


@pytest.fixture
def config(make_dataset):
    return fake_activations(make_dataset({"covid": 4, "normal": 4}))


def executed(config):
    run = RunStore().create(config)
    with run.locked():
        Execution(run).execute()
    return run


def test_absurd_rate_stops_the_run_keeps_the_last_finite_epoch_and_names_a_rate(config):
    catalog = load_catalog(config.dataset)
    pack = open_pack(BACKBONE, PRESETS["default"], fine_tune="head")
    # Every other epoch uses the second view, whose numbers are as large as a pack can hold.
    for number, sha256 in enumerate(catalog.films["sha256"]):
        pack.add([(sha256, 1)], np.full((1, 7, 7, 512), 60_000 - number, np.float16))
    run = executed(replace(config, views=2, epochs=20, batch_size=1, learning_rate=1.0, optimizer="sgd"))
    status = run.status()
    assert status.state == "failed"
    epochs = run.history()["epoch"].tolist()
    assert epochs == list(range(1, len(epochs) + 1)) != []
    said = f"The loss became infinite in epoch {len(epochs) + 1}: the learning rate 1 is too high. Try 0.1."
    assert status.reason == said
    model, _ = load_model(run.model_path)
    assert all(np.isfinite(array).all() for array in model.get_weights())


def test_memory_that_runs_out_is_named_with_a_smaller_batch_and_not_tried_again(config, monkeypatch):
    asked = []

    def train_batch(*_):
        asked.append(np.empty(1 << 60, np.uint8))

    monkeypatch.setattr("covidlab.learning.learners.HeadLearner.train_batch", train_batch)
    run = executed(config)
    assert run.status().state == "failed"
    assert run.status().reason.startswith("The memory ran out on ")
    assert run.status().reason.endswith(" Try a batch size of 2.")
    assert asked == []


def test_clock_that_moves_by_an_hour_changes_no_duration_and_no_heartbeat(config, monkeypatch):
    now = time.time
    run = RunStore().create(config)
    seen = []

    def jump(status) -> None:
        seen.append(run.status().state)
        monkeypatch.setattr(time, "time", lambda: now() + (3600 if len(seen) % 2 else -3600))

    with run.locked():
        Execution(run, on_status=jump).execute()
    assert set(seen) == {"running", "finished"}
    assert run.status().elapsed_seconds < 600
    assert run.history()["seconds"].between(0, 600).all()
