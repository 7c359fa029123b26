"""What a model says of one X-ray; needs no TensorFlow."""

from dataclasses import dataclass

import numpy as np

from covidlab.errors import ModelError
from covidlab.language import tr
from covidlab.prediction.assessment import Assessment


@dataclass(frozen=True, kw_only=True, eq=False)
class Prediction:
    """What a model says of one X-ray.

    probability: of ``positive_class``, 0 to 1. probabilities: by class. threshold: the model's operating point.
    resembles: class by the operating point. heatmap: (7, 7) float32 >= 0. notes: what was converted when the file was
    decoded. assessment: what the X-ray is like beside those the model knows, None where the model kept nothing of them.
    """

    probability: float
    probabilities: dict[str, float]
    positive_class: str
    threshold: float
    resembles: str
    heatmap: np.ndarray
    notes: tuple[str, ...] = ()
    assessment: Assessment | None = None


def require_finite(numbers: np.ndarray) -> None:
    """Raise ModelError where a model gives no finite number: a model that diverged answers nan, which is no number to show."""
    if not np.isfinite(numbers).all():
        raise ModelError(
            tr("This model gives no finite number for this X-ray. Choose another model, or train it again.")
        )
