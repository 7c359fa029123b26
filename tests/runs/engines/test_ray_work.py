"""Chunks of trials and files to read whose node is lost, with a stand-in for Ray."""

from dataclasses import dataclass, field

import pytest

from covidlab.errors import RunError
from covidlab.prediction.file_answer import refused
from covidlab.prediction.file_reading import FileRead, Known
from covidlab.prediction.loading import ModelFile
from covidlab.runs.engines import ray_reading, ray_trials
from covidlab.runs.engines.ray_cluster import Need, Node
from covidlab.runs.engines.ray_reading import FILES_A_TASK, ClusterReading
from covidlab.runs.engines.ray_trials import Spread

pytest.importorskip("ray", reason="Ray is not installed: pip install -r requirements-ray.txt")


class Lost(Exception):
    """A node is gone."""


@dataclass
class StandIn:
    """Does what it is handed at once; the first ``lost`` tasks are lost."""

    lost: int = 0
    handed: list = field(default_factory=list)
    cancelled: list = field(default_factory=list)

    def connect(self):
        pass

    def nodes(self):
        return [Node(id=name, name=name, cpus=1.0, gpus=0.0, memory=1e10) for name in "ab"]

    def submit(self, function, *values, need, name):
        self.handed.append(values)
        return len(self.handed)

    def cancel(self, reference, *, force):
        self.cancelled.append(reference)

    def result(self, reference):
        if reference <= self.lost:
            raise Lost
        return self.handed[reference - 1]


@pytest.fixture
def make_cluster(monkeypatch):
    """Return a function that puts a stand-in in place of a cluster."""

    def make(result, **settings):
        cluster = StandIn(**settings)
        for module in (ray_reading, ray_trials):
            monkeypatch.setattr(module, "lost_errors", lambda: Lost)
        monkeypatch.setattr(ray_trials, "RayCluster", lambda: cluster)
        monkeypatch.setattr("ray.get", lambda reference: result(cluster.result(reference)))
        monkeypatch.setattr("ray.put", lambda values: values)
        monkeypatch.setattr("ray.wait", lambda references, timeout: (references, []))
        monkeypatch.setattr("ray.available_resources", lambda: {"CPU": 2.0})
        return cluster

    return make


def read(values):
    named, *_ = values
    return [FileRead(file=file, sha256="", answer=refused(file, "no")) for file in named]


def reading(cluster, tmp_path):
    return ClusterReading(cluster, ModelFile(path=tmp_path / "model.keras"), anyway=False, audit=())


def test_files_whose_node_is_lost_are_read_again_and_each_comes_once_in_order(make_cluster, tmp_path):
    files = [f"{number}.png" for number in range(3 * FILES_A_TASK + 1)]
    work = reading(make_cluster(read, lost=2), tmp_path)
    assert [each.file for each in work(files, Known())] == files
    assert work.num_lost == 2


def test_files_that_lose_every_node_end_with_one_sentence(make_cluster, tmp_path):
    work = reading(make_cluster(read, lost=99), tmp_path)
    with pytest.raises(RunError, match=r"were lost 4 times\..*Received: 0\.png"):
        list(work(["0.png"], Known()))


@dataclass
class Heads:
    """A batch of three chunks, of which the last learns more than heads."""

    num_films: int = 10

    @property
    def data(self):
        return self

    def is_deep(self, place):
        return place == 4


CHUNKS = ([0, 1], [2, 3], [4])


def tried(cluster, spread):
    """The places that were tried here and elsewhere."""
    here = []
    elsewhere = list(spread(Heads(), None, CHUNKS, here.extend, lambda: None))
    return here, elsewhere


def test_heads_of_a_small_set_stay_here_and_what_takes_long_goes_to_a_free_node(make_cluster):
    cluster = make_cluster(lambda values: values[1])
    assert tried(cluster, Spread(Need(), heads_from=1000)) == ([0, 1, 2, 3], [4])


def test_chunk_whose_node_is_lost_is_tried_again_and_every_trial_comes_once(make_cluster):
    cluster = make_cluster(lambda values: values[1], lost=1)
    spread = Spread(Need(), heads_from=1)
    here, elsewhere = tried(cluster, spread)
    assert sorted(here + elsewhere) == [0, 1, 2, 3, 4]
    assert spread.num_lost == 1 and here
    assert cluster.cancelled == []


def test_sweep_that_is_stopped_ends_what_is_done_elsewhere(make_cluster):
    cluster, stopped = make_cluster(lambda values: values[1]), RuntimeError("stopped")

    def stop():
        raise stopped

    with pytest.raises(RuntimeError, match="stopped"):
        list(Spread(Need(), heads_from=1000)(Heads(), None, CHUNKS, lambda places: None, stop))
    assert cluster.cancelled == [1]
