"""The shards of a run as the dispatcher sees to them: handed out, merged as they come in, handed out again where a node is lost."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from covidlab.errors import RunError
from covidlab.language import keeping_messages, tr
from covidlab.learning.activation_shards import Merged, merge_shard, remove_shard
from covidlab.runs.engines.ray_cluster import (
    Need,
    RayCluster,
    lost_errors,
    need_of,
    result_of,
    slots_of,
    task_errors,
)
from covidlab.runs.engines.ray_environment import environment
from covidlab.runs.engines.ray_shards import Wanted, compute_shard, shard_packs, shards_folder
from covidlab.runs.owner import monotonic_seconds
from covidlab.runs.recovery import MAX_RESUMES
from covidlab.runs.status import State
from covidlab.runs.store import Run
from covidlab.text import pluralize

# Enough that no node waits long for the last one, and not so many that handing them out takes longer than they do.
SHARDS_A_SLOT = 4
SMALLEST_SHARD, LARGEST_SHARD = 4, 16_384
LOOK_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What an extraction took: shards, attempts whose node was lost, passes that were kept, passes that were done twice."""

    shards: int
    lost: int
    merged: Merged

    def describe(self) -> str:
        """Return one sentence for the log."""
        return (
            f"{pluralize(self.merged.num_new, 'activation')} computed in {pluralize(self.shards, 'shard')}; "
            f"{pluralize(self.lost, 'node')} lost meanwhile, {self.merged.num_twice} computed twice"
        )


class Extraction:
    """Computes what a run wants on all nodes of a cluster.

    Parameters
    ----------
    run : its lock held by the caller; its status says how far the work is
    """

    def __init__(self, run: Run, wanted: Wanted, cluster: RayCluster):
        self._run, self._wanted, self._cluster = run, wanted, cluster
        self._folder = shards_folder(run)
        self._packs = wanted.packs()
        self._count: Counter[str] = Counter()
        self._merged = Merged()
        self._under_way: dict[Path, Wanted] = {}
        self._merging = asyncio.Lock()
        self._before, self._started = run.recorded_status().elapsed_seconds, monotonic_seconds()

    async def complete(self) -> bool:
        """Compute all shards; return False where somebody asked to stop. Raises RunError where nodes are lost again and again."""
        await self._merge_left_behind()
        wanted = self._wanted.still_missing()
        nodes = self._cluster.nodes()
        need = need_of(nodes, device=wanted.config.device)
        num_films = -(-len(wanted.views) // (SHARDS_A_SLOT * max(1, slots_of(nodes, need))))
        shards = list(wanted.shards(min(LARGEST_SHARD, max(SMALLEST_SHARD, num_films))))
        work = [asyncio.create_task(self._complete_shard(shard, need)) for shard in shards]
        try:
            is_stopped = not await self._watched(work, wanted.num_passes)
        finally:
            # Where one fails, the others would go on for a run that has ended.
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
        self._run.log(Counts(shards=len(shards), lost=self._count["lost"], merged=self._merged).describe())
        remove_shard(self._folder)
        return not is_stopped

    async def _watched(self, work: Sequence[asyncio.Task], num_passes: int) -> bool:
        """Wait until all is done, saying how far it is; return False as soon as somebody asks to stop, raise what one raises."""
        left = set(work)
        while left:
            done, left = await asyncio.wait(left, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
            if self._run.is_stop_requested():
                return False
            self._say(num_passes)
        return True

    async def _complete_shard(self, shard: Wanted, need: Need) -> None:
        for _ in range(MAX_RESUMES + 1):
            folder = self._folder / secrets.token_hex(8)
            self._under_way[folder] = shard
            reference = self._cluster.submit(
                compute_shard, shard, str(folder), environment(need), need=need, name=f"shard of {self._run.name}"
            )
            try:
                with task_errors():
                    await result_of(reference)
                return
            except asyncio.CancelledError:
                self._cluster.cancel(reference, force=True)
                raise
            except lost_errors():
                # What it had written is kept.
                self._count["lost"] += 1
            finally:
                del self._under_way[folder]
                await self._merge(shard, folder)
            shard = shard.still_missing()
            if not shard.views:
                return
        raise RunError(
            tr(
                "The nodes that prepared these X-rays were lost {max_resumes} times. See whether they "
                "have enough memory, then let the run go on.",
                max_resumes=MAX_RESUMES + 1,
            )
        )

    async def _merge(self, wanted: Wanted, folder: Path) -> None:
        """Bring what an attempt has written into the packs that all read; one at a time, beside the waiting for others."""
        async with self._merging:
            self._merged += await asyncio.to_thread(self._merge_now, wanted, folder)

    def _merge_now(self, wanted: Wanted, folder: Path) -> Merged:
        own = shard_packs(wanted, folder)
        merge_shard(self._packs.films, own.films)
        merged = merge_shard(self._packs.activations, own.activations)
        remove_shard(folder)
        return merged

    async def _merge_left_behind(self) -> None:
        """Take over what an earlier dispatcher, which ended, had not merged."""
        for folder in self._folder.glob("*"):
            await self._merge(self._wanted, folder)

    def _say(self, num_passes: int) -> None:
        """Write how far the work is: what is merged, and whole lines of what is not."""
        done = self._merged.num_new + sum(
            shard_packs(shard, folder).activations.num_records() for folder, shard in list(self._under_way.items())
        )
        with keeping_messages():
            phase = tr(
                "preparing X-rays on {nodes}: {done:,} of {num_passes:,} views",
                nodes=pluralize(len(self._cluster.nodes()), "node"),
                done=done,
                num_passes=num_passes,
            )
        status = self._run.recorded_status()
        elapsed = self._before + monotonic_seconds() - self._started
        self._run.write_status(replace(status, state=State.RUNNING, phase=phase, node="", elapsed_seconds=elapsed))
