"""The process that hands the dashboard's runs to a Ray cluster (``python -m covidlab worker`` under COVIDLAB_ENGINE=ray).

It runs beside the server of the pages, computes nothing and loads no TensorFlow. It holds the lock of each run that a node
executes, so that pages see at once, on their own machine, whether somebody sees to a run. If it dies, Ray ends its tasks, the
kernel releases the locks, and the next dispatcher takes the runs up again under new leases.
"""

import asyncio
import signal
import sys
import time
from contextlib import suppress
from dataclasses import asdict

from filelock import FileLock, Timeout

from covidlab.errors import CovidLabError, RunError, StorageError
from covidlab.files import write_json
from covidlab.language import said_by, tr_lazy
from covidlab.learning.activation_shards import remove_shard
from covidlab.paths import home
from covidlab.runs.archiver import Archiver
from covidlab.runs.engines.base import Description
from covidlab.runs.engines.local import DISPATCHER, wanted_stamp
from covidlab.runs.engines.ray import CLUSTER
from covidlab.runs.engines.ray_assignment import Assignment
from covidlab.runs.engines.ray_cluster import RayCluster, describe_nodes, need_of, slots_of
from covidlab.runs.engines.ray_environment import Limits
from covidlab.runs.engines.ray_shards import shards_folder
from covidlab.runs.jobs import EngineName
from covidlab.runs.owner import Owner, monotonic_seconds
from covidlab.runs.recovery import record_failure, recover
from covidlab.runs.status import State
from covidlab.runs.store import Run, RunStore

POLL_SECONDS = 0.1
DESCRIBE_SECONDS = 2.0
CONNECT_SECONDS = 5.0
IDLE_EXIT_SECONDS = 15 * 60


class Dispatcher:
    """Hands queued runs to nodes, oldest first and as many at once as have room, until nobody has wanted it for a while."""

    def __init__(self, store: RunStore, cluster: RayCluster, limits: Limits | None = None):
        self.store, self.cluster, self._limits = store, cluster, limits or Limits()
        self._ended: set[str] = set()
        self._archiver = Archiver()
        self._under_way: dict[str, asyncio.Task] = {}
        self._said: Description | None = None
        self._said_at = -DESCRIBE_SECONDS

    async def serve(self) -> None:
        """Work until idle for too long."""
        last_wanted, stamp = monotonic_seconds(), wanted_stamp(DISPATCHER)
        while monotonic_seconds() - last_wanted < IDLE_EXIT_SECONDS or self._archiver.is_busy:
            if stamp != (stamp := wanted_stamp(DISPATCHER)):
                # One of those that had ended may have been asked to go on.
                self._ended.clear()
                last_wanted = monotonic_seconds()
            if self._step():
                last_wanted = monotonic_seconds()
            await asyncio.sleep(POLL_SECONDS)

    def _step(self) -> bool:
        """Begin what has room; return whether anything is under way."""
        for run_id in [run_id for run_id, task in self._under_way.items() if task.done()]:
            self._under_way.pop(run_id).result()
        self._describe()
        for run in self._waiting():
            if self._has_room(run):
                self._under_way[run.id] = asyncio.create_task(self._carry_out(run))
        return bool(self._under_way)

    def _waiting(self) -> list[Run]:
        """The runs to do, oldest first; runs without an owner are queued again on the way."""
        waiting = []
        for run in reversed(self.store.list()):
            if run.id in self._ended or run.id in self._under_way:
                continue
            state = run.status().state
            if state is State.INTERRUPTED:
                state = recover(run, engine=EngineName.RAY)
            if state is State.QUEUED and run.load_engine() == EngineName.RAY:
                waiting.append(run)
            if state.has_ended:
                self._ended.add(run.id)
                self._archiver.offer(run)
        return waiting

    def _has_room(self, run: Run) -> bool:
        """Whether a node has room for one more; a run whose settings cannot be read fails at once, and needs none."""
        with suppress(RunError):
            nodes = self.cluster.nodes()
            return len(self._under_way) < slots_of(nodes, need_of(nodes, device=run.load_config().device))
        return True

    async def _carry_out(self, run: Run) -> None:
        try:
            with suppress(RunError), run.locked():
                if run.recorded_status().state is State.QUEUED:
                    await self._carry_out_locked(run)
        except StorageError as error:
            # Where not even its status can be written it would come again and again.
            print(f"{run.name}: {error}", file=sys.stderr, flush=True)
            self._ended.add(run.id)

    async def _carry_out_locked(self, run: Run) -> None:
        try:
            await Assignment(run, self.cluster, self._limits).complete()
        except CovidLabError as error:
            record_failure(run, said_by(error))
        # The outermost frame: whatever happens is recorded, and the other runs go on.
        except Exception as error:
            record_failure(run, tr_lazy("Unexpected error: {name}. See log.txt of the run.", name=type(error).__name__))
        # What an earlier dispatcher had left there, where fewer were missing than are shared out.
        remove_shard(shards_folder(run))

    def _describe(self) -> None:
        """Say what nodes there are, when that has changed."""
        if monotonic_seconds() - self._said_at < DESCRIBE_SECONDS:
            return
        self._said_at = monotonic_seconds()
        nodes = self.cluster.nodes()
        said = Description(device=describe_nodes(nodes), warm=bool(nodes), nodes=tuple(node.name for node in nodes))
        if said != self._said:
            self._said = said
            write_json(home() / CLUSTER, asdict(said), durable=False)


def serve(dispatcher: Dispatcher) -> None:
    """Wait for the cluster, which may be started later, and work."""
    since = monotonic_seconds()
    while monotonic_seconds() - since < IDLE_EXIT_SECONDS:
        try:
            dispatcher.cluster.connect()
        except RunError as error:
            write_json(home() / CLUSTER, asdict(Description(failure=str(error))), durable=False)
            time.sleep(CONNECT_SECONDS)
        else:
            # Ray has put handlers of its own in place.
            _end_politely()
            asyncio.run(dispatcher.serve())
            return


def _end_politely() -> None:
    """Ended politely or by force, runs are found interrupted and continued from their last checkpoints."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def main() -> int:
    """Serve as the dispatcher; return at once where another one does."""
    home().mkdir(parents=True, exist_ok=True)
    lock = FileLock(DISPATCHER.lock, timeout=2)
    try:
        lock.acquire()
    except Timeout:
        print("A dispatcher is running already.")
        return 0
    with lock:
        _end_politely()
        write_json(DISPATCHER.owner, asdict(Owner.this_process()), durable=False)
        try:
            serve(Dispatcher(RunStore(), RayCluster()))
        finally:
            # Nobody knows from now on what nodes there are.
            write_json(home() / CLUSTER, asdict(Description()), durable=False)
    return 0
