"""The published script's command line (train_covid19_main.py): its flags, its procedure."""

import argparse
from collections.abc import Sequence

from covidlab.cli import run_command
from covidlab.cli.train import add_further_options, add_published_options, train


def train_as_published(arguments: Sequence[str] | None = None) -> int:
    """Train with the preset original and return the exit status."""
    further = argparse.ArgumentParser()
    add_further_options(further)
    options = further.parse_args(["--preset", "original"], namespace=build_parser().parse_args(arguments))
    return run_command(lambda: train(options))


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the published flags."""
    parser = argparse.ArgumentParser(
        description="Train the head of VGG16 on chest X-rays, as published. Not for diagnosis."
    )
    add_published_options(parser)
    return parser
