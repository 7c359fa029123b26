"""Accuracy, sensitivity and specificity of the published procedure on its own split, over ten training seeds."""

import argparse
import statistics
from pathlib import Path

from covidlab.config import TrainingConfig
from covidlab.learning.quiet import load_tensorflow_quietly
from covidlab.paths import dataset_folder
from covidlab.runs.jobs import EngineName
from covidlab.runs.store import RunStore
from covidlab.text import metric_text

FIGURES = ("accuracy", "sensitivity", "specificity", "auc")
SEEDS = range(42, 52)


def main() -> None:
    """Train ten times and print a line a seed, then means and ranges."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", type=Path, default=dataset_folder())
    parser.add_argument("--preset", default="original")
    options = parser.parse_args()
    load_tensorflow_quietly()
    from covidlab.runs.execution import Execution

    reports = []
    for seed in SEEDS:
        config = TrainingConfig(dataset=str(options.dataset.absolute()), preset=options.preset, seed=seed)
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
