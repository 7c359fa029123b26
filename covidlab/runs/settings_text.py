"""What a person chose beside the sliders, in words: optimiser, weight decay, class weights, patience, augmentation."""

from collections.abc import Callable

from covidlab.config import TrainingConfig
from covidlab.text import decimal_text, pluralize

OPTIMIZER_NAMES = {"adam": "Adam", "sgd": "SGD with momentum"}
CLASS_WEIGHT_NAMES = {"none": "every X-ray counts the same", "balanced": "every class counts the same"}

_DEFAULTS = TrainingConfig(dataset="")

# How each setting reads where it differs from its default; in this order.
_WORDS: dict[str, Callable[[TrainingConfig], str]] = {
    "optimizer": lambda config: OPTIMIZER_NAMES[config.optimizer],
    "weight_decay": lambda config: f"weight decay {decimal_text(config.weight_decay)}",
    "class_weights": lambda config: CLASS_WEIGHT_NAMES[config.class_weights],
    "patience": lambda config: f"patience of {pluralize(config.patience, 'epoch')}",
    "rotation": lambda config: f"rotation up to {decimal_text(config.rotation)}°" if config.rotation else "no rotation",
    "flip": lambda config: "mirrored copies",
    "shift": lambda config: f"shift up to {100 * config.shift:.0f} %",
    "brightness": lambda config: f"brightness changed by up to {100 * config.brightness:.0f} %",
}


def further_settings(config: TrainingConfig) -> list[str]:
    """Return the settings beside the sliders that differ from their defaults, each in a few words."""
    return [words(config) for name, words in _WORDS.items() if getattr(config, name) != getattr(_DEFAULTS, name)]
