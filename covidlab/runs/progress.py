"""How far a run has come: status.json and steps.csv while it is executed, and how long the rest will take."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from covidlab.errors import StorageError
from covidlab.files import storage_errors
from covidlab.language import tr
from covidlab.learning.trainer import EpochResult, StepResult
from covidlab.metrics import share_metric
from covidlab.runs.owner import monotonic_seconds
from covidlab.runs.remaining import Expected, Preparation, Remaining
from covidlab.runs.status import State, Status
from covidlab.runs.store import Run
from covidlab.runs.tensorboard import EventLog

# Room on the disk for the words in which a run ends, when the disk is full.
RESERVE, RESERVE_BYTES = ".reserve", 65_536

# Pages look twice a second; writing oftener would only slow the training.
STATUS_INTERVAL_SECONDS = 0.2


@dataclass
class Clock:
    """Seconds spent, on a clock that never jumps; ``before`` are those of an interrupted earlier part."""

    before: float = 0.0
    started: float = 0.0

    def elapsed(self) -> float:
        """Return the seconds since the run began, waiting excluded."""
        return self.before + self.elapsed_here()

    def elapsed_here(self) -> float:
        """Return the seconds since this process took the run."""
        return monotonic_seconds() - self.started


class Progress:
    """Writes what pages show of a run under way.

    Parameters
    ----------
    run : Run, its lock held by the caller
    epochs : how many there will be
    on_status : called with each Status that is written
    """

    def __init__(self, run: Run, *, epochs: int, on_status: Callable[[Status], None]):
        earlier = run.recorded_status()
        self.clock = Clock(before=earlier.elapsed_seconds, started=monotonic_seconds())
        self.status = Status(
            state=State.RUNNING,
            phase=tr("reading the X-rays"),
            epochs=epochs,
            elapsed_seconds=earlier.elapsed_seconds,
        )
        self.epoch_seconds: list[float] = []
        self._run = run
        self._on_status = on_status
        self._events = EventLog(run.path)
        self._written = 0.0
        self._steps_waiting: list[dict] = []
        self._preparation: Preparation | None = None
        self._remaining: Remaining | None = None
        self._preparing = ""
        self._validation_patients: Sequence[str] = ()
        self._seconds_prepared = 0.0
        self._num_prepared = 0

    def expect(
        self,
        preparation: Preparation,
        *,
        views: Sequence[int],
        expected: Expected,
        preparing: str,
        validation_patients: Sequence[str],
    ) -> None:
        """Say what is to come: views to prepare, the seconds that are expected, what preparing is called, and the patient of
        each X-ray that an epoch is validated on."""
        with storage_errors(self._run.path):
            (self._run.path / RESERVE).write_bytes(bytes(RESERVE_BYTES))
        self._validation_patients = validation_patients
        self._preparation, self._preparing = preparation, preparing
        self._remaining = Remaining(preparation, views=views, epochs=self.status.epochs, expected=expected)

    @property
    def step_seconds(self) -> list[float]:
        """What steps have taken here, each epoch's first apart."""
        return self._remaining.step_seconds if self._remaining else []

    def end(self, state: State, *, reason: str = "") -> None:
        """Write the last status; on a disk that is full, in the room that was kept for it."""
        (self._run.path / RESERVE).unlink(missing_ok=True)
        with suppress(StorageError):
            self.flush_steps()
        self.write(state=state, reason=reason, phase="", remaining_seconds=0.0)
        self._run.log(f"{state}: {reason}")

    def write(self, **changes) -> None:
        """Replace status.json by the present status with ``changes``."""
        self.status = replace(self.status, **changes, elapsed_seconds=self.clock.elapsed())
        self._run.write_status(self.status)
        self._written = monotonic_seconds()
        self._on_status(self.status)

    def is_due(self) -> bool:
        """Return whether the last status is old enough for a new one."""
        return monotonic_seconds() - self._written >= STATUS_INTERVAL_SECONDS

    def add_step(self, result: StepResult) -> None:
        """Take in a finished batch; it reaches the disk with the next status, or with its epoch."""
        self._remaining.add_step()
        position = result.epoch - 1 + result.step / result.steps
        self._steps_waiting.append(
            {
                "step": (result.epoch - 1) * result.steps + result.step,
                "epoch": result.epoch,
                "position": position,
                "loss": result.loss,
                "accuracy": result.accuracy,
            }
        )
        if self.is_due():
            self.flush_steps()
            phase = self._preparing if self._preparation.num_computed > self._num_prepared else "training"
            self._num_prepared = self._preparation.num_computed
            remaining = self._remaining.seconds(position, is_within=True)
            self.write(
                phase=phase, step=result.step, steps=result.steps, position=position, remaining_seconds=remaining
            )

    def add_epoch(self, result: EpochResult) -> None:
        """Take in a finished epoch: its line of history.csv, and the status after it."""
        self._remaining.add_epoch()
        self.flush_steps()
        # As in the report, so that the curve and the report never show two intervals for one figure.
        accuracy = share_metric(result.val_right, patient_ids=self._validation_patients)
        self._run.append_history(**result.figures(), val_accuracy_low=accuracy.low, val_accuracy_high=accuracy.high)
        self._events.add(result.epoch, result.figures())
        self.epoch_seconds.append(result.seconds - (self._preparation.seconds - self._seconds_prepared))
        self._seconds_prepared = self._preparation.seconds
        self.write(
            phase="training",
            epoch=result.epoch,
            step=0,
            position=float(result.epoch),
            remaining_seconds=self._remaining.seconds(result.epoch),
        )

    def flush_steps(self) -> None:
        """Bring the batches so far to the disk."""
        self._run.append_steps(self._steps_waiting)
        self._steps_waiting = []
