"""Accuracy, sensitivity and specificity of the published procedure on its own split, over ten training seeds."""

import statistics

from common import fresh_home, read_options

from covidlab.config import TrainingConfig
from covidlab.learning.quiet import load_tensorflow_quietly
from covidlab.runs.jobs import EngineName
from covidlab.runs.store import RunStore
from covidlab.text import metric_text

FIGURES = ("accuracy", "sensitivity", "specificity", "auc")
SEEDS = range(42, 52)


def main() -> None:
    """Train ten times and print a line a seed, then means and ranges."""
    options = read_options(__doc__, preset={"default": "original", "help": "settings to train with"})
    load_tensorflow_quietly()
    with fresh_home():
        print_seeds(options)


def print_seeds(options) -> None:
    """Train once a seed and print the figures."""
    from covidlab.runs.execution import Execution

    reports = []
    for seed in SEEDS:
        config = TrainingConfig(dataset=str(options.dataset), preset=options.preset, seed=seed)
        run = RunStore().create(config, engine=EngineName.INLINE)
        with run.locked():
            status = Execution(run).execute()
        if status.state != "finished":
            raise SystemExit(status.reason)
        reports.append(run.report())
        print(f"seed {seed}: " + ", ".join(f"{name} {reports[-1][name]['value']:.2f}" for name in FIGURES), flush=True)

    data = run.load_facts()["data"]
    print(f"\n{len(reports)} seeds, {data['num_validation']} validation films each (mean, lowest to highest):")
    for name in FIGURES:
        values = [report[name]["value"] for report in reports]
        print(f"  {name:<12} {statistics.mean(values):.2f}, {min(values):.2f} to {max(values):.2f}")
    print("Intervals of one run, seed 42:")
    for name in FIGURES:
        print(f"  {name:<12} {metric_text(reports[0][name])}")
    print("Cross-validated, patients kept together, seed 42:")
    for name in FIGURES:
        print(f"  {name:<12} {metric_text(reports[0]['cross_validation'][name])}")


if __name__ == "__main__":
    main()
