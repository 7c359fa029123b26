"""What a run keeps of how it learned, epoch by epoch."""

import numpy as np
import pytest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.data.splits import Split
from covidlab.runs.jobs import EngineName
from covidlab.runs.learning_record import EPOCH_HEADS, evenly, kept_epochs, load_epoch_heads, load_record
from covidlab.runs.recording import Recorder
from covidlab.runs.store import RunStore

SHAPES = [(4, 3), (3,), (3, 2), (2,)]


@pytest.fixture
def begun(make_dataset, covidlab_home):
    catalog = load_catalog(make_dataset({"covid": 2, "normal": 2}))
    config = TrainingConfig(dataset=str(catalog.root), epochs=4)
    run = RunStore().create(config, engine=EngineName.INLINE)
    split = Split(train=np.array([0, 1, 3]), validation=np.array([2]))
    return run, lambda: Recorder(run, catalog, split, config), catalog


def head(value):
    return [np.full(shape, value, np.float32) for shape in SHAPES]


def test_load_record_of_an_earlier_version_is_empty(begun):
    record = load_record(begun[0])
    assert (len(record.films), len(record.epochs), len(record.crossed)) == (0, 0, 0)
    assert load_epoch_heads(begun[0], SHAPES) == {}


def test_record_is_read_as_it_was_written(begun):
    run, recorder, catalog = begun
    writer = recorder()
    writer.add(0, np.array([0.5, 0.5, 0.5, 0.5]))
    writer.add(1, np.array([0.9, 0.8, 0.2, 0.125]))
    writer.add_crossed(1, np.array([[[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.9, 0.1]]] * 2))
    record = load_record(run)
    assert record.films["file"].tolist() == catalog.films["file"].tolist()
    assert record.films["side"].tolist() == ["training", "training", "validation", "training"]
    assert record.epochs.tolist() == [0, 1]
    np.testing.assert_allclose(record.probabilities[1], [0.9, 0.8, 0.2, 0.125])
    row = record.crossed.iloc[0]
    assert (row["epoch"], row["accuracy"], row["lowest"], row["highest"]) == (1, 0.75, 0.75, 0.75)
    assert row["low"] < 0.75 < row["high"]


def test_recorder_of_a_resumed_run_drops_what_comes_again(begun):
    run, recorder, _ = begun
    writer = recorder()
    for epoch in range(4):
        writer.add(epoch, np.full(4, epoch / 4))
        writer.add_head(epoch, head(epoch))
    again = recorder()
    again.forget_after(2)
    again.add(3, np.full(4, 1.0))
    again.add_head(3, head(7))
    record = load_record(run)
    assert record.epochs.tolist() == [0, 1, 2, 3]
    assert record.probabilities[-1].tolist() == [1.0] * 4
    assert load_epoch_heads(run, SHAPES)[3][0][0, 0] == 7


def test_load_epoch_heads_passes_over_half_a_record(begun):
    run, recorder, _ = begun
    writer = recorder()
    writer.add_head(0, head(1))
    with open(run.path / EPOCH_HEADS, "ab") as file:
        file.write(b"\1" * 11)
    assert list(load_epoch_heads(run, SHAPES)) == [0]
    writer.add_head(1, head(2))
    heads = load_epoch_heads(run, SHAPES)
    assert [array.shape for array in heads[1]] == SHAPES
    assert heads[1][2][0, 0] == 2


def test_kept_epochs_are_all_where_cheap_else_few_with_the_last():
    assert kept_epochs(25, is_cheap=True) == set(range(26))
    few = kept_epochs(25, is_cheap=False)
    assert {0, 25} <= few
    assert len(few) == 11
    assert evenly(3, 11) == {0, 1, 2, 3}
