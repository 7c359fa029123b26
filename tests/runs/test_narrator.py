"""Every rule of the narrator, on curves made up for it and against it."""

import math
from dataclasses import replace

import pytest

from covidlab.config import LEARNING_RATES
from covidlab.runs.narrator import RULES, narrate, step_from
from tests.runs.made_up_curves import curves, falling

FALLS = falling(0.7, 0.05)
GROWS = [*falling(1.0, 0.4, 10), *falling(0.5, 3.0, 10)]
RISES_AGAIN = [*falling(0.7, 0.3, 9), *falling(0.31, 0.9, 11)]
JUMPS = [0.3, 0.3, 0.9, 0.3, 0.3, 0.8, 0.3, 0.3, 0.3, 0.3]
LEVEL = [*falling(0.7, 0.1, 6), *[0.1] * 14]
HONEST = (0.55, 0.41, 0.68)

# rule -> (curves it speaks of, a part of what it says, what Apply would set)
FOR = {
    "no number": (curves([1.0, math.nan]), "from epoch 2 on", {"train_learning_rate": 0.0001}),
    "loss grows": (curves(GROWS), "The training loss grows", {"train_learning_rate": 0.0001}),
    "burst": (
        curves([108.4, *falling(50, 0.1, 19)], learning_rate=0.1),
        "In epoch 1 the training loss is 108",
        {"train_learning_rate": 0.01},
    ),
    "too slow": (curves([0.7] * 20, accuracy=0.5, learning_rate=1e-5), "Raise", {"train_learning_rate": 0.0001}),
    "too fast": (curves([0.7] * 20, accuracy=0.5, learning_rate=0.1), "Lower", {"train_learning_rate": 0.01}),
    "lucky split": (
        curves(FALLS, val_accuracy=1.0, crossed=HONEST),
        "A lucky split: 1.00 on these 10 (95 % interval 0.72 to 1.00), 0.55 over 50 splits, median of 10 repeats (95 % interval 0.41 to 0.68",
        {},
    ),
    "overfitting": (curves(FALLS, val_loss=RISES_AGAIN), "since epoch 9", {"train_epochs": 9}),
    "jumps": (curves([0.3] * 10, val_loss=JUMPS), "2 times", {"train_learning_rate": 0.0003}),
    "still falls": (curves(falling(2.0, 0.4)), "Both losses still fall at epoch 20", {"train_epochs": 40}),
    "one X-ray": (curves(FALLS, val_accuracy=[0.9] * 18 + [0.8, 0.9]), "by one X-ray of 10, 0.80 to 0.90: noise", {}),
    "all right in training": (
        curves(LEVEL, accuracy=[0.8] * 6 + [1.0] * 14, crossed=(0.9, 0.8, 0.95)),
        "right since epoch 7, but 0.90",
        {"train_epochs": 7},
    ),
    "split by image": (curves(FALLS, preset="original"), "splits by image", {"train_preset": "default"}),
    "steady": (curves(LEVEL, crossed=(0.9, 0.8, 0.95)), "20 epochs are enough", {}),
}
AGAINST = {
    "no number": [curves(FALLS)],
    "loss grows": [curves(FALLS), curves([0.7] * 20), curves([1.0, math.nan])],
    "burst": [curves(falling(4.1, 0.1)), curves([108.4, math.nan])],
    "too slow": [curves(FALLS), curves([0.7] * 20, accuracy=0.5, learning_rate=0.1), curves([0.02] * 20, accuracy=1.0)],
    "too fast": [curves(FALLS, learning_rate=0.1), curves([0.7] * 20, accuracy=0.5, learning_rate=1e-5)],
    "lucky split": [
        curves(FALLS, val_accuracy=1.0, crossed=(0.92, 0.81, 0.97)),
        curves(FALLS, val_accuracy=1.0),
        curves(FALLS, val_accuracy=1.0, crossed=HONEST, num_validation=0),
    ],
    "overfitting": [curves(FALLS), curves(FALLS, val_loss=[0.3] * 20)],
    "jumps": [curves(FALLS), curves([0.3] * 10, val_loss=[0.01, 0.03, 0.01, 0.03] * 2 + [0.01] * 2)],
    "still falls": [
        curves(LEVEL),
        curves([0.7] * 20),
        curves([0.3] * 10, val_loss=JUMPS),
        curves(falling(2.0, 0.1), accuracy=1.0),
    ],
    "one X-ray": [curves(FALLS), curves(FALLS, val_accuracy=[0.9] * 18 + [0.7, 0.9]), curves([0.5] * 3)],
    "all right in training": [
        curves(LEVEL, accuracy=1.0),
        curves(LEVEL, accuracy=[1.0] * 19 + [0.9], crossed=(0.9, 0.8, 0.95)),
        curves(LEVEL, accuracy=1.0, crossed=(1.0, 0.93, 1.0)),
    ],
    "split by image": [curves(FALLS)],
    "steady": [curves(falling(2.0, 0.4)), curves(GROWS), curves([0.7] * 20, accuracy=0.5), curves([0.5] * 3)],
}


def said(rule: str, made) -> list:
    return [remark for remark in narrate(made) if remark.rule == rule]


def test_every_rule_has_curves_for_and_against_it():
    assert [rule.name for rule in RULES] == list(FOR) == list(AGAINST)


@pytest.mark.parametrize("rule", FOR)
def test_rule_speaks_on_curves_made_for_it(rule):
    made, words, apply = FOR[rule]
    (remark,) = said(rule, made)
    assert words in remark.sentence
    assert remark.apply == pytest.approx(apply) if rule != "split by image" else remark.apply == apply


@pytest.mark.parametrize(("rule", "made"), [(rule, made) for rule in AGAINST for made in AGAINST[rule]])
def test_rule_is_silent_on_curves_made_against_it(rule, made):
    assert said(rule, made) == []


def test_narrator_of_a_run_that_ended_in_its_first_epoch_says_only_that():
    (remark,) = narrate(curves([], infinite_in=1))
    assert remark.rule == "no number"
    assert narrate(curves([])) == []


def test_lucky_split_below_the_others_is_called_unlucky():
    (remark,) = said("lucky split", curves(FALLS, val_accuracy=0.5, crossed=(0.92, 0.81, 0.97)))
    assert remark.sentence.startswith("An unlucky split: 0.50 on these 10 (95 % interval 0.24 to 0.76), 0.92")


def test_lucky_split_goes_by_the_interval_that_the_run_wrote_down():
    made = curves(FALLS, val_accuracy=1.0, crossed=(0.7, 0.6, 0.8))
    assert said("lucky split", made)
    wide = made.history.assign(val_accuracy_low=0.65, val_accuracy_high=1.0)
    assert not said("lucky split", replace(made, history=wide))


def test_apply_names_a_value_of_the_slider_or_is_missing_where_it_ends():
    assert step_from(1e-5, -2) is None
    assert step_from(3e-5, -2) == 1e-5
    assert step_from(0.002, 1) in LEARNING_RATES
    (remark,) = said("still falls", curves(falling(9.0, 0.1, 100)))
    assert remark.apply == {}
