"""What a model says of one X-ray, whole, and with what a test changes of it."""

from typing import Any

import numpy as np

from covidlab.prediction.assessment import Assessment, Neighbour, Spread
from covidlab.prediction.prediction import Prediction


def make_assessment(**changes: Any) -> Assessment:
    """An X-ray within the limit of a set of fifty."""
    values = {
        "distance": 0.4,
        "limit": 0.6,
        "share_farther": 0.5,
        "num_films": 50,
        "patients_known": True,
        "neighbours": (Neighbour("covid/1.png", "covid", 0.31), Neighbour("normal/2.png", "normal", 0.42)),
        "known_as": "",
        "nearly_known_as": "",
        "trained": False,
        "calibrated": Spread(0.81, 0.62, 0.93, 50),
        "map_point": (0.0, 0.0),
    }
    return Assessment(**{**values, **changes})


def make_prediction(probability: float = 0.75, **changes: Any) -> Prediction:
    """The number of the class covid, and what belongs to it."""
    values = {
        "probabilities": {"covid": probability, "normal": 1 - probability},
        "positive_class": "covid",
        "threshold": 0.5,
        "resembles": "covid" if probability >= 0.5 else "normal",
        "heatmap": np.full((7, 7), probability, np.float32),
    }
    return Prediction(probability=probability, **{**values, **changes})
