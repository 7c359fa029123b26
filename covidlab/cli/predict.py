"""``predict``: read X-rays with a model, one line a file."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from covidlab.errors import CovidLabError, ModelError
from covidlab.learning.modelcard import read_card
from covidlab.learning.quiet import load_tensorflow_quietly

if TYPE_CHECKING:
    from covidlab.prediction.loading import ModelFile


def add_parser(commands) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("predict", help="read X-rays with a trained model")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument(
        "--model", help="model file (default: that of the run in COVIDLAB_MODEL, else the one that ships with covidlab)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.set_defaults(command=predict)


def predict(options: argparse.Namespace) -> int:
    """Print a line for each file; exit status 1 where one was refused."""
    from covidlab.imaging.decode import decode_file
    from covidlab.prediction.loading import ModelFile, load_predictor
    from covidlab.prediction.prediction import describe
    from covidlab.prediction.serialize import prediction_values, refusal_values

    if options.model:
        # What is no model of ours is said before TensorFlow is loaded.
        read_card(Path(options.model))
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


def _model_in_use() -> "ModelFile":
    from covidlab.runs.active_model import check_model_setting, model_in_use
    from covidlab.runs.models import model_file

    check_model_setting()
    run = model_in_use()
    if run is None:
        raise ModelError("The model that ships with covidlab is missing here. Train one, or name one with --model.")
    return model_file(run)
