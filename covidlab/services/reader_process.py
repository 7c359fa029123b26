"""The process that predicts: it holds TensorFlow and two warm models; ``services.reader`` starts it and asks it."""

import os
from contextlib import suppress
from pathlib import Path

import numpy as np

from covidlab.child import Message, serve
from covidlab.config import IMAGE_SIDE
from covidlab.errors import CovidLabError
from covidlab.learning.quiet import load_tensorflow_quietly
from covidlab.prediction.loading import ModelFile, load_predictor
from covidlab.prediction.serialize import prediction_values, refusal_values

# A training goes first where both want the same cores.
NICENESS = 5


def main() -> None:
    """Import TensorFlow, then answer one request after another."""
    os.nice(NICENESS)
    with suppress(ImportError):
        # Where it cannot be imported, whoever asks is told why.
        load_tensorflow_quietly()
        import covidlab.prediction.predictor  # noqa: F401
    serve(answer)


def answer(message: Message) -> Message:
    """Return the prediction for the X-ray in ``message``, or why the model cannot be used."""
    values = message.values
    try:
        predictor = load_predictor(ModelFile(path=Path(values["path"]), sha256=values["sha256"], name=values["name"]))
        if values["do"] == "load":
            # The first pass compiles the graph; nobody waits for this one.
            predictor.predict_prepared(np.zeros((IMAGE_SIDE, IMAGE_SIDE, 3), np.uint8))
            return Message()
        prediction = predictor.predict_prepared(message.parts[predictor.resize])
    except CovidLabError as error:
        return Message(refusal_values(str(error)))
    return Message(prediction_values(prediction), {"heatmap": prediction.heatmap})


if __name__ == "__main__":
    main()
