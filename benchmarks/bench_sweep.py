"""A sweep of the head against the same trials run one by one as processes."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from common import PROJECT_ROOT, fresh_home, print_load, print_target, read_options

TRIALS_TARGET, LUCK_TARGET, RATIO_TARGET = 30.0, 10.0, 10.0


def swept(dataset: Path, *, trials: int, sampler: str):
    """Return a finished sweep as a run; its directory lies in COVIDLAB_HOME."""
    from covidlab.config import TrainingConfig
    from covidlab.evaluation.sweep_space import SweepConfig
    from covidlab.runs.engines.inline import InlineEngine
    from covidlab.runs.jobs import Job
    from covidlab.runs.store import RunStore

    asked = {"sweep": SweepConfig(trials=trials, sampler=sampler).to_dict()}
    run = RunStore().create(TrainingConfig(dataset=str(dataset)), job=Job.SWEEP, engine=InlineEngine.name, asked=asked)
    InlineEngine().submit(run)
    return run


def alone_seconds(run, trials) -> list[float]:
    """Seconds of each of these trials as a process of its own."""
    taken = []
    for trial in trials:
        config = replace(trial.settings.applied_to(run.load_config()), precision="auto")
        arguments = ["-d", config.dataset, "-lr", str(config.learning_rate), "-e", str(config.epochs)]
        arguments += ["-bs", str(config.batch_size), "--seed", str(config.seed), "--views", str(config.views)]
        with TemporaryDirectory() as folder:
            started = time.perf_counter()
            command = [sys.executable, "-m", "covidlab", "train", *arguments]
            environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT)}
            done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
            taken.append(time.perf_counter() - started)
        if done.returncode:
            sys.exit(f"train failed with status {done.returncode}.\n{done.stderr}")
        print(f"trial {trial.number} alone: {taken[-1]:.1f} s", flush=True)
    return taken


def main() -> None:
    """Sweep once to fill the caches, once for the figures, then some trials one by one."""
    options = read_options(
        __doc__,
        trials={"type": int, "default": 100, "help": "settings that are tried"},
        alone={"type": int, "default": 3, "help": "trials that are also run alone"},
        sampler={"default": "tpe", "help": "grid, random or tpe"},
    )
    with fresh_home():
        from covidlab.runs.trials import load_trials

        swept(options.dataset, trials=10, sampler="random")
        print_load()
        run = swept(options.dataset, trials=options.trials, sampler=options.sampler)
        seconds, trials = run.report()["seconds"], load_trials(run)
        print(f"{len(trials)} trials, {run.report()['trials']}; {seconds['total']:.1f} s in all", flush=True)
        print_target("trials", seconds["trials"], target=TRIALS_TARGET, unit="s")
        print_target("luck meter", seconds["luck"], target=LUCK_TARGET, unit="s")
        taken = alone_seconds(run, trials[:: max(1, len(trials) // options.alone)][: options.alone])
    alone = sum(taken) / len(taken) * len(trials)
    print(f"all {len(trials)} trials one by one as processes, by {len(taken)} of them: about {alone:.0f} s")
    print_target("ratio, trials alone", alone / seconds["trials"], target=RATIO_TARGET, unit="x", at_least=True)
    print_target("ratio, luck meter included", alone / seconds["total"], target=RATIO_TARGET, unit="x", at_least=True)


if __name__ == "__main__":
    main()
