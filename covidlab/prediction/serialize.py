"""The one JSON of a prediction: what ``predict --json`` prints and what the reader process answers.

An object holds ``file``, ``status`` ("read" or "refused") and ``reasons`` (notes, or why not); where the status is
"read" also ``probability``, ``positive_class``, ``probabilities``, ``resembles``, ``threshold`` and ``assessment`` (distance
to the set, neighbours, calibrated probability with its interval; see ``assessment.Assessment``). Others parse it: a key may be
added, none changes its meaning.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from covidlab.prediction.assessment import Assessment
from covidlab.prediction.prediction import Prediction

READ, REFUSED = "read", "refused"


def prediction_values(prediction: Prediction, *, file: str = "") -> dict[str, Any]:
    """Return what JSON says of a prediction; the heat map is no part of it."""
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
    }


def refusal_values(reason: str, *, file: str = "") -> dict[str, Any]:
    """Return what JSON says of a file that is not read."""
    return {"file": file, "status": REFUSED, "reasons": [reason], "probability": None}


def prediction_from_values(values: Mapping[str, Any], heatmap: np.ndarray) -> Prediction:
    """Return the prediction that ``prediction_values`` wrote, with its heat map, (7, 7) float32.

    Raises ValueError, TypeError or KeyError for anything else: no number comes from an answer that is not whole.
    """
    probability = float(values["probability"])
    if not (0 <= probability <= 1 and heatmap.ndim == 2 and np.isfinite(heatmap).all()):
        raise ValueError(f"a probability from 0 to 1 and a finite heat map are expected, received {probability}")
    return Prediction(
        probability=probability,
        probabilities={str(name): float(value) for name, value in values["probabilities"].items()},
        positive_class=str(values["positive_class"]),
        threshold=float(values["threshold"]),
        resembles=str(values["resembles"]),
        heatmap=heatmap,
        notes=tuple(map(str, values["reasons"])),
        assessment=Assessment.from_dict(assessment) if (assessment := values.get("assessment")) else None,
    )
