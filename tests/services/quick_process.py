"""A reader process without TensorFlow: what it does is said by the name of the model."""

import os
import time

import numpy as np

from covidlab.child import Message, serve
from covidlab.prediction.prediction import Prediction
from covidlab.prediction.serialize import prediction_values, refusal_values


def answer(message: Message) -> Message:
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
    probability = float(message.parts["area"][0, 0, 0]) / 255
    heatmap = np.full((7, 7), probability, np.float32)
    prediction = Prediction(
        probability=probability,
        probabilities={"covid": probability, "normal": 1 - probability},
        positive_class="covid",
        threshold=0.5,
        resembles="covid",
        heatmap=heatmap,
    )
    return Message(prediction_values(prediction), {"heatmap": heatmap})


if __name__ == "__main__":
    serve(answer)
