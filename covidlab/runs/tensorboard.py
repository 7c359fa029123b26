"""The curves of a run as TensorBoard reads them: one file of events in its directory, written by TensorBoard's own writer.

``tensorboard --logdir RUNS`` opens all runs of a folder. Where the package is not
installed, or the disk is full, nothing is written: history.csv is what the run rests on. No TensorFlow.
"""

import shlex
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tensorboard.compat.proto.event_pb2 import Event

FOLDER = "tensorboard"

# TensorBoard draws the part before the slash as one group.
_TAGS = {
    "loss": "loss/training",
    "val_loss": "loss/validation",
    "accuracy": "accuracy/training",
    "val_accuracy": "accuracy/validation",
}
_VERSION = "brain.Event:2"


class EventLog:
    """Adds the figures of each epoch to the events of a run; begins its file with the first of them."""

    def __init__(self, run_path: Path) -> None:
        self._folder = run_path / FOLDER
        self._path: Path | None = None
        self._is_possible = True

    def add(self, epoch: int, figures: dict[str, float]) -> None:
        """Add the figures of a finished epoch, by the columns of history.csv."""
        if not self._is_possible:
            return
        try:
            self._write(epoch, figures)
        except (OSError, ImportError):
            self._is_possible = False

    def _write(self, epoch: int, figures: dict[str, float]) -> None:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.record_writer import RecordWriter

        now = time.time()
        values = [Summary.Value(tag=tag, simple_value=figures[name]) for name, tag in _TAGS.items()]
        events = [Event(wall_time=now, step=epoch, summary=Summary(value=values))]
        if self._path is None:
            events = [*_beginning(now, epoch), *events]
            self._folder.mkdir(exist_ok=True)
            # No name of the machine in it, as TensorBoard's own names have.
            self._path = self._folder / f"events.out.tfevents.{time.time_ns():020d}.covidlab"
        with open(self._path, "ab") as file:
            writer = RecordWriter(file)
            for event in events:
                writer.write(event.SerializeToString())


def _beginning(now: float, epoch: int) -> "list[Event]":
    """What a file begins with. Where a run was resumed, what earlier files say of this epoch and later ones no longer holds."""
    from tensorboard.compat.proto.event_pb2 import Event, SessionLog

    begins = SessionLog(status=SessionLog.START)
    return [Event(wall_time=now, file_version=_VERSION), Event(wall_time=now, step=epoch, session_log=begins)]


def tensorboard_command(run_path: Path) -> str:
    """Return the command that opens the events of a run and of all runs beside it; "" where the run has none."""
    if not any((run_path / FOLDER).glob("events.out.*")):
        return ""
    return shlex.join(["tensorboard", "--logdir", str(run_path.parent)])


def warm_events() -> None:
    """Load what writes events before a run waits for it; nothing where it is not installed."""
    with suppress(ImportError):
        import tensorboard.compat.proto.event_pb2
        import tensorboard.summary.writer.record_writer  # noqa: F401
