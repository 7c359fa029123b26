"""``sweep``: try many settings on the same folds, and say how good the best would be by chance."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from covidlab.config import DEVICES, FINE_TUNE_DEPTHS, PRESETS, TrainingConfig
from covidlab.data.cautions import cautions
from covidlab.data.splits import require_two_patients
from covidlab.errors import RunError, UsageError
from covidlab.evaluation.sweep_proposals import count_trials
from covidlab.evaluation.sweep_space import SAMPLERS, SweepConfig
from covidlab.learning.quiet import load_tensorflow_quietly
from covidlab.runs.jobs import Job
from covidlab.runs.status import State
from covidlab.runs.store import Run, RunStore

_ENDS = ("LOW", "HIGH")


def add_parser(commands) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("sweep", help="try many settings and compare the best with luck")
    plain = SweepConfig()
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("-d", "--dataset", help="folder with one folder of X-rays for each class")
    which.add_argument("--resume", metavar="ID", help="go on with a sweep (its folder's name) that was stopped")
    parser.add_argument("--trials", type=int, metavar="N", default=plain.trials, help="how many settings are tried")
    parser.add_argument(
        "--sampler",
        choices=SAMPLERS,
        default=plain.sampler,
        help="a grid, drawn at random, or TPE (looks near the best trials so far, and gives hopeless ones up)",
    )
    for name, kind, default, what in (
        ("--learning-rates", float, plain.learning_rates, "learning rates, even on a logarithmic axis"),
        ("--batch-sizes", int, plain.batch_sizes, "batch sizes: both ends and the powers of two between"),
        ("--epochs", int, plain.epochs, "numbers of epochs"),
    ):
        parser.add_argument(name, nargs=2, type=kind, metavar=_ENDS, default=default, help=f"both ends of the {what}")
    parser.add_argument(
        "--depths",
        nargs="+",
        choices=FINE_TUNE_DEPTHS,
        default=list(plain.depths),
        help="how much of the network learns; others than head take minutes a trial",
    )
    parser.add_argument("--preset", choices=tuple(PRESETS), default="default", help="preparation and pooling")
    parser.add_argument("--views", type=int, default=TrainingConfig.views, help="views of each X-ray")
    parser.add_argument(
        "--seed", type=int, default=plain.seed, help="seed of what is tried, of weights, order and dropout"
    )
    parser.add_argument("--device", choices=DEVICES, default="auto", help="where to compute")
    parser.add_argument("--positive-class", help="folder of the class that the metrics refer to (default: covid)")
    parser.add_argument("--selection", metavar="NAME", help="a selection of X-rays made on the page Curate")
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    parser.set_defaults(command=sweep)


def sweep(options: argparse.Namespace) -> int:
    """Try the settings in this process, show progress, print the report."""
    from covidlab.runs.engines.inline import InlineEngine, show_progress, stop_on_signals
    from covidlab.runs.sweep_text import sweep_lines
    from covidlab.runs.trials import load_sweep, load_trials

    run = _earlier(options.resume) if options.resume else _new(options)
    num_trials = count_trials(load_sweep(run) or SweepConfig())
    load_tensorflow_quietly()
    with stop_on_signals(run), show_progress(num_trials, unit="trial") as show:
        engine = InlineEngine(on_status=show)
        if options.resume:
            from covidlab.runs.continuing import continue_run

            continue_run(run, engine)
        else:
            engine.submit(run)
    status = run.status()
    if status.state is not State.FINISHED:
        raise RunError(f"{status.reason} Go on with: python -m covidlab sweep --resume {run.id}")
    report = run.report() or {}
    lines = [*sweep_lines(report, load_trials(run), run.load_config()), f"run: {run.path}"]
    print(json.dumps(report) if options.json else "\n".join(lines))
    return 0


def _new(options: argparse.Namespace) -> Run:
    """A run that is made once the data set and the ranges are known to do."""
    from covidlab.data.catalog import load_catalog
    from covidlab.runs.engines.inline import InlineEngine, used_films

    searched = SweepConfig(
        trials=options.trials,
        sampler=options.sampler,
        learning_rates=tuple(options.learning_rates),
        batch_sizes=tuple(options.batch_sizes),
        epochs=tuple(options.epochs),
        depths=tuple(dict.fromkeys(options.depths)),
        seed=options.seed,
    ).validate()
    config = TrainingConfig(
        dataset=str(Path(options.dataset).absolute()),
        positive_class=options.positive_class or TrainingConfig.positive_class,
        preset=options.preset,
        views=options.views,
        seed=options.seed,
        device=options.device,
        selection=options.selection,
    ).validate()
    catalog = load_catalog(Path(config.dataset), positive_class=options.positive_class)
    used = used_films(catalog, config)
    require_two_patients(used)
    for sentence in (*used.problems, *cautions(used)):
        print(sentence, file=sys.stderr, flush=True)
    config = replace(config, positive_class=catalog.positive_class)
    asked = {"sweep": searched.to_dict()}
    return RunStore().create(
        config, job=Job.SWEEP, engine=InlineEngine.name, fingerprint=catalog.fingerprint, asked=asked
    )


def _earlier(run_id: str) -> Run:
    """The sweep of this name; raises where there is none."""
    run = RunStore().get(run_id)
    if run.load_job() != Job.SWEEP:
        raise UsageError(f"Only a sweep can go on. Received: {run_id}, which is no sweep.")
    return run
