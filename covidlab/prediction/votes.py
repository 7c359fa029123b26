"""What every saved model says of one X-ray: models of which only the head learned share one pass of the frozen layers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from covidlab.config import PRESETS
from covidlab.errors import CovidLabError
from covidlab.language import tr
from covidlab.learning.modelcard import require_sha256
from covidlab.metrics import predicted_classes
from covidlab.prediction.assessment import share
from covidlab.prediction.loading import ModelFile, load_predictor
from covidlab.prediction.prediction import require_finite

# Below this share of votes for one class, and beyond this range of probabilities, there is no answer.
LEAST_AGREEMENT = 0.75
_HEADS_KEPT = 100


@dataclass(frozen=True)
class Vote:
    """What one model says: probability of ``positive_class``, and the class by its operating point; else why it says nothing."""

    name: str
    positive_class: str = ""
    probability: float | None = None
    resembles: str = ""
    refusal: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON says of it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Vote":
        """Return the vote that ``to_dict`` wrote; raises ValueError or TypeError for anything else."""
        vote = cls(**values)
        if vote.probability is None:
            return replace(vote, resembles="")
        if vote.refusal or not vote.resembles:
            raise ValueError(tr("a class and no refusal are expected beside a number. Received: {vote}", vote=vote))
        return replace(vote, probability=share(vote.probability))


@dataclass(frozen=True)
class Tally:
    """The class with most votes, how many it has, how many models voted, and whether they agree."""

    resembles: str
    num_for: int
    num_models: int
    agrees: bool


def tally(votes: Sequence[Vote]) -> Tally | None:
    """Return how models voted, None where none did; a tie is no agreement."""
    called = [vote.resembles for vote in votes if vote.probability is not None]
    if not called:
        return None
    most = max(sorted(set(called)), key=called.count)
    num_for = called.count(most)
    return Tally(most, num_for, len(called), num_for >= LEAST_AGREEMENT * len(called))


def ask_models(models: Sequence[ModelFile], inputs: Mapping[str, np.ndarray]) -> list[Vote]:
    """Return what each model says of one X-ray; a model that cannot be used says why.

    Parameters
    ----------
    inputs : kind of resizing -> (side, side, 3) uint8, as ``PreparedImage`` holds them
    """
    activations: dict[tuple[str, str], np.ndarray] = {}
    return [_vote(model, inputs, activations) for model in models]


def _vote(model: ModelFile, inputs: Mapping[str, np.ndarray], activations: dict) -> Vote:
    try:
        head = _head(model)
        if head is None:
            # It stays out of the way of the models that predict, of which few are kept.
            predictor = load_predictor(model, stays=False)
            predicted = predictor.predict_prepared(inputs[predictor.resize])
            return Vote(model.name, predicted.positive_class, predicted.probability, predicted.resembles)
        tail, card = head
        if (key := (card.preset, card.backbone)) not in activations:
            activations[key] = _activation(card.preset, card.backbone, inputs)
        probabilities = tail(activations[key], training=False).numpy()
        require_finite(probabilities)
        positive = card.classes.index(card.positive_class)
        called = predicted_classes(probabilities, positive_index=positive, threshold=card.threshold)[0]
        return Vote(model.name, card.positive_class, float(probabilities[0, positive]), card.classes[called])
    except CovidLabError as error:
        return Vote(model.name, refusal=str(error))


@lru_cache(maxsize=_HEADS_KEPT)
def _head(model: ModelFile):
    """The head of a model and its card, None where more than the head learned, or the file holds all."""
    from covidlab.learning.modelfile import load_head

    require_sha256(model.path, model.sha256, name=model.name)
    return load_head(model.path)


def _activation(preset: str, backbone: str, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
    from covidlab.learning.backbones import find_backbone
    from covidlab.learning.film_activations import forward

    chosen = PRESETS[preset]
    return forward(chosen, find_backbone(backbone), "head")(inputs[chosen.resize][None])
