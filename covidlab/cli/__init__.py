"""The command line: ``train``, ``predict``, ``dataset``, ``worker``.

Exit status 0, 1 (failed) or 2 (wrong use); errors are one plain sentence on standard error.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from covidlab.config import DEVICES, FINE_TUNE_DEPTHS, PRESETS, TrainingConfig
from covidlab.environment import load_tensorflow_quietly
from covidlab.errors import CovidLabError, ModelError
from covidlab.paths import dataset_folder, home
from covidlab.phantom.film import SHORTCUTS, PhantomConfig

if TYPE_CHECKING:
    from covidlab.prediction.loading import ModelFile


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    return run_command(lambda: options.command(options))


def run_command(command) -> int:
    """Return the exit status of ``command()``, its errors turned into one sentence on standard error."""
    try:
        return command() or 0
    except CovidLabError as error:
        print(f"covidlab: {error}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print("covidlab: Interrupted.", file=sys.stderr)
        return 130


def add_training_options(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the published script, with its defaults."""
    parser.add_argument("-d", "--dataset", required=True, help="folder with one folder of X-rays a class")
    parser.add_argument("-p", "--plot", default="plot.png", help="where to save the loss and accuracy plot (PNG)")
    parser.add_argument("-m", "--model", default="covid19.model", help="where to save the whole model")
    parser.add_argument("-lr", "--learning", type=float, default=TrainingConfig.learning_rate, help="learning rate")
    parser.add_argument("-e", "--epoch", type=int, default=TrainingConfig.epochs, help="number of epochs")
    parser.add_argument("-bs", "--batchsize", type=int, default=TrainingConfig.batch_size, help="X-rays a batch")


def add_further_training_options(parser: argparse.ArgumentParser) -> None:
    """Add the flags the published script did not have."""
    parser.add_argument("--preset", choices=tuple(PRESETS), default="default", help="preparation, pooling and split")
    parser.add_argument("--fine-tune", choices=FINE_TUNE_DEPTHS, default="head", help="how much of the network learns")
    parser.add_argument(
        "--views", type=int, default=TrainingConfig.views, help="views of an X-ray: 1 plain, the rest turned"
    )
    parser.add_argument("--seed", type=int, default=TrainingConfig.seed, help="seed of weights, order and dropout")
    parser.add_argument("--device", choices=DEVICES, default="auto", help="where to compute")
    parser.add_argument("--positive-class", help="folder of the class the figures are about (default: covid)")
    parser.add_argument("--start-from", metavar="MODEL", help="begin from the weights of this model")
    parser.add_argument("--selection", metavar="NAME", help="a selection of X-rays made on the page Curate")
    parser.add_argument("--report", metavar="FILE", help="where to save the report (JSON)")


def train_as_published(arguments: Sequence[str] | None = None) -> int:
    """Run the published script's command line: its flags, its procedure."""
    parser = argparse.ArgumentParser(description="Train VGG16's head on chest X-rays, as published. Not for diagnosis.")
    add_training_options(parser)
    further = argparse.ArgumentParser()
    add_further_training_options(further)
    options = further.parse_args(["--preset", "original"], namespace=parser.parse_args(arguments))
    return run_command(lambda: train(options))


def train(options: argparse.Namespace) -> int:
    """Train in this process, show progress, save model, plot and report."""
    from covidlab.runs.engines.inline import train_in_foreground

    config = TrainingConfig(
        dataset=str(Path(options.dataset).absolute()),
        positive_class=options.positive_class,
        preset=options.preset,
        fine_tune=options.fine_tune,
        learning_rate=options.learning,
        epochs=options.epoch,
        batch_size=options.batchsize,
        views=options.views,
        seed=options.seed,
        device=options.device,
        start_from=options.start_from,
        selection=options.selection,
    ).validate()
    report = Path(options.report) if options.report else None
    train_in_foreground(config, model=Path(options.model), plot=Path(options.plot), report=report)
    return 0


def predict(options: argparse.Namespace) -> int:
    """Read films with a model; one line a film."""
    from covidlab.imaging.decode import decode_file
    from covidlab.prediction.loading import ModelFile, load_predictor
    from covidlab.prediction.prediction import describe
    from covidlab.prediction.serialize import prediction_values, refusal_values

    load_tensorflow_quietly()
    predictor = load_predictor(ModelFile(path=Path(options.model)) if options.model else _model_in_use())
    refused = 0
    for name in options.files:
        try:
            prediction = predictor.predict(decode_file(Path(name)))
        except CovidLabError as error:
            refused += 1
            values = refusal_values(str(error), file=name)
            text = f"{name}: refused. {error}"
        else:
            values = prediction_values(prediction, file=name)
            text = " ".join((f"{name}: {describe(prediction)}", *prediction.notes))
        print(json.dumps(values) if options.json else text, flush=True)
    if not options.json:
        print("Not for diagnosis.", file=sys.stderr)
    return 1 if refused else 0


def dataset_import(options: argparse.Namespace) -> int:
    """Copy the curated films into the data set folder and verify each."""
    from covidlab.data.curated import import_curated

    target = Path(options.dataset) if options.dataset else dataset_folder()
    result = import_curated(Path(options.source), target)
    print(f"{result.num_copied} files copied and verified, {result.num_present} were there already: {target}")
    if result.masks_absent:
        print("The source has no lung masks; everything works without them, save their display.")
    return 0


