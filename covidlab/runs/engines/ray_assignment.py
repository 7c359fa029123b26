"""One run on a cluster, from its place in the queue to its end, whatever nodes are lost meanwhile. No TensorFlow.

A run is one task. Where much of what it needs is missing, it asks for shards first (``ray_shards``), and then begins. A task
whose node is lost is handed to another node under a new lease, and goes on from the last checkpoint, trial or part.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Any

from covidlab.language import tr_lazy
from covidlab.runs.engines.ray_cluster import RayCluster, lost_errors, need_of, result_of, task_errors
from covidlab.runs.engines.ray_environment import Limits, environment
from covidlab.runs.engines.ray_extraction import Extraction
from covidlab.runs.engines.ray_lease import new_lease
from covidlab.runs.engines.ray_tasks import Outcome, carry_out
from covidlab.runs.owner import monotonic_seconds
from covidlab.runs.recovery import MAX_RESUMES, may_resume
from covidlab.runs.status import State, place_of
from covidlab.runs.store import Run

WAITING = tr_lazy("waiting for a node")
# Oftener than a page takes a run for stalled.
HEARTBEAT_SECONDS = 5.0
LOOK_SECONDS = 0.25
# A task sees a stop at its next batch; one that does not is ended by force.
FORCE_SECONDS = 60.0


class Assignment:
    """Sees to it that a run, whose lock the caller holds, comes to its end."""

    def __init__(self, run: Run, cluster: RayCluster, limits: Limits):
        self._run, self._cluster, self._limits = run, cluster, limits
        self._device = run.load_config().device

    async def complete(self) -> None:
        """Hand the run to nodes until it has ended."""
        limits = self._limits
        while True:
            status = self._run.recorded_status()
            self._run.write_status(replace(status, state=State.RUNNING, phase=WAITING, node="", reason=""))
            need = need_of(self._cluster.nodes(), device=self._device)
            lease = new_lease(self._run)
            task = (str(self._run.path), lease, environment(need), need, limits)
            name = f"{self._run.load_job()} {self._run.name}"
            try:
                outcome = await self._watched(self._cluster.submit(carry_out, *task, need=need, name=name))
            except lost_errors() as error:
                if self._is_given_up(error):
                    return
                continue
            if outcome is None or outcome.is_lease_lost or outcome.wanted is None:
                self._require_end(outcome)
                return
            # A run asks once: what is still missing then is computed where it is executed.
            limits = replace(limits, shard_from=0)
            if not await Extraction(self._run, outcome.wanted, self._cluster).complete():
                self._stopped()
                return

    async def _watched(self, reference: Any) -> Outcome | None:
        """Wait for a task; None where it was stopped before it said anything."""
        from ray.exceptions import TaskCancelledError

        result, told, asked = result_of(reference), monotonic_seconds(), None
        while not (await asyncio.wait({result}, timeout=LOOK_SECONDS))[0]:
            now = monotonic_seconds()
            is_waiting = not self._run.recorded_status().node
            if self._run.is_stop_requested():
                asked = asked or now
                if is_waiting or now - asked > FORCE_SECONDS:
                    self._cluster.cancel(reference, force=now - asked > FORCE_SECONDS)
            elif is_waiting and now - told > HEARTBEAT_SECONDS:
                told = now
                self._run.write_status(self._run.recorded_status())
        with suppress(TaskCancelledError), task_errors():
            return result.result()
        return None

    def _is_given_up(self, error: Exception) -> bool:
        """Write down that a node was lost; return whether the run ends with that."""
        if self._run.recorded_status().state.has_ended:
            # It was done, and only the word of it was lost.
            return True
        if self._run.is_stop_requested():
            self._stopped()
            return True
        status = self._run.recorded_status()
        on = status.node or tr_lazy("a node")
        reason = tr_lazy("Interrupted after {place}: {on} was lost.", place=place_of(status), on=on)
        self._run.log(f"{reason} ({type(error).__name__})")
        if may_resume(self._run):
            return False
        reason = tr_lazy(
            "{reason} This has happened {number} times, so the run is not tried again.",
            reason=reason,
            number=MAX_RESUMES + 1,
        )
        self._run.write_status(replace(status, state=State.INTERRUPTED, phase="", reason=reason))
        return True

    def _require_end(self, outcome: Outcome | None) -> None:
        """Whatever the task said last is what the run ends with."""
        status = self._run.recorded_status()
        if status.state.has_ended or (outcome is not None and outcome.is_lease_lost):
            return
        if self._run.is_stop_requested():
            self._stopped()
        else:
            reason = tr_lazy("The task of this run ended without a word. See log.txt of the run.")
            self._run.write_status(replace(status, state=State.FAILED, phase="", reason=reason))

    def _stopped(self) -> None:
        status = self._run.recorded_status()
        after = tr_lazy("Stopped after {place}.", place=place_of(status))
        reason = after if status.epoch else tr_lazy("Stopped before it began.")
        self._run.write_status(replace(status, state=State.STOPPED, phase="", reason=reason))
