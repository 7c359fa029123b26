"""The engine of a cluster without a cluster: what pages see, sizes of tasks, leases; tests/runs/engines/test_ray_cluster.py has nodes."""

import subprocess
import sys
from dataclasses import asdict, replace

import pytest

from covidlab.config import TrainingConfig
from covidlab.errors import RunError
from covidlab.files import write_json
from covidlab.paths import PROJECT_ROOT
from covidlab.runs.engines import chosen_engine, ray_cluster
from covidlab.runs.engines.base import Description
from covidlab.runs.engines.ray import CLUSTER, RayEngine
from covidlab.runs.engines.ray_cluster import MOST_CPUS, TASK_BYTES, Need, Node, RayCluster, need_of, slots_of
from covidlab.runs.engines.ray_lease import LeasedRun, LeaseLost, new_lease
from covidlab.runs.jobs import EngineName
from covidlab.runs.recovery import MAX_RESUMES, may_resume, recover
from covidlab.runs.status import State
from covidlab.runs.status_text import describe_progress
from covidlab.runs.store import RunStore

CONFIG = TrainingConfig(dataset="somewhere", epochs=3)


@pytest.fixture
def run():
    return RunStore().create(CONFIG, engine=EngineName.RAY)


def node(name="one", *, cpus=16.0, gpus=0.0, memory=1e11):
    return Node(id=name, name=name, cpus=cpus, gpus=gpus, memory=memory)


def test_server_with_the_engine_of_a_cluster_imports_neither_ray_nor_tensorflow(monkeypatch):
    code = (
        "import sys; from covidlab.runs.engines import chosen_engine; chosen_engine().describe(); "
        "print(*{'ray', 'tensorflow', 'scipy', 'sklearn'} & set(sys.modules))"
    )
    monkeypatch.setenv("COVIDLAB_ENGINE", "ray")
    assert subprocess.check_output([sys.executable, "-c", code], cwd=PROJECT_ROOT).strip() == b""


def test_dispatcher_imports_no_tensorflow():
    code = "import sys; import covidlab.runs.engines.ray_dispatcher; print(*{'tensorflow', 'scipy'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], cwd=PROJECT_ROOT).strip() == b""


def test_engine_without_ray_says_how_to_install_it(monkeypatch, run):
    monkeypatch.setenv("COVIDLAB_ENGINE", "ray")
    monkeypatch.setattr(ray_cluster, "find_spec", lambda name: None)
    with pytest.raises(RunError, match=r"Ray is not installed here\. Install it with `pip install -r requirements-ray"):
        chosen_engine().submit(run)
    assert run.status().state is State.QUEUED


def test_engine_says_what_the_dispatcher_wrote_of_the_cluster(covidlab_home):
    assert RayEngine().describe() == Description()
    write_json(covidlab_home / CLUSTER, asdict(Description(device="2 nodes, 2 CPUs", warm=True, nodes=("a", "b"))))
    said = RayEngine().describe()
    assert (said.device, list(said.nodes)) == ("2 nodes, 2 CPUs", ["a", "b"])


def test_cluster_that_does_not_answer_is_one_plain_sentence():
    pytest.importorskip("ray")
    with pytest.raises(RunError, match=r"No Ray cluster answers.* Received: 127\.0\.0\.1:1\."):
        RayCluster("127.0.0.1:1").connect()


@pytest.mark.parametrize(
    ("nodes", "device", "need", "slots"),
    [
        ([node(cpus=1.0)] * 2, "auto", Need(cpus=1.0), 2),
        ([node(cpus=64.0)], "auto", Need(cpus=MOST_CPUS), 8),
        ([node(cpus=32.0, gpus=8.0), node(cpus=16.0)], "auto", Need(cpus=4.0, gpus=1.0), 8),
        ([node(cpus=32.0, gpus=8.0)], "cpu", Need(cpus=MOST_CPUS), 4),
        ([node(cpus=2.0, memory=1e9)], "auto", Need(cpus=2.0, memory=1e9), 1),
        ([], "auto", Need(), 0),
    ],
)
def test_need_of_a_task_follows_the_nodes(nodes, device, need, slots):
    assert need_of(nodes, device=device) == need
    assert slots_of(nodes, need) == slots
    assert need.memory <= TASK_BYTES


def test_attempt_whose_lease_was_given_to_another_writes_nothing_more(run):
    first = LeasedRun(run.path, lease=new_lease(run), node="node 1")
    first.write_status(replace(run.recorded_status(), state=State.RUNNING, epoch=1))
    first.append_history(epoch=1, loss=0.5, accuracy=0.5, val_loss=0.5, val_accuracy=0.5, seconds=0.1)
    second = LeasedRun(run.path, lease=new_lease(run), node="node 2")
    for write in (
        lambda: first.write_status(first.recorded_status()),
        lambda: first.append_history(epoch=2),
        lambda: first.append_steps([{}]),
        lambda: first.update_facts(late=True),
        lambda: first.write_report({}),
        lambda: first.log("late"),
        lambda: first.forget_after(0),
        first.require_lease,
    ):
        with pytest.raises(LeaseLost, match=first.lease):
            write()
    assert (len(run.history()), run.report(), "late" in run.load_facts()) == (1, None, False)
    second.require_lease()


def test_status_of_a_run_on_a_node_names_the_node_and_no_process(run):
    leased = LeasedRun(run.path, lease=new_lease(run), node="node 2")
    leased.write_status(replace(run.recorded_status(), state=State.RUNNING, phase="training", epoch=1))
    status = run.recorded_status()
    assert describe_progress(status) == "Epoch 2 of 3 · training · on node 2"
    assert describe_progress(replace(status, device="GPU 7")).endswith("on node 2, GPU 7")
    assert (status.owner["node"], "pid" in status.owner) == ("node 2", False)


def test_run_of_a_cluster_that_nobody_holds_is_left_to_the_dispatcher(run):
    run.write_status(replace(run.recorded_status(), state=State.RUNNING, epoch=2))
    assert recover(run, engine=EngineName.LOCAL) is State.INTERRUPTED
    assert run.recorded_status().state is State.RUNNING
    assert recover(run, engine=EngineName.RAY) is State.QUEUED
    assert "Interrupted after epoch 2." in (run.path / "log.txt").read_text()


def test_run_that_loses_every_node_is_given_up(run):
    assert [may_resume(run) for _ in range(MAX_RESUMES + 1)] == [True] * MAX_RESUMES + [False]
    assert run.load_facts()["resumes"] == MAX_RESUMES
