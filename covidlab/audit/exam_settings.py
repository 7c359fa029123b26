"""On which settings of a model the examination of maps depends; no TensorFlow."""

from typing import Any

from covidlab.config import TrainingConfig

# Those that say which network the maps are of; what was found with other settings of the same network is worth naming.
NETWORK = ("preset", "backbone", "fine_tune")
_ALL = (*NETWORK, "learning_rate", "epochs", "batch_size", "seed", "optimizer", "weight_decay", "class_weights")


def exam_settings(config: TrainingConfig) -> dict[str, Any]:
    """Return the settings that heads trained on phantoms follow."""
    return {name: getattr(config, name) for name in _ALL}
