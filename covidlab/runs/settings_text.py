"""What a person chose beside the sliders, in words: optimiser, weight decay, class weights, patience, augmentation."""

from collections.abc import Callable

from covidlab.config import TrainingConfig
from covidlab.language import tr, tr_lazy
from covidlab.text import plain_number, pluralize

OPTIMIZER_NAMES = {"adam": "Adam", "sgd": tr_lazy("SGD with momentum")}
CLASS_WEIGHT_NAMES = {
    "none": tr_lazy("every X-ray counts the same"),
    "balanced": tr_lazy("every class counts the same"),
}

_DEFAULTS = TrainingConfig(dataset="")

# How each setting reads where it differs from its default; in this order.
_WORDS: dict[str, Callable[[TrainingConfig], str]] = {
    "optimizer": lambda config: str(OPTIMIZER_NAMES[config.optimizer]),
    "weight_decay": lambda config: tr("weight decay {decimal_text}", decimal_text=plain_number(config.weight_decay)),
    "class_weights": lambda config: str(CLASS_WEIGHT_NAMES[config.class_weights]),
    "patience": lambda config: tr("patience of {epochs}", epochs=pluralize(config.patience, "epoch")),
    "rotation": lambda config: (
        tr("rotation up to {decimal_text}°", decimal_text=plain_number(config.rotation))
        if config.rotation
        else tr("no rotation")
    ),
    "flip": lambda config: tr("mirrored copies"),
    "shift": lambda config: tr("shift up to {value:.0f} %", value=100 * config.shift),
    "brightness": lambda config: tr("brightness changed by up to {value:.0f} %", value=100 * config.brightness),
}


def further_settings(config: TrainingConfig) -> list[str]:
    """Return the settings beside the sliders that differ from their defaults, each in a few words."""
    return [words(config) for name, words in _WORDS.items() if getattr(config, name) != getattr(_DEFAULTS, name)]
