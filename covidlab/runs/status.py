"""Where a run stands: the states it can be in, and the small record an owner writes of them. No file access here."""

from dataclasses import dataclass
from enum import StrEnum

from covidlab.language import tr_lazy


class State(StrEnum):
    """What a run is doing, or how it ended.

    ``STALLED`` (running, but silent), ``DAMAGED`` (its files cannot be read) and ``NEWER`` (a later version wrote them) are
    never written: readers find them.
    """

    QUEUED = "queued"
    RUNNING = "running"
    STALLED = "stalled"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    DAMAGED = "damaged"
    NEWER = "newer"

    @property
    def is_active(self) -> bool:
        """True while the run waits or trains."""
        return self in (State.QUEUED, State.RUNNING, State.STALLED)

    @property
    def is_training(self) -> bool:
        """True while a process executes the run, be it silent."""
        return self in (State.RUNNING, State.STALLED)

    @property
    def has_ended(self) -> bool:
        """True once nothing more will happen to the run unless somebody queues it again."""
        return self in (State.FINISHED, State.STOPPED, State.FAILED, State.INTERRUPTED)

    @property
    def is_unreadable(self) -> bool:
        """True where this version cannot say what the run is or was."""
        return self in (State.DAMAGED, State.NEWER)


@dataclass(frozen=True, kw_only=True)
class Status:
    """Where a run stands.

    phase: what the owner is doing, in words for people. epoch: the last finished one, from 0 to epochs. unit: what these count,
    "epoch", or "trial" of a sweep.
    step, steps: the batch within the epoch under way. position: epochs done, the one under way counted in parts. Seconds are
    measured on a clock that never jumps. node: of a cluster, "" where the machine of the pages executes the run.
    """

    state: State
    phase: str = ""
    reason: str = ""
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    position: float = 0.0
    elapsed_seconds: float = 0.0
    remaining_seconds: float | None = None
    device: str = ""
    node: str = ""
    owner: dict | None = None
    heartbeat: float = 0.0
    unit: str = "epoch"

    @property
    def is_active(self) -> bool:
        """True while the run waits or trains."""
        return self.state.is_active


def place_of(status: Status) -> str:
    """Return what a run has last finished, within a sentence: "epoch 3", "trial 7", "part 2"."""
    if status.unit == "trial":
        return tr_lazy("trial {number}", number=status.epoch)
    if status.unit == "part":
        return tr_lazy("part {number}", number=status.epoch)
    return tr_lazy("epoch {number}", number=status.epoch)
