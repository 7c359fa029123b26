"""The learner a run's settings ask for."""

import numpy as np
import pytest

from covidlab.config import PRESETS, TrainingConfig
from covidlab.errors import UsageError
from covidlab.learning.backbones import find_backbone
from covidlab.learning.building import build_learner
from covidlab.learning.learners import HeadLearner, TailLearner
from covidlab.learning.modelcard import ModelCard
from covidlab.learning.modelfile import save_model
from covidlab.learning.network import build_head

CLASSES = ("covid", "normal")
BACKBONE = find_backbone("vgg16")


@pytest.fixture(scope="module")
def earlier(tmp_path_factory):
    """A head that was trained before, and its file."""
    head = build_head(PRESETS["default"], BACKBONE, num_classes=2)
    card = ModelCard(
        kind="tail",
        preset="default",
        fine_tune="head",
        classes=list(CLASSES),
        positive_class="covid",
        frozen_sha256=BACKBONE.weights_sha256,
    )
    path = tmp_path_factory.mktemp("earlier") / "earlier.keras"
    save_model(path, head, card)
    return head, path


def config(**settings):
    return TrainingConfig(**{"dataset": "films", "batch_size": 4} | settings)


def test_build_learner_for_the_head_is_one_head_and_its_layers():
    learner, tail = build_learner(config(), CLASSES)
    assert isinstance(learner, HeadLearner)
    assert learner.probabilities(np.zeros((3, BACKBONE.num_features), np.float32)).shape == (3, 2)
    assert [array.shape for array in learner.stack.keras_weights(0)] == [array.shape for array in tail.get_weights()]


def test_build_learner_deeper_is_a_tail_that_learns_its_block():
    learner, tail = build_learner(config(fine_tune="block5"), CLASSES)
    assert isinstance(learner, TailLearner)
    assert tail.input_shape[1:] == BACKBONE.cut_point("block5").shape
    assert learner.probabilities(np.zeros((1, *tail.input_shape[1:]), np.float32)).shape == (1, 2)


def test_build_learner_from_an_earlier_model_begins_with_its_weights(earlier):
    head, path = earlier
    learner, _ = build_learner(config(start_from=str(path)), CLASSES)
    for ours, theirs in zip(learner.stack.keras_weights(0), head.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("settings", "classes", "words"),
    [
        ({"preset": "original"}, CLASSES, "same preset and classes"),
        ({}, ("ill", "well"), "same preset and classes"),
    ],
)
def test_build_learner_from_a_model_that_does_not_fit_is_refused(earlier, settings, classes, words):
    with pytest.raises(UsageError, match=words):
        build_learner(config(start_from=str(earlier[1]), **settings), classes)
