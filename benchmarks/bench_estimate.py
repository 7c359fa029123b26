"""How far the time that Train names before Start is from the time a run takes, for each depth, before and after its first run.

A fresh COVIDLAB_HOME; a few batches are measured as the idle worker does (runs.calibration), then two runs are executed in this
process, as the warm worker would. --processor-time counts what this process computes in place of the clock: other work on the
machine changes the clock between the estimate and the run, and no estimate can know that.
"""

import os
import time

from common import fresh_home, print_load, read_options

TARGET = 0.3
EPOCHS = {"head": 25, "block5": 3, "block4": 2, "all": 1}


def main() -> None:
    options = read_options(
        __doc__,
        depths={"nargs": "*", "default": list(EPOCHS), "choices": list(EPOCHS)},
        batch={"type": int, "default": 4, "help": "batch size, none of those that are measured before"},
        **{"processor-time": {"action": "store_true", "help": "count processor seconds instead of the clock"}},
    )
    if options.processor_time:
        time.monotonic = time.process_time
    os.environ["COVIDLAB_DATASET"] = str(options.dataset)
    print_load()
    with fresh_home():
        warm()
        for depth in options.depths:
            measure_depth(options, depth)


def warm() -> None:
    """Load and build what the warm worker has before a run comes, and choose the precision."""
    from covidlab.runs.engines.worker import Worker
    from covidlab.runs.store import RunStore

    Worker(RunStore())._warm_up()


def measure_depth(options, depth: str) -> None:
    """Print estimates and times of two runs at a depth."""
    from covidlab.config import TrainingConfig
    from covidlab.data.catalog import load_catalog
    from covidlab.runs.calibration import Calibration, ask_for_calibration
    from covidlab.runs.estimate import estimate

    config = TrainingConfig(
        dataset=str(options.dataset), fine_tune=depth, epochs=EPOCHS[depth], batch_size=options.batch
    )
    catalog = load_catalog(options.dataset, positive_class=config.positive_class)
    guess = estimate(config, catalog)
    began = time.monotonic()
    ask_for_calibration(config)
    calibration = Calibration()
    while calibration.step():
        pass
    print(
        f"{depth}: measured in {time.monotonic() - began:.1f} s; the guess before was {guess.total:.1f} s", flush=True
    )
    for number in ("first", "second"):
        expected = estimate(config, catalog)
        taken, half = execute(config)
        share = expected.total / taken - 1
        met = "met" if abs(share) <= TARGET else "MISSED"
        print(
            f"{depth}, {number} run ({config.epochs} epochs, {expected.num_passes} passes): expected {expected.total:.1f} s "
            f"(passes {expected.activations:.1f}, epochs {expected.training:.1f}, besides {expected.evaluation:.1f}, "
            f"cross-validation {expected.cross_validation:.1f}), taken {taken:.1f} s: {share:+.0%} (target 30 %: {met}); {half}",
            flush=True,
        )


def execute(config) -> tuple[float, str]:
    """Execute a run; return its seconds, and what it said half way."""
    from covidlab.runs.execution import Execution
    from covidlab.runs.store import RunStore

    said: list[tuple[float, float]] = []

    def listen(status) -> None:
        if status.remaining_seconds:
            said.append((time.monotonic(), status.remaining_seconds))

    run = RunStore().create(config)
    started = time.monotonic()
    with run.locked():
        status = Execution(run, on_status=listen).execute()
    ended = time.monotonic()
    assert status.state == "finished", status.reason
    middle = started + (ended - started) / 2
    moment, remaining = min(said, key=lambda each: abs(each[0] - middle), default=(middle, 0.0))
    return ended - started, f"half way {remaining:.1f} s left were said, {ended - moment:.1f} s were left"


if __name__ == "__main__":
    main()
