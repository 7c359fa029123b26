"""What a run trains: the learner its settings ask for, fresh or continued from an earlier model."""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from covidlab.config import PRESETS, REFERENCE, TrainingConfig
from covidlab.learning.backbones import find_backbone
from covidlab.learning.learners import HeadLearner, Learner, TailLearner
from covidlab.learning.modelcard import require_earlier_model
from covidlab.learning.modelfile import load_model
from covidlab.learning.network import build_head, build_model, tail_of
from covidlab.learning.updates import UpdateRule

_PLAIN = UpdateRule()


def build_learner(
    config: TrainingConfig,
    classes: Sequence[str],
    *,
    precision: str = REFERENCE,
    rule: UpdateRule = _PLAIN,
) -> tuple[Learner, keras.Model]:
    """Return the learner for a run's settings, and the Keras layers that are saved with what it learned.

    ``precision`` is what convolutions that learn compute in; a head computes in float32. ``rule``: see ``learning.updates``.

    Raises
    ------
    UsageError
        Where the model to start from has another backbone, preset or classes, or learned deeper.
    """
    earlier = load_earlier_model(config, classes) if config.start_from else None
    if config.fine_tune == "head":
        return _build_head_learner(config, len(classes), earlier, rule)
    tail = _build_tail(config, len(classes), earlier)
    return TailLearner(tail, precision=precision, rule=rule), tail


def load_earlier_model(config: TrainingConfig, classes: Sequence[str]) -> keras.Model:
    """Return the model a run starts from; raises UsageError where it does not fit the run."""
    require_earlier_model(config, classes)
    model, _ = load_model(Path(config.start_from))
    return model


def _build_head_learner(
    config: TrainingConfig, num_classes: int, earlier: keras.Model | None, rule: UpdateRule
) -> tuple[Learner, keras.Model]:
    backbone = find_backbone(config.backbone)
    learner = HeadLearner(
        seed=config.seed,
        num_features=backbone.num_features,
        num_classes=num_classes,
        batch_size=config.batch_size,
        rule=rule,
    )
    if earlier is not None:
        weights = _stackable(tail_of(earlier, backbone, "head").get_weights())
        learner.stack.restore_weights([array[None] for array in weights])
    return learner, build_head(PRESETS[config.preset], backbone, num_classes=num_classes)


def _build_tail(config: TrainingConfig, num_classes: int, earlier: keras.Model | None) -> keras.Model:
    backbone = find_backbone(config.backbone)
    keras.utils.set_random_seed(config.seed)
    model = earlier if earlier is not None else build_model(PRESETS[config.preset], backbone, num_classes=num_classes)
    return tail_of(model, backbone, config.fine_tune)


def _stackable(weights: list[np.ndarray]) -> list[np.ndarray]:
    """The weights of a head as a stack of heads holds them."""
    kernel, bias, output_kernel, output_bias = weights
    return [kernel, bias[None], output_kernel, output_bias[None]]
