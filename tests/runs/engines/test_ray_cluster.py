"""A real cluster of two nodes on this machine, of which one is killed in the middle of whatever is under way.

The dispatcher is a process of its own, as beside the server. Tests share the cluster; where one has killed a node, the next one
begins while another joins.
"""

import hashlib
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from covidlab.config import TrainingConfig
from covidlab.evaluation.sweep_space import SweepConfig
from covidlab.files import read_json
from covidlab.learning.activations import open_pack
from covidlab.learning.backbones import find_backbone
from covidlab.paths import PROJECT_ROOT
from covidlab.runs.engines.ray import CLUSTER
from covidlab.runs.jobs import EngineName, Job
from covidlab.runs.store import RunStore
from covidlab.runs.trials import TRIALS, load_trials
from tests.homes import compute_once

pytest.importorskip("ray", reason="Ray is not installed: pip install -r requirements-ray.txt")
pytestmark = [pytest.mark.ray, pytest.mark.timeout(900), pytest.mark.filterwarnings("ignore::DeprecationWarning:ray")]

# Shards and chunks of heads that are small enough for a test.
DISPATCH = """
from covidlab.runs.engines import ray_dispatcher
from covidlab.runs.engines.ray_environment import Limits
ray_dispatcher.Limits = lambda: Limits(shard_from=16, heads_from=1)
ray_dispatcher.main()
"""


@dataclass
class TwoNodes:
    """A cluster, and what is needed to kill its nodes by name."""

    cluster: object
    home: Path
    nodes: dict = field(default_factory=dict)

    def add(self) -> None:
        from covidlab.runs.engines.ray_local import add_node

        name = f"node {len(self.nodes) + 1}"
        self.nodes[name] = add_node(self.cluster, name)

    def kill(self, name: str) -> None:
        """As a machine that loses its power; another one joins by and by."""
        self.cluster.remove_node(self.nodes[name], allow_graceful=False)
        self.add()

    def others(self, name: str) -> set[str]:
        return set((read_json(self.home / CLUSTER) or {}).get("nodes", ())) - {name}


@pytest.fixture(scope="module")
def two_nodes(tmp_path_factory, activations_of_all_tests):
    from covidlab.runs.engines.ray_local import local_cluster

    home = tmp_path_factory.mktemp("ray-home")
    compute_once(home, activations_of_all_tests)
    with local_cluster(num_nodes=0) as cluster:
        found = TwoNodes(cluster, home)
        found.add()
        found.add()
        settings = {"COVIDLAB_HOME": str(home), "COVIDLAB_ENGINE": "ray", "RAY_ADDRESS": cluster.address}
        command = [sys.executable, "-c", DISPATCH]
        with open(home / "dispatcher.log", "wb") as log:
            dispatcher = subprocess.Popen(
                command, cwd=PROJECT_ROOT, env={**os.environ, **settings}, stdout=log, stderr=log
            )
        yield found
        dispatcher.terminate()
        dispatcher.wait(30)


@pytest.fixture
def ray_home(two_nodes, monkeypatch):
    """The home whose runs the dispatcher takes."""
    monkeypatch.setenv("COVIDLAB_HOME", str(two_nodes.home))
    wait_for(lambda: len(two_nodes.others("")) >= 2)
    return two_nodes.home


def wait_for(condition, *, seconds=400):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.05)


def ended(run):
    wait_for(lambda: run.status().state.has_ended)
    return run.status()


def lines_of(run, name):
    return (run.path / name).read_text().splitlines()


@pytest.mark.usefixtures("ray_home")
def test_node_killed_in_an_extraction_every_activation_is_kept_once(two_nodes, make_dataset):
    films = make_dataset({"covid": 8, "normal": 8}, size=(101, 83))
    config = TrainingConfig(dataset=str(films), epochs=2, views=1)
    run = RunStore().create(config, engine=EngineName.RAY)
    index = open_pack(find_backbone("vgg16"), config_preset(config), fine_tune="head").folder / "index.csv"
    before = len(index.read_text().splitlines()) if index.exists() else 0
    # The first shard of four is merged: both nodes work on others.
    wait_for(lambda: index.exists() and len(index.read_text().splitlines()) > before)
    two_nodes.kill(sorted(two_nodes.others(""))[0])
    assert ended(run).state == "finished", run.status().reason
    said = next(line for line in lines_of(run, "log.txt") if "shard" in line)
    print(said)
    assert re.search(r"16 activations computed in 4 shards; 1 node lost meanwhile, 0 computed twice", said)
    # Tests in other processes add to the same pack meanwhile.
    own = {hashlib.sha256(path.read_bytes()).hexdigest() for path in films.rglob("*") if path.is_file()}
    keys = [tuple(line.split(",")[1:3]) for line in index.read_text().splitlines()[before:]]
    keys = [key for key in keys if key[0] in own]
    assert len(keys) == len(set(keys)) == 16
    assert run.report()["prepared"]["num_views"] == 0


@pytest.mark.usefixtures("ray_home")
def test_node_killed_in_a_run_another_goes_on_from_the_last_checkpoint(two_nodes, make_dataset):
    config = TrainingConfig(dataset=str(make_dataset({"covid": 3, "normal": 3})), epochs=120, views=1)
    run = RunStore().create(config, engine=EngineName.RAY)
    wait_for(lambda: run.status().epoch >= 20 and (run.path / "checkpoint.npz").exists())
    first = run.status().node
    two_nodes.kill(first)
    status = ended(run)
    assert (status.state, status.epoch) == ("finished", 120), status.reason
    assert status.node != first
    # Each epoch once, however often it was computed.
    assert run.history()["epoch"].tolist() == list(range(1, 121))
    resumed = int(re.search(r"resumes after epoch (\d+)", "\n".join(lines_of(run, "log.txt")))[1])
    lost_after = int(re.search(rf"after epoch (\d+): {first} was lost", "\n".join(lines_of(run, "log.txt")))[1])
    print(f"lost after epoch {lost_after}, resumed after epoch {resumed}, 120 lines")
    assert 0 <= lost_after - resumed <= 1 and resumed >= 19


@pytest.mark.usefixtures("ray_home")
def test_node_killed_in_a_sweep_every_trial_is_done_and_written_once(two_nodes, make_dataset):
    config = TrainingConfig(dataset=str(make_dataset({"covid": 3, "normal": 3})), views=1)
    sweep = SweepConfig(trials=14, sampler="tpe", batch_sizes=(4, 8), epochs=(5, 12))
    asked = {"sweep": sweep.to_dict()}
    run = RunStore().create(config, job=Job.SWEEP, engine=EngineName.RAY, asked=asked)
    wait_for(lambda: len(load_trials(run)) >= 3)
    first = run.status().node
    two_nodes.kill(first)
    assert ended(run).state == "finished", run.status().reason
    numbers = [int(line.split(",")[0]) for line in lines_of(run, TRIALS)[1:]]
    print(f"{len(numbers)} lines of {len(set(numbers))} trials")
    assert sorted(numbers) == list(range(1, 15))
    assert run.status().node != first


def config_preset(config):
    from covidlab.config import PRESETS

    return PRESETS[config.preset]
