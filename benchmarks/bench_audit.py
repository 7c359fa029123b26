"""An audit of the fifty: cold, with warm caches, and in a warm process; then ten repeats of five folds on cached activations."""

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from common import PROJECT_ROOT, fresh_home, print_load, print_precision, print_target, read_options

COLD_TARGET, WARM_TARGET, FOLDS_TARGET = 120.0, 20.0, 4.0
NUM_REPEATS = 10


def command_seconds(dataset: Path, *, other: Path | None) -> tuple[float, dict]:
    """Seconds of the command as a process of its own, and its report."""
    from covidlab.files import read_json

    with TemporaryDirectory() as folder:
        report = Path(folder) / "audit.json"
        command = [sys.executable, "-m", "covidlab", "audit", "-d", str(dataset), "--report", str(report)]
        command += ["--other", str(other)] if other else []
        started = time.perf_counter()
        environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT)}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - started
        if done.returncode:
            sys.exit(f"audit failed with status {done.returncode}.\n{done.stderr}")
        return seconds, read_json(report)


def print_parts(report: dict) -> None:
    """Print the seconds of each part, and of which there is nothing."""
    said = [
        f"{name} {seconds:.1f} s{' (not done)' if 'error' in report['parts'].get(name, {}) else ''}"
        for name, seconds in report["seconds"].items()
    ]
    print(f"  {', '.join(said)}", flush=True)


def audited(dataset: Path, *, other: Path | None) -> dict:
    """Report of an audit in this process."""
    from covidlab.audit.settings import AuditConfig
    from covidlab.data.catalog import load_catalog
    from covidlab.runs.audit_making import submit_audit
    from covidlab.runs.engines.inline import InlineEngine

    audit = AuditConfig(other=str(other.absolute()) if other else None)
    run = submit_audit(load_catalog(dataset), audit, InlineEngine(), asked={})
    return run.report()


def folds_seconds(dataset: Path, *, times: int) -> list[float]:
    """Seconds of the folds on cached activations in this process: heads, their answers, all figures with intervals."""
    from covidlab.audit.data import AuditData
    from covidlab.config import TrainingConfig
    from covidlab.data.catalog import load_catalog
    from covidlab.learning.backbones import find_backbone
    from covidlab.learning.device import select_device
    from covidlab.learning.precision import choose_precision

    config, device = TrainingConfig(dataset=str(dataset)), select_device("auto")
    backbone, catalog = find_backbone(config.backbone), load_catalog(dataset)
    precision, taken = choose_precision(config, backbone, device), []
    for _ in range(times):
        started = time.perf_counter()
        data = AuditData(catalog, config, backbone, device, precision=precision, num_repeats=NUM_REPEATS)
        stack = data.train(data.view_features(), data.splits)
        data.figures(data.held_out(stack, data.features()))
        taken.append(time.perf_counter() - started)
    return taken


def main() -> None:
    """Audit in a fresh home, again as a process, then in this process."""
    options = read_options(
        __doc__,
        other={"type": Path, "default": None, "help": "folder of X-rays of another hospital, for that part"},
        repeats={"type": int, "default": 5, "help": "times that the folds are measured"},
    )
    from covidlab.learning.quiet import load_tensorflow_quietly

    with fresh_home() as home:
        print_load()
        seconds, report = command_seconds(options.dataset, other=options.other)
        print_precision(home)
        print_target("audit, empty cache, whole process", seconds, target=COLD_TARGET, unit="s")
        print_parts(report)
        seconds, report = command_seconds(options.dataset, other=options.other)
        print(f"audit, warm cache, whole process: {seconds:.2f} s")
        print_parts(report)
        load_tensorflow_quietly()
        # The trainer of the dashboard is such a process: it has audited before, its graphs are compiled.
        audited(options.dataset, other=options.other)
        started, processor = time.perf_counter(), time.process_time()
        report = audited(options.dataset, other=options.other)
        print_target("audit, warm process", time.perf_counter() - started, target=WARM_TARGET, unit="s")
        # Other work lengthens the seconds, hardly what the processor does.
        print(f"  {time.process_time() - processor:.1f} s of the processor, over all cores")
        print_parts(report)
        taken = folds_seconds(options.dataset, times=1 + options.repeats)
        what = f"{NUM_REPEATS} repeats of 5 folds, median of {options.repeats}"
        print_target(what, median(taken[1:]), target=FOLDS_TARGET, unit="s")
        print(f"  the first time {taken[0]:.2f} s")


if __name__ == "__main__":
    main()
