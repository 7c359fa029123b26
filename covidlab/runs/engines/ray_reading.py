"""Many files for one model on a cluster: ``predict`` is the driver, each task reads some files and writes nothing.

So files whose node is lost are read again, and each is printed once, in order.
"""

import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from covidlab.errors import RunError
from covidlab.imaging.sandbox import shared_sandbox
from covidlab.language import tr
from covidlab.prediction.file_reading import FileRead, Known, read_files
from covidlab.prediction.loading import ModelFile
from covidlab.runs.engines.ray_cluster import Need, RayCluster, lost_errors, need_of, slots_of, task_errors
from covidlab.runs.engines.ray_environment import environment, settle
from covidlab.runs.recovery import MAX_RESUMES

FILES_A_TASK = 32
# Handed out before they are needed, for each task that has room: no node waits for the printing.
_AHEAD = 2


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What all tasks share."""

    model: ModelFile
    anyway: bool
    audit: Sequence[str]
    need: Need


class ClusterReading:
    """Reads files on all nodes of a cluster; called as ``prediction.file_reading.ReadFiles``."""

    def __init__(self, cluster: RayCluster, model: ModelFile, *, anyway: bool, audit: Sequence[str]):
        cluster.connect()
        self._cluster, nodes = cluster, cluster.nodes()
        need = need_of(nodes)
        self._reading = Reading(model=_absolute(model), anyway=anyway, audit=tuple(audit), need=need)
        self._most_waiting = _AHEAD * max(1, slots_of(nodes, need))
        self.num_lost = 0

    def __call__(self, files: Sequence[str], known: Known) -> Iterator[FileRead]:
        """Yield what the model says of each file, in order. Raises RunError where nodes are lost again and again."""
        waiting: deque[tuple[Any, tuple]] = deque()
        try:
            for start in range(0, len(files), FILES_A_TASK):
                named = list(files[start : start + FILES_A_TASK])
                places = [os.path.abspath(file) for file in named]
                work = (named, places, known.of(dict(zip(named, places, strict=True))))
                waiting.append((self._submit(work), work))
                if len(waiting) >= self._most_waiting:
                    yield from self._result(*waiting.popleft())
            while waiting:
                yield from self._result(*waiting.popleft())
        finally:
            for reference, _ in waiting:
                self._cluster.cancel(reference, force=True)

    def _submit(self, work: tuple) -> Any:
        values, need = environment(self._reading.need), self._reading.need
        return self._cluster.submit(_read, *work, self._reading, values, need=need, name="X-rays to read")

    def _result(self, reference: Any, work: tuple) -> list[FileRead]:
        import ray

        for attempt in range(MAX_RESUMES + 1):
            try:
                with task_errors():
                    return ray.get(reference if attempt == 0 else self._submit(work))
            except lost_errors():
                self.num_lost += 1
        raise RunError(
            tr(
                "The nodes that read these X-rays were lost {max_resumes} times. See whether they have "
                "enough memory. Received: {work} and what follows it.",
                max_resumes=MAX_RESUMES + 1,
                work=work[0][0],
            )
        )


def _read(
    named: Sequence[str], places: Sequence[str], known: Known, reading: Reading, values: Mapping[str, str]
) -> list[FileRead]:
    """What a node does: it finds the files where they lie, and speaks of them as they were named."""
    settle(values)
    from covidlab.prediction.loading import load_predictor

    how = {"prepare": shared_sandbox().prepare, "anyway": reading.anyway, "audit": reading.audit}
    read = read_files(places, known, predictor=load_predictor(reading.model), **how)
    return [_renamed(each, name) for each, name in zip(read, named, strict=True)]


def _renamed(each: FileRead, name: str) -> FileRead:
    answer = each.answer
    if answer is not None:
        values, text = {**answer.values, "file": name}, answer.text.replace(each.file, name, 1)
        answer = replace(answer, values=values, text=text)
    return replace(each, file=name, answer=answer)


def _absolute(model: ModelFile) -> ModelFile:
    reference = model.reference.absolute() if model.reference else None
    return replace(model, path=model.path.absolute(), reference=reference)
