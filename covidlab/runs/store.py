"""A run is a directory; pages, the worker and the command line meet only in these files.

run.json         format, job, engine, configuration, data set, versions, device   replaced whole
status.json      state, phase, epoch, remaining time, owner, heartbeat   replaced whole, by the owner of the lock
history.csv      a line an epoch        steps.csv   a line a batch       appended (see runs.tables)
predictions.csv  every validation film with its probability              replaced whole
report.json      the figures            model.keras the layers that learned (see learning.backbone)
log.txt          what happened, in plain lines
lock             held by the process that executes the run; the kernel releases it when that process dies
stop             its presence asks the owner to stop at the next batch
"""

import os
import secrets
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
from filelock import FileLock, Timeout

from covidlab.config import TrainingConfig
from covidlab.data.patients import without_made_up_patients
from covidlab.errors import RunError, UsageError
from covidlab.files import (
    append_line,
    load_dataclass,
    newer_format,
    read_json,
    replacing,
    storage_errors,
    write_json,
)
from covidlab.language import said_by, tr, tr_lazy
from covidlab.paths import home
from covidlab.runs.datasets import DatasetReference
from covidlab.runs.jobs import EngineName, Job, engine_of, job_of
from covidlab.runs.owner import Owner, SilenceWatch, monotonic_seconds
from covidlab.runs.status import State, Status, place_of
from covidlab.runs.tables import HISTORY, STEPS
from covidlab.spoken import kept_sentence, with_messages

# Raised only where a reader of the earlier format would misunderstand a run; new keys and columns do not raise it.
# Version 0.1.0 wrote no number, which reads as 1; since 2, history.csv and steps.csv have headers.
RUN_FORMAT = 2

# A batch of the dearest kind (32 films, all layers learning) takes about 20 s on two cores.
STALLED_AFTER_SECONDS = 40.0

_NOTHING: Mapping[str, Any] = MappingProxyType({})
# Of names of runs that take no number.
_WITHOUT_NUMBER = "0000-"

# Who looks whether a run is locked holds its lock for an instant; two viewers at once would take each other for its owner.
_LOOKING = threading.Lock()
_silence = SilenceWatch()


class RunStore:
    """All runs of one installation, newest last in number, newest first in ``list``."""

    def __init__(self, folder: Path | None = None):
        self.folder = Path(folder) if folder else home() / "runs"

    def create(
        self,
        config: TrainingConfig,
        *,
        job: Job = Job.TRAIN,
        engine: EngineName | str = EngineName.LOCAL,
        fingerprint: str = "",
        asked: Mapping[str, Any] = _NOTHING,
        is_numbered: bool = True,
    ) -> "Run":
        """Return a new queued run; it appears under its name only once it is whole.

        ``is_numbered``: False for a run that nobody here has made, so that a person's own first run is run 1.
        ``fingerprint`` is that of the data set as the caller sees it: the run refuses to use another. ``asked`` is what
        ``runs.queue.asked_facts`` says of who asked for it.
        """
        config.validate()
        status = Status(state=State.QUEUED, phase="waiting", epochs=config.epochs)
        with replacing_folder(self.folder) as temporary:
            Run(temporary).begin(config, job=job, engine=engine, fingerprint=fingerprint, status=status, asked=asked)
            with FileLock(self.folder / ".lock"):
                run_id = f"{self._next_number() if is_numbered else 0:04d}-{secrets.token_hex(2)}"
                os.rename(temporary, self.folder / run_id)
        return Run(self.folder / run_id)

    def list(self) -> list["Run"]:
        """Return every run, the newest first, damaged ones included."""
        return [Run(self.folder / run_id) for run_id in sorted(self._ids(), key=_number, reverse=True)]

    def get(self, run_id: str) -> "Run":
        """Return the run of this name; raises RunError where there is none."""
        if run_id not in self._ids():
            raise RunError(
                tr("There is no run of this name in {folder}. Received: {run_id}.", folder=self.folder, run_id=run_id)
            )
        return Run(self.folder / run_id)

    def delete(self, run_id: str) -> None:
        """Remove a run for good; raises RunError while it is waiting or training."""
        run = self.get(run_id)
        if run.status().is_active:
            raise RunError(tr("Run {number} is still active. Stop it before deleting it.", number=run.number))
        doomed = self.folder / f".deleted-{run_id}-{secrets.token_hex(4)}"
        os.rename(run.path, doomed)
        shutil.rmtree(doomed, ignore_errors=True)

    def active(self) -> "Run | None":
        """Return the run that trains now, else the oldest that waits, else None."""
        runs = [(run, run.status().state) for run in reversed(self.list())]
        running = [run for run, state in runs if state.is_training]
        queued = [run for run, state in runs if state is State.QUEUED]
        return next(iter(running + queued), None)

    def _ids(self) -> "list[str]":
        with suppress(FileNotFoundError, NotADirectoryError):
            return [entry.name for entry in os.scandir(self.folder) if entry.name[0] != "." and entry.is_dir()]
        return []

    def _next_number(self) -> int:
        # The counter outlives deleted runs, so that a number never names two of them.
        counter = self.folder / ".last_number"
        written = int(counter.read_text()) if counter.exists() and counter.read_text().strip().isdigit() else 0
        number = max([written, *map(_number, self._ids())]) + 1
        with replacing(counter, durable=False) as temporary:
            temporary.write_text(str(number))
        return number


