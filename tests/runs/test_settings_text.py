"""What was chosen beside the sliders, in words."""

from covidlab.config import TrainingConfig
from covidlab.runs.settings_text import further_settings


def test_further_settings_of_the_defaults_are_none():
    assert further_settings(TrainingConfig(dataset="", epochs=3, seed=7)) == []


def test_further_settings_are_those_that_differ_from_the_defaults():
    config = TrainingConfig(
        dataset="", optimizer="sgd", weight_decay=0.0001, class_weights="balanced", patience=1, rotation=0.0, flip=True
    )
    assert further_settings(config) == [
        "SGD with momentum",
        "weight decay 0.0001",
        "every class counts the same",
        "patience of 1 epoch",
        "no rotation",
        "mirrored copies",
    ]


def test_further_settings_say_shares_in_percent():
    config = TrainingConfig(dataset="", rotation=30.0, shift=0.1, brightness=0.25)
    assert further_settings(config) == ["rotation up to 30°", "shift up to 10 %", "brightness changed by up to 25 %"]
