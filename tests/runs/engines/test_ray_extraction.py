"""Shards of a run that fail or are stopped, with a stand-in for the cluster."""

import asyncio
from concurrent.futures import Future
from dataclasses import dataclass, field

import pytest

from covidlab.config import TrainingConfig
from covidlab.errors import RunError
from covidlab.runs.engines import ray_extraction
from covidlab.runs.engines.ray_cluster import Node
from covidlab.runs.engines.ray_extraction import Extraction
from covidlab.runs.jobs import EngineName
from covidlab.runs.store import RunStore

pytest.importorskip("ray", reason="Ray is not installed: pip install -r requirements-ray.txt")

CONFIG = TrainingConfig(dataset="set")


@dataclass
class Shard:
    """A shard of one X-ray; the whole is two of them."""

    config: TrainingConfig = CONFIG
    views: dict = field(default_factory=lambda: {0: (0,)})
    num_passes: int = 2

    def packs(self):
        return None

    def still_missing(self):
        return self

    def shards(self, num_films):
        return [Shard(), Shard()]


@dataclass
class Reference:
    """A task that ends when the test says."""

    result: Future = field(default_factory=Future)

    def future(self):
        return self.result


class StandIn:
    """A cluster of one node."""

    def __init__(self):
        self.tasks, self.cancelled = [], []

    def nodes(self):
        return [Node(id="a", name="a", cpus=1.0, gpus=0.0, memory=1e10)]

    def submit(self, *values, **named):
        self.tasks.append(Reference())
        return self.tasks[-1]

    def cancel(self, reference, *, force):
        self.cancelled.append(reference)


@pytest.fixture
def extraction(monkeypatch):
    async def keep(self, shard, folder):
        merged.append(folder)

    merged = []
    monkeypatch.setattr(ray_extraction, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(Extraction, "_merge", keep)
    monkeypatch.setattr(Extraction, "_say", lambda self, num_passes: None)
    extraction = Extraction(RunStore().create(CONFIG, engine=EngineName.RAY), Shard(), StandIn())
    extraction.merged = merged
    return extraction


async def complete(extraction, happens):
    """What the extraction comes to where, once its two shards are handed out, something happens."""
    work = asyncio.create_task(extraction.complete())
    while len(extraction._cluster.tasks) < 2:
        await asyncio.sleep(0)
    happens()
    return await work


def test_shard_that_fails_ends_the_others_whose_passes_are_kept(extraction):
    cluster = extraction._cluster

    def fail():
        cluster.tasks[0].result.set_exception(RunError("No memory."))

    with pytest.raises(RunError, match="No memory"):
        asyncio.run(complete(extraction, fail))
    assert cluster.cancelled == [cluster.tasks[1]]
    assert len(extraction.merged) == 2


def test_stop_ends_all_shards(extraction):
    assert asyncio.run(complete(extraction, extraction._run.request_stop)) is False
    assert len(extraction._cluster.cancelled) == 2


def test_shards_that_are_done_are_all_merged(extraction):
    def finish():
        for task in extraction._cluster.tasks:
            task.result.set_result(1)

    assert asyncio.run(complete(extraction, finish)) is True
    assert len(extraction.merged) == 2 and extraction._cluster.cancelled == []
