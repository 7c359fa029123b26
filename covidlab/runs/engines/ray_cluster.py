"""A Ray cluster as the dispatcher sees it: its nodes, how much of one a task takes, and tasks that may be lost.

Only the dispatcher, the command line under COVIDLAB_ENGINE=ray and the nodes import Ray: it takes 66 MB, and starts threads
that a server of pages has no use for.
"""

import asyncio
import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from covidlab.errors import CovidLabError, RunError
from covidlab.language import tr
from covidlab.paths import PROJECT_ROOT
from covidlab.text import pluralize

# A task holds VGG16 and what it learns from; see docs/scaling.md.
TASK_BYTES = 2_000_000_000
# More processors make a pass of VGG16 hardly faster; the others serve further tasks.
MOST_CPUS = 8
_ANSWER_SECONDS = 3.0


def require_ray() -> None:
    """Raise RunError where Ray is not installed; imports nothing."""
    if find_spec("ray") is None:
        raise RunError(
            tr(
                "COVIDLAB_ENGINE is ray, but Ray is not installed here. Install it with `pip install -r requirements-ray.txt`."
            )
        )


@dataclass(frozen=True, kw_only=True)
class Need:
    """How much of a node a task takes."""

    cpus: float = 1.0
    gpus: float = 0.0
    memory: float = TASK_BYTES


@dataclass(frozen=True, kw_only=True)
class Node:
    """A living node of a cluster, and what it offers in all."""

    id: str
    name: str
    cpus: float
    gpus: float
    memory: float


class RayCluster:
    """The cluster that RAY_ADDRESS names, by default the one that runs on this machine.

    Parameters
    ----------
    address : as Ray takes it, "auto" or "host:port"
    """

    def __init__(self, address: str = ""):
        self.address = address or os.environ.get("RAY_ADDRESS") or "auto"

    def connect(self) -> None:
        """Connect this process; raises RunError where no cluster answers."""
        require_ray()
        import ray

        if ray.is_initialized():
            return
        self._require_answer()
        try:
            # The project lies in the same place on every node.
            at = {"env_vars": {"PYTHONPATH": str(PROJECT_ROOT)}}
            ray.init(address=self.address, runtime_env=at, log_to_driver=False, logging_level="ERROR")
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            raise self._no_cluster() from error

    def _require_answer(self) -> None:
        """Ray itself would try for a minute, and end the process."""
        host, _, port = self.address.removeprefix("ray://").rpartition(":")
        if not port.isdigit():
            return
        try:
            socket.create_connection((host, int(port)), timeout=_ANSWER_SECONDS).close()
        except OSError as error:
            raise self._no_cluster() from error

    def _no_cluster(self) -> RunError:
        return RunError(
            "No Ray cluster answers, so runs wait. Start one (`make cluster` starts one on this machine) and name it in "
            f"RAY_ADDRESS. Received: {self.address}."
        )

    def nodes(self) -> list[Node]:
        """Return the living nodes that tasks can go to."""
        import ray

        nodes = [_node(facts) for facts in ray.nodes() if facts["Alive"]]
        return sorted((node for node in nodes if node.cpus), key=lambda node: node.name)

    def submit(self, function: Callable[..., Any], *values: Any, need: Need, name: str) -> Any:
        """Hand a task to whichever node has room; returns Ray's reference.

        It is not tried again by Ray: what was done before a node was lost is looked at first.
        """
        import ray

        task = ray.remote(max_retries=0)(function)
        options = {"num_cpus": need.cpus, "num_gpus": need.gpus, "memory": need.memory, "name": name}
        return task.options(**options).remote(*values)

    def cancel(self, reference: Any, *, force: bool = False) -> None:
        """End a task: one that waits at once, one that computes only by force."""
        import ray

        with suppress(ValueError, TypeError):
            ray.cancel(reference, force=force)


def lost_errors() -> tuple[type[Exception], ...]:
    """Return what Ray raises where a node or a process is gone that had a task."""
    from ray import exceptions

    return (
        exceptions.NodeDiedError,
        exceptions.WorkerCrashedError,
        exceptions.LocalRayletDiedError,
        exceptions.ObjectLostError,
        exceptions.ActorDiedError,
    )


@contextmanager
def task_errors() -> Iterator[None]:
    """Raise what a task raised that is meant for people as it was; everything else as a RunError that names it."""
    from ray.exceptions import OutOfMemoryError, RayTaskError

    try:
        yield
    except OutOfMemoryError as error:
        raise RunError(
            tr("The memory of a node ran out. Try a smaller batch size, or let fewer tasks share a node.")
        ) from error
    except RayTaskError as error:
        if isinstance(error.cause, CovidLabError):
            raise error.cause from error
        raise RunError(
            tr(
                "A node could not do its part; the log of the cluster says more. Received: {kind}.",
                kind=type(error.cause).__name__,
            )
        ) from error


def result_of(reference: Any) -> "asyncio.Future[Any]":
    """Return what a task gives, to be awaited."""
    return asyncio.wrap_future(reference.future())


def need_of(nodes: Sequence[Node], *, device: str = "auto") -> Need:
    """Return what a task takes that computes: a GPU where there is one, and processors that every such node has.

    ``device`` as in the settings of a run.
    """
    with_gpu = [node for node in nodes if node.gpus >= 1] if device != "cpu" else []
    if with_gpu:
        cpus = min(node.cpus // node.gpus for node in with_gpu)
        return Need(cpus=_between(cpus), gpus=1.0, memory=_memory(with_gpu))
    cpus = min((node.cpus for node in nodes), default=1.0)
    return Need(cpus=_between(cpus), memory=_memory(nodes))


def slots_of(nodes: Sequence[Node], need: Need) -> int:
    """Return how many tasks of this size have room at once."""
    return sum(
        int(min(node.cpus // need.cpus, node.gpus // need.gpus if need.gpus else node.cpus // need.cpus))
        for node in nodes
        if node.memory >= need.memory
    )


def describe_nodes(nodes: Sequence[Node]) -> str:
    """Return e.g. "2 nodes, 16 CPUs, 2 GPUs"."""
    parts = [pluralize(len(nodes), "node"), pluralize(int(sum(node.cpus for node in nodes)), "CPU")]
    if gpus := int(sum(node.gpus for node in nodes)):
        parts.append(pluralize(gpus, "GPU"))
    return ", ".join(parts)


def own_node() -> str:
    """Return what people call the node that executes the calling task."""
    import ray

    own = ray.get_runtime_context().get_node_id()
    return next((node.name for node in map(_node, ray.nodes()) if node.id == own), own[:6])


def _between(cpus: float) -> float:
    return float(max(1, min(MOST_CPUS, int(cpus))))


def _memory(nodes: Sequence[Node]) -> float:
    """A small node still gets one task."""
    return min([TASK_BYTES, *(node.memory for node in nodes)])


def _node(facts: Mapping[str, Any]) -> Node:
    offers = facts["Resources"]
    # Ray calls a node by its address where nobody gave it a name; two on one machine would be called the same.
    name = facts["NodeName"] if facts["NodeName"] != facts["NodeManagerAddress"] else f"node {facts['NodeID'][:6]}"
    return Node(
        id=facts["NodeID"],
        name=name,
        cpus=offers.get("CPU", 0.0),
        gpus=offers.get("GPU", 0.0),
        memory=offers.get("memory", 0.0),
    )
