"""One X-ray of a visit as the page has it, and a reader that answers what it is told."""

from dataclasses import replace

import numpy as np

from covidlab.child import Message
from covidlab.imaging.encode import jpeg
from covidlab.imaging.receipt import Check, Verdict
from covidlab.intake.upload import VisitorFilm
from covidlab.prediction.assessment import Assessment, Neighbour
from covidlab.prediction.prediction import Prediction
from covidlab.runs.store import Run
from covidlab.ui.predict.map_making import MadeMap
from covidlab.ui.predict.reading import model_key
from tests.prediction.predictions import make_assessment, make_prediction

CANARY = "Kanarienvogel^Karl"
NEAR = make_assessment(
    neighbours=(Neighbour(f"covid/{CANARY}.png", "covid", 0.31), Neighbour("normal/2.png", "normal", 0.42)),
    nearly_known_as=f"covid/{CANARY}.png",
)
FAR = replace(NEAR, distance=0.9)


def prediction(assessment: Assessment | None = NEAR) -> Prediction:
    heatmap = np.eye(7, dtype=np.float32)
    return make_prediction(0.8372, heatmap=heatmap, notes=(f"Converted {CANARY}.",), assessment=assessment)


def read_film(run: Run, assessment: Assessment | None = NEAR, **changes) -> VisitorFilm:
    """An upload that the run's model has read; a canary in everything that may name a patient."""
    values = {
        "name": f"{CANARY}.png",
        "sha256": "c" * 64,
        "picture": jpeg(np.tile(np.linspace(0, 255, 90, dtype=np.uint8)[None, :, None], (60, 1, 3)), quality=80),
        "inputs": {kind: np.zeros((224, 224, 3), np.uint8) for kind in ("area", "linear")},
        "notes": (f"Converted {CANARY}.",),
        "checks": (Check("blur", Verdict.PASS, "It is sharp."),),
    }
    return VisitorFilm(**{**values, **changes}, readings={model_key(run): prediction(assessment)})


def made_map(**changes) -> MadeMap:
    """A map that did not pass its trial."""
    values = {
        "heatmap": np.eye(7, dtype=np.float32),
        "passed": False,
        "what_happened": "Erasing changed the model's own number from 0.900 to 0.899.",
        "verdict": "It does not show what this model used.",
        "hottest": "The brightest place lies at a marker.",
        "lungs": "The lungs hold 0.9 of what chance would give.",
    }
    return MadeMap(**{**values, **changes})


class Told:
    """Stands for the shared reader: gives each task's answer, or raises it, and keeps what was asked."""

    def __init__(self, **answers) -> None:
        self.answers = answers
        self.asked: list[tuple] = []

    def is_warm(self, model) -> bool:
        return True

    def ask(self, do, model, *, values=None, parts=None) -> Message:
        self.asked.append((do, values, parts))
        answer = self.answers[do]
        if isinstance(answer, Exception):
            raise answer
        return answer(values, parts) if callable(answer) else answer
