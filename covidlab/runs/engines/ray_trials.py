"""The trials of a sweep on a cluster: chunks of a batch go to nodes that are free, the others are done where the sweep is.

A chunk is what learns together: the heads of one batch size, or one trial where more than the head learns. It returns what its
heads say of X-rays they have not seen and writes nothing, so that a chunk whose node is lost is done again, and no trial twice in
the table. The sweep never waits for a node before it has nothing left to do itself, so it needs no second one.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from covidlab.evaluation.sweep_chunks import Batch, Tried, try_deep, try_heads
from covidlab.learning.backbones import find_backbone
from covidlab.runs.engines.ray_cluster import Need, RayCluster, lost_errors, task_errors
from covidlab.runs.engines.ray_environment import environment, settle
from covidlab.runs.sweeping import Films

if TYPE_CHECKING:
    from covidlab.learning.device import Device

_WAIT_SECONDS = 0.2


class Spread:
    """Does the chunks of a batch on all nodes that are free.

    Parameters
    ----------
    need : how much of a node a chunk takes
    heads_from : of how many X-rays on the heads of one batch size go to another node; fewer take less time than handing them over
    """

    def __init__(self, need: Need, *, heads_from: int):
        self._need, self._heads_from = need, heads_from
        self.num_lost = 0

    def __call__(
        self,
        batch: Batch,
        films: Films,
        chunks: Sequence[Sequence[int]],
        here: Callable[[Sequence[int]], None],
        on_step: Callable[[], None],
    ) -> Iterator[Tried]:
        """Yield what other nodes have tried; ``here`` does a chunk in this process, and keeps what comes of it itself."""
        import ray

        kept = ray.put((batch, films))
        waiting, away = deque(chunks), {}
        try:
            while waiting or away:
                for places in self._to_send(batch, waiting):
                    away[self._send(kept, places)] = places
                if waiting:
                    here(waiting.popleft())
                done, _ = ray.wait(list(away), timeout=0 if waiting else _WAIT_SECONDS) if away else ([], [])
                on_step()
                for reference in done:
                    places = away.pop(reference)
                    try:
                        with task_errors():
                            tried = ray.get(reference)
                        yield from tried
                    except lost_errors():
                        self.num_lost += 1
                        waiting.appendleft(places)
        finally:
            # Somebody has asked to stop.
            for reference in away:
                RayCluster().cancel(reference, force=True)

    def _to_send(self, batch: Batch, waiting: "deque[Sequence[int]]") -> Iterator[Sequence[int]]:
        """Take chunks for nodes that are free now; one is left for this process."""
        import ray

        free = ray.available_resources()
        room = free.get("CPU", 0.0) // self._need.cpus
        if self._need.gpus:
            room = min(room, free.get("GPU", 0.0) // self._need.gpus)
        # Those that take longest first.
        worth = [places for places in waiting if batch.is_deep(places[0]) or batch.data.num_films >= self._heads_from]
        for places in worth[: max(0, min(int(room), len(waiting) - 1))]:
            waiting.remove(places)
            yield places

    def _send(self, kept: Any, places: Sequence[int]) -> Any:
        return RayCluster().submit(_try, kept, list(places), environment(self._need), need=self._need, name="trials")


def _try(work: tuple[Batch, Films], places: Sequence[int], values: Mapping[str, str]) -> list[Tried]:
    """What a node does."""
    settle(values)
    from covidlab.learning.device import select_device

    batch, films = work
    device = select_device(films.config.device)
    tried: list[Tried] = []
    with device.scope():
        if not batch.is_deep(places[0]):
            try_heads(batch, places, tried.append)
        else:
            tried.append(_tried_deep(batch, films, places[0], device))
    return tried


def _tried_deep(batch: Batch, films: Films, place: int, device: "Device") -> Tried:
    from covidlab.learning.film_activations import FilmActivations

    config, depth = films.config, batch.proposals.settings[place].fine_tune
    activations = FilmActivations(
        films.catalog,
        find_backbone(config.backbone),
        preset=config.preset,
        fine_tune=depth,
        device=device,
        precision=films.precisions[depth],
        augmentation=config.augmentation,
    )
    how = {"classes": films.catalog.classes, "precision": activations.precision}
    return try_deep(batch, place, config, activations.read, **how)