class Run:
    """One run directory, read tolerantly and written whole."""

    def __init__(self, path: Path):
        self.path = Path(path)
        self.id = self.path.name
        self.number = _number(self.id)

    def __repr__(self) -> str:
        return f"Run({self.id})"

    @property
    def name(self) -> str:
        """What people call it: "run 12"; of what comes with the package "the recorded run" or "the default model"."""
        if self.number:
            return tr("run {number}", number=self.number)
        return tr("the recorded run") if self.id.startswith(_WITHOUT_NUMBER) else tr("the default model")

    @property
    def number_text(self) -> str:
        """The number in words for a narrow place: "12", or "recorded" for the recording that comes with the package."""
        return str(self.number) if self.number else "recorded"

    def load_facts(self) -> dict:
        """Return the content of run.json; empty where it is damaged."""
        return without_made_up_patients(read_json(self.path / "run.json") or {})

    def is_damaged(self) -> bool:
        """Return True where this version cannot read run.json or status.json, or the settings in them."""
        return self.recorded_status().state.is_unreadable

    def load_config(self) -> TrainingConfig:
        """Return the settings of the run; raises RunError where this version cannot read them."""
        try:
            return _config_of(self.load_facts())
        except RunError as error:
            raise RunError(tr("Run {id} cannot be opened. {error}", id=self.id, error=error)) from error

    def load_job(self) -> str:
        """Return what the run does, see ``runs.jobs.Job``."""
        return job_of(self.load_facts())

    def load_engine(self) -> str:
        """Return the name of the engine that executes the run, see ``runs.jobs.EngineName``."""
        return engine_of(self.load_facts())

    def load_dataset(self) -> DatasetReference:
        """Return the data set the run was made for; raises RunError where run.json cannot be read."""
        self.load_config()
        return DatasetReference.from_facts(self.load_facts())

    @property
    def model_path(self) -> Path:
        """Where the layers that learned are kept; the file exists once there is something to predict with."""
        return self.path / "model.keras"

    @property
    def reference_path(self) -> Path:
        """What the run keeps for judging X-rays it has not seen; missing where an earlier version wrote the run."""
        return self.path / "reference.npz"

    def begin(
        self,
        config: TrainingConfig,
        *,
        engine: EngineName | str,
        status: Status,
        job: Job = Job.TRAIN,
        fingerprint: str = "",
        asked: Mapping[str, Any] = _NOTHING,
    ) -> None:
        """Write run.json and status.json anew; see ``RunStore.create``, which gives them a directory of their own."""
        facts = {
            "format": RUN_FORMAT,
            "job": job,
            "engine": engine,
            "config": config.to_dict(),
            "dataset": asdict(DatasetReference.of(config.dataset, fingerprint=fingerprint)),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            **asked,
        }
        write_json(self.path / "run.json", facts)
        write_json(self.path / "status.json", _status_values(status))

    def update_facts(self, **facts) -> None:
        """Add to run.json."""
        write_json(self.path / "run.json", {**self.load_facts(), **facts})

    def status(self) -> Status:
        """Return the state, corrected by what the files cannot know: an owner that died or fell silent."""
        status = self.recorded_status()
        if status.state is not State.RUNNING:
            return status
        if not self.is_locked():
            # Read again: the owner may have finished between the two looks.
            status = self.recorded_status()
            if status.state is State.RUNNING:
                reason = tr_lazy("The process that trained it ended after {place}.", place=place_of(status))
                return replace(status, state=State.INTERRUPTED, reason=reason)
            return status
        silent_seconds = _silence.silent_seconds(self.path, owner=status.owner, heartbeat=status.heartbeat)
        if silent_seconds > STALLED_AFTER_SECONDS:
            return replace(
                status, state=State.STALLED, reason=tr_lazy("No heartbeat for {seconds:.0f} s.", seconds=silent_seconds)
            )
        return status

    def recorded_status(self) -> Status:
        """Return status.json as it stands."""
        facts = self.load_facts()
        try:
            _config_of(facts)
        except RunError as error:
            newer = newer_format(facts, known=RUN_FORMAT)
            return Status(state=State.NEWER if newer else State.DAMAGED, reason=said_by(error))
        values = read_json(self.path / "status.json")
        with suppress(ValueError):
            status = load_dataclass(Status, values)
            sentences = {name: kept_sentence(values, name) for name in ("phase", "reason")}
            return replace(status, state=State(status.state), **sentences)
        return Status(state=State.DAMAGED, reason=tr_lazy("Its status.json cannot be read."))

    def write_status(self, status: Status) -> None:
        """Replace status.json; only the owner of the lock calls this, and whoever it lets execute the run."""
        stamped = replace(status, owner=self._owner(), heartbeat=monotonic_seconds())
        write_json(self.path / "status.json", _status_values(stamped), durable=stamped.state is not State.RUNNING)

    def _owner(self) -> dict:
        return asdict(Owner.this_process())

    def require_lease(self) -> None:
        """Called before what a run has computed is written; raises where another node executes the run by now (engines.ray_lease)."""

    def is_locked(self) -> bool:
        """True while some process executes the run."""
        if not (self.path / "lock").exists():
            return False
        try:
            with _LOOKING, FileLock(self.path / "lock").acquire(blocking=False):
                return False
        except Timeout:
            return True
        except OSError:
            return False

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run for execution; raises RunError where another process holds it."""
        # Readers hold the lock for an instant when they look whether it is free: hence the timeout.
        lock = FileLock(self.path / "lock", timeout=2)
        try:
            with storage_errors(self.path):
                lock.acquire()
        except Timeout as error:
            raise RunError(tr("Run {number} is being executed by another process.", number=self.number)) from error
        try:
            yield
        finally:
            lock.release()

    def request_stop(self) -> None:
        """Ask the owner to stop at its next batch; a run nobody has begun stops at once."""
        (self.path / "stop").touch()
        if self.recorded_status().state is State.QUEUED:
            with suppress(RunError), self.locked():
                if (status := self.recorded_status()).state is State.QUEUED:
                    reason = tr_lazy("Stopped before it began.")
                    self.write_status(replace(status, state=State.STOPPED, phase="", reason=reason))

    def is_stop_requested(self) -> bool:
        """Return True once somebody asked to stop."""
        return (self.path / "stop").exists()

    def history(self) -> pd.DataFrame:
        """Return a row an epoch: epoch, loss, accuracy, val_loss, val_accuracy, seconds."""
        return HISTORY.load(self.path / "history.csv")

    def steps(self) -> pd.DataFrame:
        """Return a row a batch: step, epoch, position (in epochs, fractional), loss, accuracy."""
        return STEPS.load(self.path / "steps.csv")

    def append_history(self, **row: float) -> None:
        """Add the line of one finished epoch."""
        HISTORY.append(self.path / "history.csv", [row])

    def append_steps(self, rows: "list[dict]") -> None:
        """Add the lines of finished batches."""
        if rows:
            STEPS.append(self.path / "steps.csv", rows)

    def forget_after(self, epoch: int) -> None:
        """Drop the lines of epochs after ``epoch``, which a resumed run will write again."""
        for name, table in (("history.csv", HISTORY), ("steps.csv", STEPS)):
            table.keep(self.path / name, lambda row: row["epoch"] <= epoch)

    def predictions(self) -> pd.DataFrame:
        """Return a row a validation film; empty while there are none."""
        texts = ["file", "patient_id", "class", "predicted"]
        table = pd.DataFrame(columns=[*texts, "probability", "correct"])
        with suppress(OSError, ValueError):
            read = pd.read_csv(self.path / "predictions.csv", dtype=dict.fromkeys(texts, str))
            return read.assign(**{name: None for name in table.columns if name not in read.columns})
        return table

    def write_predictions(self, predictions: pd.DataFrame) -> None:
        """Replace predictions.csv."""
        with replacing(self.path / "predictions.csv") as temporary:
            predictions.to_csv(temporary, index=False, float_format="%.6g")

    def write_report(self, report: dict) -> None:
        """Replace report.json."""
        write_json(self.path / "report.json", report)

    def report(self) -> dict | None:
        """Return report.json, or None while there is none."""
        report = read_json(self.path / "report.json")
        return without_made_up_patients(report) if report else report

    def log(self, line: str) -> None:
        """Add a line to log.txt."""
        append_line(self.path / "log.txt", f"{datetime.now(UTC).isoformat(timespec='seconds')} {line}")


@contextmanager
def replacing_folder(parent: Path) -> Iterator[Path]:
    """Yield a hidden folder inside ``parent`` that its user renames; removed where it is still there."""
    temporary = parent / f".new-{os.getpid()}-{time.monotonic_ns()}"
    with storage_errors(parent):
        temporary.mkdir(parents=True)
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _status_values(status: Status) -> dict[str, Any]:
    """What status.json holds: sentences in English, and what they are translated from."""
    return with_messages(asdict(status))


def _number(run_id: str) -> int:
    digits = run_id.split("-", maxsplit=1)[0]
    return int(digits) if digits.isdigit() else 0


def _config_of(facts: dict) -> TrainingConfig:
    """The settings in run.json; raises RunError with the reason where this version cannot read them."""
    if newer := newer_format(facts, known=RUN_FORMAT):
        raise RunError(newer)
    try:
        return TrainingConfig.from_dict(facts["config"])
    except (KeyError, ValueError) as error:
        raise RunError(tr_lazy("Its run.json cannot be read.")) from error
    except UsageError as error:
        raise RunError(tr_lazy("It has settings that this version does not know. {error}", error=error)) from error
