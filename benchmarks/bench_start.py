"""(b) From Start to the curve, through the real worker: with an empty cache, with a warm one, and after preparation."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

from common import (
    fresh_home,
    num_lines,
    print_load,
    print_precision,
    print_target,
    read_options,
    wait_until,
    warm_worker,
)

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.files import read_json
from covidlab.runs.preparation import want_prepared
from covidlab.runs.store import RunStore

FIRST_EPOCH_TARGET, COLD_LAST_EPOCH_TARGET, PREPARED_LAST_EPOCH_TARGET = 2.5, 6.0, 1.0

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


def last_epoch_of(config: TrainingConfig) -> Callable[[Path], bool]:
    """Whether a run has written its last epoch."""
    return lambda run: num_lines(run / "history.csv") >= HEADER_LINES + config.epochs


def prepared_run(config: TrainingConfig) -> dict[str, float]:
    """Wait in a home of its own until a worker has prepared everything, as while somebody looks at Home; then start a run."""
    with fresh_home() as home:
        want_prepared(load_catalog(Path(config.dataset), positive_class=config.positive_class))
        began = time.perf_counter()
        with warm_worker():
            wait_until(
                lambda: (progress := read_json(home / "prepared.json")) and progress["done"] == progress["total"]
            )
            print(f"both presets prepared {time.perf_counter() - began:.0f} s after the worker was asked for")
            seconds = start_run(config, last_epoch=last_epoch_of(config))
            print_precision(home)
    return seconds


def main() -> None:
    """Print the seconds of one run with an empty cache, of several with a warm one, and of one after preparation."""
    options = read_options(__doc__, repeats={"type": int, "default": 5, "help": "runs with a warm cache"})
    config = TrainingConfig(dataset=str(options.dataset))
    print_load()
    os.environ["COVIDLAB_PREPARE"] = "0"
    with fresh_home() as home, warm_worker() as start_seconds:
        print(f"worker warm after {start_seconds:.1f} s")
        cold = start_run(
            config,
            first_step=lambda run: num_lines(run / "steps.csv") > HEADER_LINES,
            first_epoch=lambda run: num_lines(run / "history.csv") > HEADER_LINES,
            last_epoch=last_epoch_of(config),
        )
        print_precision(home)
        print(f"empty cache, Start to the report with cross-validation: {cold['end']:.1f} s")
        print(f"empty cache, Start to the first step: {cold['first_step']:.2f} s")
        print_target("empty cache, Start to the first epoch", cold["first_epoch"], target=FIRST_EPOCH_TARGET, unit="s")
        print_target("empty cache, Start to epoch 25", cold["last_epoch"], target=COLD_LAST_EPOCH_TARGET, unit="s")
        warm = []
        for number in range(options.repeats):
            each = replace(config, seed=config.seed + number)
            warm.append(start_run(each, last_epoch=last_epoch_of(each)))
    print(f"warm cache, Start to the report with cross-validation: {median(run['end'] for run in warm):.2f} s")
    last_epoch = [run["last_epoch"] for run in warm]
    print("warm cache, each run: " + ", ".join(f"{seconds:.2f}" for seconds in last_epoch) + " s")
    print_target(
        "warm cache, Start to epoch 25, median", median(last_epoch), target=PREPARED_LAST_EPOCH_TARGET, unit="s"
    )
    os.environ["COVIDLAB_PREPARE"] = "1"
    prepared = prepared_run(config)
    print_target("prepared, Start to epoch 25", prepared["last_epoch"], target=PREPARED_LAST_EPOCH_TARGET, unit="s")
    print_load()


if __name__ == "__main__":
    main()
