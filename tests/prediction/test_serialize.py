"""The JSON of a prediction: others parse it, so its keys stay; and it comes back as it went."""

import json
from dataclasses import replace

import numpy as np

from covidlab.prediction.assessment import Spread
from covidlab.prediction.prediction import Prediction
from covidlab.prediction.serialize import prediction_from_values, prediction_values, refusal_values
from tests.ui.predict.visit import NEAR, prediction

PREDICTION = Prediction(
    probability=0.25,
    probabilities={"covid": 0.25, "normal": 0.75},
    positive_class="covid",
    threshold=0.2,
    resembles="covid",
    heatmap=np.ones((7, 7), np.float32),
    notes=("Converted.",),
)


def test_prediction_values_hold_the_keys_of_the_contract():
    assert prediction_values(PREDICTION, file="a.png") == {
        "file": "a.png",
        "status": "read",
        "reasons": ["Converted."],
        "probability": 0.25,
        "positive_class": "covid",
        "probabilities": {"covid": 0.25, "normal": 0.75},
        "resembles": "covid",
        "threshold": 0.2,
        "assessment": None,
    }


def test_prediction_values_say_the_answer_in_words_where_there_is_an_assessment():
    split = replace(NEAR, calibrated=Spread(0.7, 0.4, 0.9, 50))
    assert prediction_values(prediction(NEAR))["answer"] == "resembles COVID-19"
    values = prediction_values(prediction(split))
    assert (values["answer"], values["resembles"]) == ("no clear answer", "covid")


def test_refusal_values_hold_the_keys_of_the_contract():
    values = refusal_values("a.png is empty.", file="a.png")
    assert values == {"file": "a.png", "status": "refused", "reasons": ["a.png is empty."], "probability": None}


def test_prediction_comes_back_from_json_as_it_went():
    values = json.loads(json.dumps(prediction_values(PREDICTION)))
    back = prediction_from_values(values, PREDICTION.heatmap)
    assert prediction_values(back) == prediction_values(PREDICTION)
    assert back.heatmap is PREDICTION.heatmap
