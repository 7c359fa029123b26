"""The one warm process that trains: it takes the oldest queued run, again and again.

It holds a lock that the kernel releases when it dies, and never serves pages, so pages never wait for it. Work it finds
begun and owned by nobody is marked interrupted, queued again and continued from the last finished epoch.
"""

import os
import signal
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import asdict

from filelock import FileLock, Timeout

from covidlab.config import PRESETS, TrainingConfig
from covidlab.errors import CovidLabError, ModelError, RunError, StorageError
from covidlab.files import write_json
from covidlab.language import said_by, tr, tr_lazy
from covidlab.learning.quiet import require_tensorflow
from covidlab.paths import home
from covidlab.runs.archiver import Archiver
from covidlab.runs.calibration import Calibration
from covidlab.runs.engines.local import WORKER, LocalEngine, wanted_stamp
from covidlab.runs.gpu import GpuMeter
from covidlab.runs.jobs import EngineName
from covidlab.runs.owner import Owner, monotonic_seconds
from covidlab.runs.preparation import Preparation
from covidlab.runs.recovery import record_failure, recover
from covidlab.runs.status import State
from covidlab.runs.store import Run, RunStore
from covidlab.runs.tensorboard import warm_events

POLL_SECONDS = 0.05
IDLE_EXIT_SECONDS = 15 * 60

# Behind the server that draws the pages, before the process that reads X-rays (services.reader_process).
NICENESS = 3


class Worker:
    """Executes queued runs, oldest first, until nobody has wanted it for a quarter of an hour."""

    def __init__(self, store: RunStore):
        self.store = store
        self._ended: set[str] = set()
        self._archiver = Archiver()
        self._precision = ""
        self._is_warm = False
        self._preparation: Preparation | None = Preparation()
        self._calibration: Calibration | None = Calibration()

    def serve(self) -> None:
        """Work until idle for too long."""
        self._announce_device()
        self._watch_gpu()
        last_wanted, stamp = monotonic_seconds(), wanted_stamp()
        while monotonic_seconds() - last_wanted < IDLE_EXIT_SECONDS or self._archiver.is_busy:
            if run := self._next_run():
                self._execute(run)
                last_wanted = monotonic_seconds()
            elif stamp != (stamp := wanted_stamp()):
                last_wanted = monotonic_seconds()
                # One of those that had ended may have been asked to go on.
                self._ended.clear()
            else:
                self._when_idle()

    def refuse(self, reason: str) -> None:
        """Say that nothing can be trained here, and why, to who asks and for each run that waits."""
        write_json(home() / "device.json", {"failure": reason}, durable=False)
        while run := self._next_run():
            self._ended.add(run.id)
            with suppress(RunError, StorageError), run.locked():
                record_failure(run, reason)

    def _when_idle(self) -> None:
        """Do what may be done while no run waits; returns soon, so that a run that comes begins at once."""
        if not self._is_warm:
            self._warm_up()
            return
        try:
            has_worked = self._work_ahead()
        except Exception:  # the outermost frame of what nobody asked for: said in worker.log, and not tried again
            traceback.print_exc()
            self._preparation = self._calibration = None
            has_worked = False
        if not has_worked:
            time.sleep(POLL_SECONDS)

    def _work_ahead(self) -> bool:
        """Do a piece of what somebody may want; return False where there is nothing."""
        if self._calibration is None or self._preparation is None:
            return False
        # Somebody looks at a depth whose time is only guessed, which takes seconds; preparing can take longer.
        return self._calibration.step() or self._preparation.step()

    def _next_run(self) -> Run | None:
        """Return the oldest run to do; runs without an owner are queued again on the way."""
        for run in reversed([run for run in self.store.list() if run.id not in self._ended]):
            state = run.status().state
            if state is State.INTERRUPTED:
                state = recover(run, engine=EngineName.LOCAL)
            if state is State.QUEUED and run.load_engine() == EngineName.LOCAL:
                return run
            if state.has_ended:
                self._ended.add(run.id)
                self._archiver.offer(run)
        return None

    def _execute(self, run: Run) -> None:
        try:
            self._execute_locked(run)
        except StorageError as error:
            # Where not even its status can be written it would come again and again.
            print(f"{run.name}: {error}", file=sys.stderr, flush=True)
            self._ended.add(run.id)

    def _execute_locked(self, run: Run) -> None:
        with suppress(RunError), run.locked():
            status = run.recorded_status()
            if status.state is not State.QUEUED:
                return
            try:
                from covidlab.runs.starting import start_job

                start_job(run, resolve=LocalEngine().resolve)
            except CovidLabError as error:
                record_failure(run, said_by(error))
            # The outermost frame of the worker: whatever happens is recorded, and the next run begins.
            except Exception as error:
                record_failure(
                    run, tr_lazy("Unexpected error: {name}. See log.txt of the run.", name=type(error).__name__)
                )

    def _warm_up(self) -> None:
        """Build the frozen layers and a head's step before anybody waits for them."""
        import numpy as np

        from covidlab.learning.backbones import find_backbone
        from covidlab.learning.device import select_device
        from covidlab.learning.film_activations import forward
        from covidlab.learning.heads import warm_heads
        from covidlab.learning.precision import choose_precision
        from covidlab.metrics import roc_curve

        backbone = find_backbone(TrainingConfig.backbone)
        warm_events()
        # Loads scikit-learn, which the first run would else wait for.
        roc_curve(np.arange(2), np.arange(2), positive_index=1)
        film = np.zeros((1, backbone.input_side, backbone.input_side, 3), np.uint8)
        self._precision = choose_precision(TrainingConfig(dataset=""), backbone, select_device("auto"))
        # One film: a run that is queued meanwhile waits for the end of this.
        forward(PRESETS["default"], backbone, "head", self._precision)(film)
        warm_heads(num_features=backbone.num_features, num_classes=2, batch_size=TrainingConfig.batch_size)
        self._is_warm = True
        self._announce_device()

    def _watch_gpu(self) -> None:
        """Let pages say how busy the GPU is, where there is one."""
        from covidlab.learning.device import select_device

        if select_device("auto").is_gpu:
            GpuMeter().start()

    def _announce_device(self) -> None:
        from covidlab.learning.device import select_device

        facts = {"device": select_device("auto").name, "precision": self._precision, "warm": self._is_warm}
        write_json(home() / "device.json", facts, durable=False)
        write_json(WORKER.owner, asdict(Owner.this_process()), durable=False)


def main() -> int:
    """Serve as the worker; return at once where another one does."""
    home().mkdir(parents=True, exist_ok=True)
    lock = FileLock(WORKER.lock, timeout=2)
    worker = Worker(RunStore())
    try:
        lock.acquire()
    except Timeout:
        print(tr("A worker is running already."))
        return 0
    with lock:
        # Pages answer at once while all cores train; nothing is lost where nobody looks.
        os.nice(NICENESS)
        # Ended politely or by force, a run is found interrupted and continued from its last checkpoint.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            require_tensorflow()
        except ModelError as error:
            worker.refuse(str(error))
            return error.exit_status
        worker.serve()
    return 0
