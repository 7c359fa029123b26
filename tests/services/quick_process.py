"""A reader process without TensorFlow: what it does is said by the name of the model."""

import os
import time

from covidlab.child import Message, serve
from covidlab.prediction.assessment import Assessment, Neighbour, Spread
from covidlab.prediction.loading import ModelFile
from covidlab.prediction.serialize import REFUSED, prediction_values, refusal_values
from covidlab.services.reader_messages import model_from_values, warm_values
from tests.prediction.predictions import make_assessment, make_prediction

FAR_FROM = 0.97


# The two that were used last, as in the real process.
warm: list[ModelFile] = []


def answer(message: Message) -> Message:
    """Answer, and say which models are warm now."""
    given, used = _answer(message), model_from_values(message.values["model"])
    if given.values.get("status") != REFUSED and message.values["do"] in ("load", "predict"):
        warm[:] = [*(model for model in warm if model != used), used][-2:]
    return Message({**given.values, **warm_values(warm)}, given.parts)


def _answer(message: Message) -> Message:
    """Predict with the probability that the first pixel says, a refusal, or not at all."""
    name = message.values["model"]["name"]
    if name == "deadly":
        os.kill(os.getpid(), 9)
    if name == "endless":
        time.sleep(60)
    if name == "slow":
        time.sleep(0.3)
    if name == "refused":
        return Message(refusal_values("The model is damaged."))
    if message.values["do"] == "load":
        return Message()
    if message.values["do"] == "watch":
        # The evidence doubles with each X-ray.
        return Message({"evidence": [2.0 ** (place + 1) for place in range(len(message.values["distances"]))]})
    probability = float(message.parts["area"][0, 0, 0]) / 255
    if message.values["do"] == "alter":
        return Message({"probabilities": [probability] * len(message.values["changes"])})
    prediction = make_prediction(probability, assessment=assessment(probability))
    return Message(prediction_values(prediction), {"heatmap": prediction.heatmap})


def assessment(probability: float) -> Assessment:
    """Near a set of three; far from it where the number is above 0.97."""
    return make_assessment(
        distance=1.2 if probability > FAR_FROM else 0.5,
        neighbours=tuple(Neighbour(f"covid/film-{rank}.png", "covid", 0.5 + rank / 10) for rank in range(3)),
        calibrated=Spread(probability, max(0.0, probability - 0.1), min(1.0, probability + 0.1), 50),
    )


if __name__ == "__main__":
    serve(answer)