def dataset_fetch(options: argparse.Namespace) -> int:
    """Download the curated films from their public archive; a second try continues where the first ended."""
    from tqdm import tqdm

    from covidlab.data.fetch import fetch_curated

    target = Path(options.dataset) if options.dataset else dataset_folder()
    with tqdm(total=0, unit="B", unit_scale=True, file=sys.stderr, disable=None) as bar:

        def show(progress) -> None:
            bar.total = progress.num_bytes
            bar.set_description_str(f"{progress.films_done} of {progress.num_films} X-rays", refresh=False)
            bar.n = progress.bytes_done
            bar.refresh()

        result = fetch_curated(target, accept_licences=options.accept_licences, progress=show)
    print("\n".join(result.sentences()))
    return 0


def dataset_phantom(options: argparse.Namespace) -> int:
    """Make synthetic films, with exact masks and, if asked for, a planted shortcut."""
    from tqdm import tqdm

    from covidlab.phantom.dataset import make_phantoms

    folder = Path(options.dataset) if options.dataset else home() / "phantoms"
    values = {field.name: getattr(options, field.name) for field in fields(PhantomConfig)}
    with tqdm(total=options.num_films, unit=" X-ray", file=sys.stderr, disable=None) as bar:
        summary = make_phantoms(folder, PhantomConfig(**values), progress=lambda done, total: bar.update(done - bar.n))
    print(
        f"{summary.num_films} synthetic X-rays, {summary.num_positive} with opacities, {summary.num_patients} patients: {folder}"
    )
    return 0


def add_phantom_options(parser: argparse.ArgumentParser) -> None:
    """Add the settings of synthetic films."""
    default = PhantomConfig()
    parser.add_argument("--dataset", metavar="DIR", help="where to (default: phantoms in COVIDLAB_HOME)")
    parser.add_argument("--number", dest="num_films", type=int, default=default.num_films, help="number of X-rays")
    parser.add_argument("--size", type=int, default=default.size, help="side of an X-ray in pixels")
    parser.add_argument("--seed", type=int, default=default.seed, help="seed of everything drawn")
    parser.add_argument(
        "--lesion-extent", type=float, default=default.lesion_extent, help="share of the lungs with opacities, 0 to 1"
    )
    parser.add_argument(
        "--lesion-contrast", type=float, default=default.lesion_contrast, help="how dense they are, 0 to 1"
    )
    parser.add_argument(
        "--positive-share", type=float, default=default.positive_share, help="share of X-rays with opacities"
    )
    parser.add_argument(
        "--films-per-patient", type=float, default=default.films_per_patient, help="X-rays a patient, on average"
    )
    parser.add_argument(
        "--shortcut", choices=SHORTCUTS, default=default.shortcut, help="a planted mark that is no disease"
    )
    parser.add_argument(
        "--shortcut-strength",
        type=float,
        default=default.shortcut_strength,
        help="0: independent of the class, 1: always with it",
    )


def dataset_check(options: argparse.Namespace) -> int:
    """Report what is wrong with a data set."""
    from covidlab.data.curated import check_dataset

    result = check_dataset(Path(options.dataset) if options.dataset else dataset_folder())
    print("\n".join(result.sentences()))
    return 0 if result.ok else 1


def worker(options: argparse.Namespace) -> int:
    """Serve as the worker the dashboard starts by itself."""
    from covidlab.runs.engines.worker import main as serve

    return serve()


def _model_in_use() -> "ModelFile":
    from covidlab.runs.active_model import model_in_use
    from covidlab.runs.models import model_file

    run = model_in_use()
    if run is None:
        raise ModelError("The model that ships with covidlab is missing here. Train one, or name one with --model.")
    return model_file(run)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m covidlab",
        description="See what VGG16 can and cannot learn from fifty chest X-rays. Not for diagnosis.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("train", help="train a model and report on it")
    add_training_options(command)
    add_further_training_options(command)
    command.set_defaults(command=train)

    command = commands.add_parser("predict", help="read X-rays with a trained model")
    command.add_argument("files", nargs="+", metavar="FILE")
    command.add_argument("--model", help="model file (default: the one in use in the dashboard)")
    command.add_argument("--json", action="store_true", help="one JSON object a line")
    command.set_defaults(command=predict)

    command = commands.add_parser("dataset", help="import and check the X-rays")
    actions = command.add_subparsers(required=True, metavar="ACTION")
    action = actions.add_parser("import", help="copy the curated X-rays from a folder and verify them")
    action.add_argument("source", metavar="SRC")
    action.add_argument("--dataset", metavar="DIR", help="where to (default: COVIDLAB_DATASET or dataset/)")
    action.set_defaults(command=dataset_import)
    action = actions.add_parser("fetch", help="download the curated X-rays from their public archive and verify them")
    action.add_argument("--accept-licences", action="store_true", help="I have read the licences of the X-rays")
    action.add_argument("--dataset", metavar="DIR", help="where to (default: COVIDLAB_DATASET or dataset/)")
    action.set_defaults(command=dataset_fetch)
    action = actions.add_parser("phantom", help="make synthetic X-rays with exact masks")
    add_phantom_options(action)
    action.set_defaults(command=dataset_phantom)
    action = actions.add_parser("check", help="report missing, changed, unreadable and duplicate X-rays")
    action.add_argument("--dataset", metavar="DIR", help="which folder (default: COVIDLAB_DATASET or dataset/)")
    action.set_defaults(command=dataset_check)

    command = commands.add_parser("worker", help="execute the dashboard's runs (it starts this by itself)")
    command.set_defaults(command=worker)
    return parser
