"""``train``: one run in this process, its model, plot and report saved where asked."""

import argparse
import sys
from pathlib import Path

from covidlab.config import (
    CLASS_WEIGHTS,
    DEVICES,
    FINE_TUNE_DEPTHS,
    OPTIMIZERS,
    PRECISIONS,
    PRESETS,
    TrainingConfig,
)
from covidlab.data.listing import holds_pictures
from covidlab.errors import UsageError
from covidlab.intake.adding import PHANTOMS_FOLDER
from covidlab.paths import OWN_DATASET, home
from covidlab.phantom.dataset import is_phantom_set

_GET_REAL_ONES = "`python3 -m covidlab dataset fetch --accept-licences` or `python3 -m covidlab dataset import FOLDER`"


def add_parser(commands) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("train", help="train a model and report on it")
    add_published_options(parser)
    add_further_options(parser)
    parser.set_defaults(command=train)


def add_published_options(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the published script, with its defaults."""
    parser.add_argument("-d", "--dataset", required=True, help="folder with one folder of X-rays for each class")
    parser.add_argument("-p", "--plot", default="plot.png", help="where to save the loss and accuracy plot (PNG)")
    parser.add_argument("-m", "--model", default="covid19.model", help="where to save the whole model")
    parser.add_argument("-lr", "--learning", type=float, default=TrainingConfig.learning_rate, help="learning rate")
    parser.add_argument("-e", "--epoch", type=int, default=TrainingConfig.epochs, help="number of epochs")
    parser.add_argument("-bs", "--batchsize", type=int, default=TrainingConfig.batch_size, help="X-rays in each batch")


def add_further_options(parser: argparse.ArgumentParser) -> None:
    """Add the flags the published script did not have."""
    parser.add_argument("--preset", choices=tuple(PRESETS), default="default", help="preparation, pooling and split")
    parser.add_argument("--fine-tune", choices=FINE_TUNE_DEPTHS, default="head", help="how much of the network learns")
    parser.add_argument(
        "--views",
        type=int,
        default=TrainingConfig.views,
        help="views of each X-ray: the X-ray itself, and changed copies",
    )
    parser.add_argument("--seed", type=int, default=TrainingConfig.seed, help="seed of weights, order and dropout")
    parser.add_argument("--device", choices=DEVICES, default="auto", help="where to compute")
    parser.add_argument(
        "--precision",
        choices=PRECISIONS,
        default="auto",
        help="what the convolutions compute in; auto takes bfloat16, or float16 on a GPU, where it is measured to be much faster",
    )
    parser.add_argument("--positive-class", help="folder of the class that the metrics refer to (default: covid)")
    parser.add_argument("--start-from", metavar="MODEL", help="start from the weights of this model")
    parser.add_argument("--selection", metavar="NAME", help="a selection of X-rays made on the page Curate")
    parser.add_argument(
        "--keep-split",
        action="store_true",
        help="keep the split into train and others that the folders of the set give",
    )
    _add_learning_options(parser)
    _add_augmentation_options(parser)
    parser.add_argument("--report", metavar="FILE", help="where to save the report (JSON)")


def _add_learning_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--optimizer", choices=OPTIMIZERS, default=TrainingConfig.optimizer, help="adam, or sgd with momentum"
    )
    parser.add_argument(
        "--weight-decay",
        type=float,
        metavar="X",
        default=TrainingConfig.weight_decay,
        help="share of each weight, times the learning rate, that a step takes away",
    )
    parser.add_argument(
        "--class-weights",
        choices=CLASS_WEIGHTS,
        default=TrainingConfig.class_weights,
        help="balanced: every class counts the same in the loss",
    )
    parser.add_argument(
        "--patience",
        type=int,
        metavar="EPOCHS",
        default=TrainingConfig.patience,
        help="end when the validation loss has not become smaller for so many epochs; 0: never",
    )


def _add_augmentation_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rotation", type=float, metavar="DEGREES", default=TrainingConfig.rotation, help="largest rotation of a copy"
    )
    parser.add_argument(
        "--flip",
        action="store_true",
        help="mirror half of the copies; off by default, since the heart lies on the left",
    )
    parser.add_argument(
        "--shift",
        type=float,
        metavar="SHARE",
        default=TrainingConfig.shift,
        help="largest shift of a copy, share of the side",
    )
    parser.add_argument(
        "--brightness",
        type=float,
        metavar="SHARE",
        default=TrainingConfig.brightness,
        help="largest change of the brightness of a copy, share of the range",
    )


def train(options: argparse.Namespace) -> int:
    """Train in this process, show progress, save model, plot and report."""
    from covidlab.runs.engines.inline import train_in_foreground

    config = TrainingConfig(
        dataset=str(_dataset_to_train_on(Path(options.dataset).absolute())),
        positive_class=options.positive_class,
        preset=options.preset,
        fine_tune=options.fine_tune,
        learning_rate=options.learning,
        epochs=options.epoch,
        batch_size=options.batchsize,
        views=options.views,
        seed=options.seed,
        device=options.device,
        precision=options.precision,
        start_from=options.start_from,
        selection=options.selection,
        keep_split=options.keep_split,
        optimizer=options.optimizer,
        weight_decay=options.weight_decay,
        class_weights=options.class_weights,
        patience=options.patience,
        rotation=options.rotation,
        flip=options.flip,
        shift=options.shift,
        brightness=options.brightness,
    ).validate()
    report = Path(options.report) if options.report else None
    train_in_foreground(config, model=Path(options.model), plot=Path(options.plot), report=report)
    return 0


def _dataset_to_train_on(folder: Path) -> Path:
    """Return the folder given; where it is the project's own and still empty, the synthetic X-rays, and say so.

    So the README's second command works on a machine that has no X-rays yet. Raises UsageError where there are no synthetic
    ones either.
    """
    if folder != OWN_DATASET or holds_pictures(folder):
        return folder
    phantoms = home() / PHANTOMS_FOLDER
    if not is_phantom_set(phantoms):
        raise UsageError(
            f"There are no X-rays in {folder} yet. Get the real ones with {_GET_REAL_ONES}, or make synthetic ones with "
            "`python3 -m covidlab dataset phantom`."
        )
    print(
        f"covidlab: There are no X-rays in {folder} yet, so this run trains on the synthetic X-rays in {phantoms}, which show "
        f"no patient. Get the real ones with {_GET_REAL_ONES}.",
        file=sys.stderr,
        flush=True,
    )
    return phantoms.absolute()
