"""A reader process without TensorFlow: what it does is said by the name of the model."""

import os
import time

import numpy as np

from covidlab.child import Message, serve
from covidlab.prediction.assessment import Assessment, Neighbour, Spread
from covidlab.prediction.prediction import Prediction
from covidlab.prediction.serialize import prediction_values, refusal_values

FAR_FROM = 0.97


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
    if message.values["do"] == "watch":
        # The evidence doubles with each X-ray.
        return Message({"evidence": [2.0 ** (place + 1) for place in range(len(message.values["distances"]))]})
    probability = float(message.parts["area"][0, 0, 0]) / 255
    heatmap = np.full((7, 7), probability, np.float32)
    prediction = Prediction(
        probability=probability,
        probabilities={"covid": probability, "normal": 1 - probability},
        positive_class="covid",
        threshold=0.5,
        resembles="covid" if probability >= 0.5 else "normal",
        heatmap=heatmap,
        assessment=assessment(probability),
    )
    return Message(prediction_values(prediction), {"heatmap": heatmap})


def assessment(probability: float) -> Assessment:
    """Near a set of three; far from it where the number is above 0.97."""
    return Assessment(
        distance=1.2 if probability > FAR_FROM else 0.5,
        limit=0.7,
        share_farther=0.4,
        num_films=3,
        patients_known=True,
        neighbours=tuple(Neighbour(f"covid/film-{rank}.png", "covid", 0.5 + rank / 10) for rank in range(3)),
        known_as="",
        nearly_known_as="",
        trained=False,
        calibrated=Spread(probability, max(0.0, probability - 0.1), min(1.0, probability + 0.1), 50),
        map_point=(0.0, 0.0),
    )


if __name__ == "__main__":
    serve(answer)
