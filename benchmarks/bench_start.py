"""(b) From Start to the curve, through the real worker: first point with an empty cache, last epoch with a warm one."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

from common import fresh_home, num_lines, print_load, print_target, read_options, warm_worker

from covidlab.config import TrainingConfig
from covidlab.runs.store import RunStore

FIRST_POINT_TARGET, LAST_EPOCH_TARGET = 5.0, 2.0

# Of history.csv and steps.csv.
HEADER_LINES = 1


def start_run(config: TrainingConfig, **marks: Callable[[Path], bool]) -> dict[str, float]:
    """Create a run as the Start button does; return the seconds to each mark, and to the end as "end"."""
    started = time.perf_counter()
    run = RunStore().create(config)
    seconds = {}
    while run.recorded_status().state in ("queued", "running"):
        for name, is_reached in marks.items():
            if name not in seconds and is_reached(run.path):
                seconds[name] = time.perf_counter() - started
        time.sleep(0.005)
    if run.status().state != "finished":
        raise SystemExit(f"The run did not finish: {run.status().reason}")
    # A mark reached between the last look and the end.
    return {**{name: time.perf_counter() - started for name in marks}, **seconds, "end": time.perf_counter() - started}


def main() -> None:
    """Print the seconds of one run with an empty cache and of several with a warm one."""
    options = read_options(__doc__, repeats={"type": int, "default": 5, "help": "runs with a warm cache"})
    config = TrainingConfig(dataset=str(options.dataset))
    print_load()
    with fresh_home(), warm_worker() as start_seconds:
        print(f"worker warm after {start_seconds:.1f} s")
        cold = start_run(
            config,
            first_step=lambda run: num_lines(run / "steps.csv") > HEADER_LINES,
            first_epoch=lambda run: num_lines(run / "history.csv") > HEADER_LINES,
        )
        print(f"empty cache, Start to the report with cross-validation: {cold['end']:.1f} s")
        print_target("empty cache, Start to the first step", cold["first_step"], target=FIRST_POINT_TARGET, unit="s")
        print_target("empty cache, Start to the first epoch", cold["first_epoch"], target=FIRST_POINT_TARGET, unit="s")
        warm = []
        for number in range(options.repeats):
            each = replace(config, seed=config.seed + number)
            warm.append(
                start_run(each, last_epoch=lambda run: num_lines(run / "history.csv") >= HEADER_LINES + config.epochs)
            )
    print(f"warm cache, Start to the report with cross-validation: {median(run['end'] for run in warm):.2f} s")
    last_epoch = [run["last_epoch"] for run in warm]
    print("warm cache, each run: " + ", ".join(f"{seconds:.2f}" for seconds in last_epoch) + " s")
    print_target("warm cache, Start to epoch 25, median", median(last_epoch), target=LAST_EPOCH_TARGET, unit="s")
    print_load()


if __name__ == "__main__":
    main()
