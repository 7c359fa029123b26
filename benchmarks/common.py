"""What the benchmarks share: the films, a fresh COVIDLAB_HOME, a real worker, and how a figure is printed."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from covidlab.paths import dataset_folder  # noqa: E402

# Far above every target, so that a machine that is merely slow still prints its figure.
PATIENCE_SECONDS = 300.0


def read_options(description: str | None, **further: dict) -> argparse.Namespace:
    """Options of a benchmark; ``dataset`` is made absolute, and the process ends where it has no films."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--dataset", type=Path, default=dataset_folder(), help="folder of class folders")
    for name, settings in further.items():
        parser.add_argument(f"--{name}", **settings)
    options = parser.parse_args()
    options.dataset = options.dataset.absolute()
    if not (options.dataset / "covid").is_dir():
        parser.error(f"The folder must hold the curated films (--dataset DIR). Received: {options.dataset}.")
    return options


@contextmanager
def fresh_home() -> Iterator[Path]:
    """Yield an empty folder that is COVIDLAB_HOME for this process and for those it starts; removed at the end."""
    with tempfile.TemporaryDirectory(prefix="covidlab-benchmark-") as folder:
        os.environ["COVIDLAB_HOME"] = folder
        try:
            yield Path(folder)
        finally:
            end_trainer()


def end_trainer() -> None:
    """End the worker of this home, where a benchmark or a page has started one, and wait until it is gone."""
    from covidlab.runs.engines.local import end_worker, worker_is_running

    # One that is still loading has not said its name yet.
    while worker_is_running():
        end_worker()
        time.sleep(0.1)


@contextmanager
def warm_worker() -> Iterator[float]:
    """Start the worker as the dashboard does; yield the seconds until it is warm, end it afterwards."""
    from covidlab.files import read_json
    from covidlab.paths import home
    from covidlab.runs.engines.local import ensure_worker

    started = time.perf_counter()
    ensure_worker()
    try:
        wait_until(lambda: (read_json(home() / "device.json") or {}).get("warm"))
        yield time.perf_counter() - started
    finally:
        end_trainer()


def wait_until(is_true: Callable[[], bool], *, every_seconds: float = 0.005) -> None:
    """Return once ``is_true()``; raises TimeoutError where it never comes true."""
    deadline = time.perf_counter() + PATIENCE_SECONDS
    while not is_true():
        if time.perf_counter() > deadline:
            raise TimeoutError(f"Nothing happened in {PATIENCE_SECONDS:.0f} s.")
        time.sleep(every_seconds)


def num_lines(path: Path) -> int:
    """Whole lines of a file that another process may be writing; 0 while there is none."""
    return path.read_bytes().count(b"\n") if path.exists() else 0


def print_target(what: str, value: float, *, target: float, unit: str, at_least: bool = False) -> None:
    """Print a figure beside its target and whether it is met."""
    met = value >= target if at_least else value <= target
    bound = "at least" if at_least else "at most"
    print(f"{what}: {value:.2f} {unit} (target {bound} {target:g} {unit}: {'met' if met else 'MISSED'})", flush=True)


def print_precision(home: Path) -> None:
    """Print what the newest run in this home computed in, and what was measured to decide it."""
    from covidlab.files import read_json
    from covidlab.runs.store import RunStore

    run = next(iter(RunStore(home / "runs").list()), None)
    print(f"computed in {run.load_facts().get('precision', 'float32') if run else 'nothing yet'}", end="")
    for kept in (read_json(home / "precision.json") or {}).values():
        measured = (f"{name} {1000 * seconds:.0f} ms" for name, seconds in kept.get("film_seconds", {}).items())
        print(f"; measured for an X-ray: {', '.join(measured)}", end="")
    print(flush=True)


def print_load() -> None:
    """Print how busy other work keeps the machine; figures taken beside it say little."""
    busy_percent = psutil.cpu_percent(interval=1.0)
    loads = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    print(
        f"{os.cpu_count()} cores, {busy_percent:.0f} % of them busy with other work, load average {loads}", flush=True
    )
