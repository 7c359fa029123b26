"""How weights follow their gradients: optimiser, weight decay, and what an X-ray of each class counts in the loss."""

from dataclasses import dataclass

import numpy as np

from covidlab.config import TrainingConfig

# Kingma & Ba, "Adam", 2015; the constants are Keras' defaults.
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7
# Of SGD: v <- momentum x v - rate x gradient; w <- w + v, as Keras' SGD.
MOMENTUM = 0.9


@dataclass(frozen=True, kw_only=True)
class UpdateRule:
    """What a step does with the gradients.

    optimizer: "adam" or "sgd" (with momentum 0.9). weight_decay: share of each weight, times the learning rate, that a step takes
    away (decoupled: Loshchilov & Hutter, "Decoupled weight decay regularization", 2019); biases keep theirs. class_weights:
    what an X-ray of each class counts in the loss; None where all count 1.
    """

    optimizer: str = "adam"
    weight_decay: float = 0.0
    class_weights: tuple[float, ...] | None = None


def update_rule(config: TrainingConfig, labels: np.ndarray, *, num_classes: int) -> UpdateRule:
    """Return the rule a run's settings ask for, ``labels`` being the classes of the X-rays it learns from.

    Balanced class weights are n / (classes x films of the class), scikit-learn's "balanced" (King & Zeng, "Logistic
    regression in rare events data", 2001); a class without X-rays counts 1.
    """
    weights = None
    if config.class_weights == "balanced":
        sizes = np.bincount(np.asarray(labels, int), minlength=num_classes)
        weights = tuple(len(labels) / (num_classes * size) if size else 1.0 for size in sizes)
    return UpdateRule(optimizer=config.optimizer, weight_decay=config.weight_decay, class_weights=weights)
