"""``train``: one run in this process, its model, plot and report saved where asked."""

import argparse
from pathlib import Path

from covidlab.config import DEVICES, FINE_TUNE_DEPTHS, PRECISIONS, PRESETS, TrainingConfig


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
        help="views of each X-ray: the X-ray itself, and rotated copies",
    )
    parser.add_argument("--seed", type=int, default=TrainingConfig.seed, help="seed of weights, order and dropout")
    parser.add_argument("--device", choices=DEVICES, default="auto", help="where to compute")
    parser.add_argument(
        "--precision",
        choices=PRECISIONS,
        default="auto",
        help="what the convolutions compute in; auto takes bfloat16 where it is measured to be much faster",
    )
    parser.add_argument("--positive-class", help="folder of the class that the metrics refer to (default: covid)")
    parser.add_argument("--start-from", metavar="MODEL", help="start from the weights of this model")
    parser.add_argument("--selection", metavar="NAME", help="a selection of X-rays made on the page Curate")
    parser.add_argument("--report", metavar="FILE", help="where to save the report (JSON)")


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
        precision=options.precision,
        start_from=options.start_from,
        selection=options.selection,
    ).validate()
    report = Path(options.report) if options.report else None
    train_in_foreground(config, model=Path(options.model), plot=Path(options.plot), report=report)
    return 0
