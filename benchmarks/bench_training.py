"""(a) The published procedure: a plain full-graph Keras fit against train_covid19_main.py, whole processes."""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import PROJECT_ROOT, fresh_home, print_load, print_precision, print_target, read_options

COLD_TARGET, WARM_TARGET = 10.0, 15.0


def timed(what: str, script: Path, *arguments: str, folder: str) -> float:
    """Run a Python script as a process of its own and return its wall seconds."""
    print_load()
    command = [sys.executable, str(script), *arguments]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{script.name} failed with status {done.returncode}.\n{done.stderr}")
    computed = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{what}: {seconds:.1f} s ({computed:.1f} s of processor time)", flush=True)
    return seconds


def main() -> None:
    """Run the three processes one after another and print both ratios."""
    settings = {"type": int, "default": 1, "help": "runs of train_covid19_main.py with each cache; the median counts"}
    options = read_options(__doc__, repeats=settings)
    dataset = ["--dataset", str(options.dataset)]
    ours = PROJECT_ROOT / "train_covid19_main.py"
    with tempfile.TemporaryDirectory() as folder:
        plain = timed("plain Keras", PROJECT_ROOT / "benchmarks" / "plain_keras.py", *dataset, folder=folder)
        cold, warm = [], []
        for _ in range(options.repeats):
            with fresh_home() as home:
                cold.append(timed("covidlab, empty cache", ours, *dataset, folder=folder))
                warm.append(timed("covidlab, warm cache", ours, *dataset, folder=folder))
                print_precision(home)
    print_target(
        "ratio, empty cache", plain / sorted(cold)[len(cold) // 2], target=COLD_TARGET, unit="x", at_least=True
    )
    print_target("ratio, warm cache", plain / sorted(warm)[len(warm) // 2], target=WARM_TARGET, unit="x", at_least=True)


if __name__ == "__main__":
    main()
