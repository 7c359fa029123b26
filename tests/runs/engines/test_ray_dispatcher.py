"""What the dispatcher does with runs, with a stand-in for the cluster: order, room, lost nodes, stops, leases."""

import asyncio
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

import pytest

from covidlab.config import TrainingConfig
from covidlab.runs.engines import ray_assignment
from covidlab.runs.engines.ray_cluster import Node
from covidlab.runs.engines.ray_dispatcher import Dispatcher
from covidlab.runs.engines.ray_environment import Limits
from covidlab.runs.engines.ray_lease import LeasedRun, LeaseLost
from covidlab.runs.engines.ray_tasks import Outcome
from covidlab.runs.jobs import EngineName
from covidlab.runs.recovery import MAX_RESUMES
from covidlab.runs.status import State
from covidlab.runs.store import Run, RunStore

exceptions = pytest.importorskip("ray", reason="Ray is not installed: pip install -r requirements-ray.txt").exceptions

CONFIG = TrainingConfig(dataset="somewhere", epochs=3)


@dataclass
class Reference:
    """A task that a test ends."""

    run: LeasedRun
    result: Future = field(default_factory=Future)

    def future(self):
        return self.result

    def write(self, **changes):
        self.run.write_status(replace(self.run.recorded_status(), **changes))

    def finish(self):
        self.write(state=State.FINISHED, epoch=3)
        self.result.set_result(Outcome(state=State.FINISHED))


@dataclass
class StandIn:
    """A cluster of nodes of one processor whose tasks do what the test says."""

    num_nodes: int = 1
    tasks: list[Reference] = field(default_factory=list)
    cancelled: list[Reference] = field(default_factory=list)

    def nodes(self):
        names = [f"node {number}" for number in range(1, self.num_nodes + 1)]
        return [Node(id=name, name=name, cpus=1.0, gpus=0.0, memory=1e10) for name in names]

    def submit(self, function, path, lease, *values, **named):
        self.tasks.append(Reference(LeasedRun(path, lease=lease, node=f"node {len(self.tasks) + 1}")))
        return self.tasks[-1]

    def cancel(self, reference, *, force=False):
        self.cancelled.append(reference)
        reference.result.set_exception(exceptions.TaskCancelledError())


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(ray_assignment, "LOOK_SECONDS", 0.01)


def create(number=1):
    return [RunStore().create(CONFIG, engine=EngineName.RAY) for _ in range(number)]


def states(runs):
    return [str(Run(run.path).status().state) for run in runs]


def finish_first(cluster):
    cluster.tasks[0].finish()


def dispatch(cluster, *acts):
    """Let a dispatcher work, and call each act between its steps once what it waits for has happened."""

    async def work():
        dispatcher = Dispatcher(RunStore(), cluster, Limits(shard_from=0))
        for act in acts:
            for _ in range(8):
                dispatcher._step()
                await asyncio.sleep(0.01)
            act()
        for _ in range(8):
            dispatcher._step()
            await asyncio.sleep(0.01)

    asyncio.run(work())


def test_as_many_runs_as_have_room_are_executed_at_once_oldest_first():
    runs, cluster = create(3), StandIn(num_nodes=2)
    dispatch(
        cluster,
        lambda: states(runs) == ["running", "running", "queued"] or pytest.fail(str(states(runs))),
        lambda: finish_first(cluster),
        lambda: [task.finish() for task in cluster.tasks[1:]],
    )
    assert states(runs) == ["finished"] * 3
    assert [task.run.number for task in cluster.tasks] == [1, 2, 3]


def test_run_whose_node_is_lost_goes_to_another_and_the_first_may_write_no_more():
    (run,), cluster = create(), StandIn()

    def lose():
        cluster.tasks[0].write(state=State.RUNNING, epoch=2)
        cluster.tasks[0].result.set_exception(exceptions.NodeDiedError("gone"))

    def write_late():
        with pytest.raises(LeaseLost, match=cluster.tasks[0].run.lease):
            cluster.tasks[0].write(epoch=3)
        cluster.tasks[1].finish()

    dispatch(cluster, lose, write_late)
    assert states([run]) == ["finished"]
    assert "Interrupted after epoch 2: node 1 was lost." in (run.path / "log.txt").read_text()
    assert (len(cluster.tasks), run.load_facts()["resumes"]) == (2, 1)


def test_run_that_had_ended_when_its_node_was_lost_is_not_done_again():
    (run,), cluster = create(), StandIn()

    def end_and_lose():
        cluster.tasks[0].write(state=State.FINISHED, epoch=3)
        cluster.tasks[0].result.set_exception(exceptions.NodeDiedError("gone"))

    dispatch(cluster, end_and_lose)
    assert (states([run]), len(cluster.tasks)) == (["finished"], 1)


def test_run_that_loses_every_node_ends_interrupted():
    (run,), cluster = create(), StandIn()
    lose = [
        lambda: cluster.tasks[-1].result.set_exception(exceptions.WorkerCrashedError()) for _ in range(MAX_RESUMES + 1)
    ]
    dispatch(cluster, *lose)
    assert run.status().state is State.INTERRUPTED and len(cluster.tasks) == MAX_RESUMES + 1
    assert run.status().reason.endswith("This has happened 4 times, so the run is not tried again.")


def test_run_that_is_stopped_before_a_node_has_it_ends_at_once():
    (run,), cluster = create(), StandIn()
    dispatch(cluster, run.request_stop)
    assert (states([run]), run.status().reason) == (["stopped"], "Stopped before it began.")
    assert cluster.cancelled == cluster.tasks


def test_task_that_ends_without_a_word_is_a_failed_run():
    (run,), cluster = create(), StandIn()
    dispatch(cluster, lambda: cluster.tasks[0].result.set_result(Outcome(state="")))
    assert run.status().reason == "The task of this run ended without a word. See log.txt of the run."


def test_run_that_a_dispatcher_left_behind_is_taken_up_by_the_next():
    (run,), cluster = create(), StandIn()
    run.write_status(replace(run.recorded_status(), state=State.RUNNING, epoch=1, node="node 9"))
    assert run.status().state is State.INTERRUPTED
    dispatch(cluster, lambda: finish_first(cluster))
    assert states([run]) == ["finished"]


def test_runs_of_other_engines_are_left_alone():
    other, cluster = RunStore().create(CONFIG, engine=EngineName.LOCAL), StandIn()
    dispatch(cluster)
    assert (states([other]), cluster.tasks) == (["queued"], [])
