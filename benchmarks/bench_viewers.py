"""(f) Many viewers of one run, live and finished, against a real server, a real trainer and somebody who predicts."""

import asyncio
import json
import math
import subprocess
import sys
import threading
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from statistics import median, quantiles

import psutil
from bench_pages import server
from common import fresh_home, print_load, print_precision, print_target, read_options, wait_until, warm_worker
from viewer_clients import Viewer

from covidlab.config import TrainingConfig
from covidlab.runs.store import Run, RunStore

FIRST_PAGE_TARGETS = {20: 2.0, 50: 2.0, 200: 5.0}
ARRIVALS_A_SECOND = 20.0
UPDATE_TARGET, TURN_TARGET, MEMORY_TARGET = 0.25, 0.5, 400.0
STAY_SECONDS = 15.0
TURNS = ("Runs", "Browse", "Train")
CLIENTS = Path(__file__).with_name("viewer_clients.py")


def percentile_95(values: list[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


class WriteTimes:
    """When each line of history.csv and steps.csv was written, by the time on the file, looked at from another thread."""

    def __init__(self, run: Run) -> None:
        self._run, self._ends = run, threading.Event()
        self.epochs: dict[int, float] = {}
        self.steps: dict[int, float] = {}

    @contextmanager
    def noted(self):
        """Look at the files until the end of the block."""
        thread = threading.Thread(target=self._look, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._ends.set()
            thread.join()

    def _look(self) -> None:
        stamps = {}
        while not self._ends.wait(0.004):
            for name, times in (("history.csv", self.epochs), ("steps.csv", self.steps)):
                with suppress(OSError):
                    written = (self._run.path / name).stat().st_mtime_ns
                    if stamps.get(name) == written:
                        continue
                    known = name in stamps
                    stamps[name] = written
                    for line in (self._run.path / name).read_text().splitlines():
                        number = line.split(",", 1)[0]
                        if number.isdigit() and int(number) not in times:
                            # What was there at the first look has no known time.
                            times[int(number)] = written / 1e9 if known else float("nan")


def delays_of(seen: list[dict], written: WriteTimes) -> list[float]:
    """Seconds from each write to each viewer that was there before it."""
    delays = []
    for viewer in seen:
        for kind, times in (("epochs", written.epochs), ("steps", written.steps)):
            received = {int(number): at for number, at in viewer[kind].items()}
            # What came with the first event was written before the viewer listened.
            first = min(received.values(), default=0.0)
            delays += [at - times[number] for number, at in received.items() if at > first and number in times]
    return [delay for delay in delays if not math.isnan(delay)]


def view(port: int, run: Run, *, viewers: int, stay: float) -> list[dict]:
    """Let viewers arrive at a run, in a process of their own; return what each saw."""
    arguments = {"port": port, "run": run.id, "viewers": viewers, "arrival": viewers / ARRIVALS_A_SECOND, "stay": stay}
    command = [sys.executable, str(CLIENTS), *(f"--{name}={value}" for name, value in arguments.items())]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)


@contextmanager
def predicting(port: int, files: list[str]):
    """Read one X-ray of the set after another on Predict, as one visitor; yield the seconds that each took."""
    ends, seconds = threading.Event(), []

    async def predict() -> None:
        viewer = Viewer(port)
        await viewer.open()
        while not ends.is_set():
            for file in files:
                if not ends.is_set():
                    seconds.append(await viewer.visit("Predict", film=file))
        await viewer.close()

    thread = threading.Thread(target=lambda: asyncio.run(predict()))
    thread.start()
    wait_until(lambda: len(seconds) > 1 or not thread.is_alive())
    try:
        yield seconds
    finally:
        ends.set()
        thread.join()


@contextmanager
def turning(port: int, run: Run):
    """Turn pages as one visitor among the others; yield the seconds that each took."""
    ends, seconds = threading.Event(), []

    async def turn() -> None:
        viewer = Viewer(port)
        await viewer.first_visit("Train", run=run.id)
        while not ends.is_set():
            for page in TURNS:
                await asyncio.sleep(0.7)
                seconds.append(await viewer.visit(page, run=run.id))
        await viewer.close()

    thread = threading.Thread(target=lambda: asyncio.run(turn()))
    thread.start()
    try:
        yield seconds
    finally:
        ends.set()
        thread.join()


class ProcessorTime:
    """Seconds of processor time that a process has spent since this was made."""

    def __init__(self, process: psutil.Process) -> None:
        self._process, self._before = process, 0.0
        self._before = self.seconds()

    def seconds(self) -> float:
        """User and system time."""
        return sum(self._process.cpu_times()[:2]) - self._before


def report(what: str, seen: list[dict], *, viewers: int, spent: ProcessorTime) -> None:
    """Print how long the first page took, and what it cost the server."""
    print(
        f"{what}, processor time of the server: {1000 * spent.seconds() / viewers:.0f} ms a viewer, watching included"
    )
    pages = [seconds for viewer in seen for seconds in viewer["page_seconds"]]
    lost = [viewer["error"] for viewer in seen if not viewer["page_seconds"]]
    if lost:
        print(f"{what}: {len(lost)} of {viewers} viewers got no page, the first: {lost[0]}")
    if pages:
        print_target(
            f"{what}, first page, 95th percentile", percentile_95(pages), target=FIRST_PAGE_TARGETS[viewers], unit="s"
        )
        runs = sum(viewer["num_runs_of_script"] for viewer in seen) / viewers
        size = sum(viewer["num_bytes"] for viewer in seen) / viewers
        print(
            f"{what}, first page, median {median(pages):.2f} s; {runs:.1f} script runs and {size / 1e3:.0f} kB a viewer"
        )


def measure_live(port: int, process: psutil.Process, config: TrainingConfig, *, viewers: int, stay: float) -> None:
    """Print the figures of a run that trains while it is watched."""
    run = RunStore().create(config)
    wait_until(lambda: len(run.history()) >= 1)
    what = f"{viewers} viewers of a live run"
    spent = ProcessorTime(process)
    with WriteTimes(run).noted() as written, turning(port, run) as turns:
        seen = view(port, run, viewers=viewers, stay=stay)
        memory = process.memory_info().rss / 1e6
    report(what, seen, viewers=viewers, spent=spent)
    delays = delays_of(seen, written)
    if delays:
        value = percentile_95(delays)
        print(f"{what}, {len(delays)} updates received, median {median(delays):.3f} s")
        print_target(f"{what}, from the write to the client, 95th percentile", value, target=UPDATE_TARGET, unit="s")
    if turns:
        what_turn = f"page turn of one visitor among {viewers}, 95th percentile of {len(turns)}"
        print_target(what_turn, percentile_95(turns), target=TURN_TARGET, unit="s")
    print_target(f"{what}, memory of the server", memory, target=MEMORY_TARGET, unit="MB")
    run.request_stop()
    wait_until(lambda: not run.status().is_active)


def main() -> None:
    """Print the figures for each number of viewers, of a live run and of a finished one."""
    options = read_options(
        __doc__,
        viewers={"type": int, "nargs": "+", "default": [20, 50, 200], "help": "numbers of viewers"},
        stay={"type": float, "default": STAY_SECONDS, "help": "seconds that viewers stay once all have arrived"},
        quiet={"action": "store_true", "help": "nobody predicts beside them"},
    )
    config = TrainingConfig(dataset=str(options.dataset))
    live = TrainingConfig(dataset=str(options.dataset), fine_tune="block5", views=1, epochs=500, batch_size=8)
    print_load()
    with fresh_home() as home, warm_worker(), server(options.dataset) as (address, process_id):
        port, process = int(address.rpartition(":")[2]), psutil.Process(process_id)
        finished = RunStore().create(config)
        wait_until(lambda: not finished.status().is_active)
        print_precision(home)
        files = finished.predictions()["file"].tolist()
        with nullcontext() if options.quiet else predicting(port, files[:4]) as seconds:
            for viewers in options.viewers:
                measure_live(port, process, live, viewers=viewers, stay=options.stay)
                what = f"{viewers} viewers of a finished run"
                spent = ProcessorTime(process)
                report(what, view(port, finished, viewers=viewers, stay=2.0), viewers=viewers, spent=spent)
                print_target(
                    f"{what}, memory of the server", process.memory_info().rss / 1e6, target=MEMORY_TARGET, unit="MB"
                )
        if seconds:
            print(f"predictions beside them: {len(seconds)}, median {median(seconds):.2f} s")
    print_load()


if __name__ == "__main__":
    main()
