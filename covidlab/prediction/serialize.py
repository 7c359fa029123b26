"""The one JSON of a prediction: what ``predict --json`` prints and what the reader process answers.

An object holds ``file``, ``status`` ("read" or "refused") and ``reasons`` (notes, or why not); where the status is
"read" also ``probability``, ``positive_class``, ``probabilities``, ``resembles``, ``threshold`` and ``assessment`` (distance
to the set, neighbours, calibrated probability with its interval; see ``assessment.Assessment``). ``resembles`` is the folder of the
class by the model's operating point alone; where there is an assessment, ``answer`` says in words whether the models of the folds
agree ("resembles COVID-19", "no clear answer"). Others parse it: a key may be added, none changes its meaning.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from covidlab.language import tr
from covidlab.prediction.answer import answer_text
from covidlab.prediction.assessment import Assessment, share
from covidlab.prediction.prediction import Prediction

READ, REFUSED = "read", "refused"


def prediction_values(prediction: Prediction, *, file: str = "") -> dict[str, Any]:
    """Return what JSON says of a prediction; the heat map is no part of it."""
    answer = {"answer": answer_text(prediction)} if prediction.assessment else {}
    return {
        "file": file,
        "status": READ,
        "reasons": list(prediction.notes),
        "probability": prediction.probability,
        "positive_class": prediction.positive_class,
        "probabilities": prediction.probabilities,
        "resembles": prediction.resembles,
        "threshold": prediction.threshold,
        "assessment": prediction.assessment and prediction.assessment.to_dict(),
        **answer,
    }


def refusal_values(reason: str, *, file: str = "") -> dict[str, Any]:
    """Return what JSON says of a file that is not read."""
    return {"file": file, "status": REFUSED, "reasons": [reason], "probability": None}


def prediction_from_values(values: Mapping[str, Any], heatmap: np.ndarray) -> Prediction:
    """Return the prediction that ``prediction_values`` wrote, with its heat map, (7, 7) float32.

    Raises ValueError, TypeError or KeyError for anything else: no number comes from an answer that is not whole.
    """
    probabilities = {str(name): share(value) for name, value in dict(values["probabilities"]).items()}
    probability, positive, resembles = share(values["probability"]), values["positive_class"], values["resembles"]
    is_whole = probabilities[positive] == probability and abs(sum(probabilities.values()) - 1) < 0.001
    if not is_whole or resembles not in probabilities:
        raise ValueError(
            tr("the probability of each class is expected. Received: {probabilities}", probabilities=probabilities)
        )
    if not (isinstance(heatmap, np.ndarray) and heatmap.ndim == 2 and np.isfinite(heatmap).all()):
        raise ValueError(tr("a finite heat map of two dimensions is expected"))
    return Prediction(
        probability=probability,
        probabilities=probabilities,
        positive_class=positive,
        threshold=share(values["threshold"]),
        resembles=resembles,
        heatmap=heatmap,
        notes=tuple(map(str, values["reasons"])),
        assessment=Assessment.from_dict(assessment) if (assessment := values.get("assessment")) else None,
    )
