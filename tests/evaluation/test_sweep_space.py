"""Ranges of a sweep, and which of its trials is the best."""

import json

import pytest

from covidlab.config import TrainingConfig
from covidlab.errors import UsageError
from covidlab.evaluation.sweep_space import FINISHED, PRUNED, Settings, SweepConfig, Trial, best_trial, significant

SETTINGS = Settings(fine_tune="head", learning_rate=0.003, batch_size=16, epochs=7)


def trial(number, accuracy, *, loss=0.5, state=FINISHED):
    return Trial(
        number=number,
        settings=SETTINGS,
        state=state,
        epochs_done=7,
        accuracy=accuracy,
        low=0.0,
        high=1.0,
        loss=loss,
    )


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"sampler": "best"}, "sampler must be one of grid, random, tpe. Received: best"),
        ({"trials": 0}, "number of trials must lie between 1 and 1000, the smaller end first. Received: 0"),
        ({"learning_rates": (0.1, 0.01)}, "learning rates must lie between .* Received: 0.1 to 0.01"),
        ({"batch_sizes": (0, 8)}, "batch sizes must lie between"),
        ({"epochs": (5, 5000)}, "epochs must lie between"),
        ({"depths": ("neck",)}, "depths must be of head, block5, block4, all. Received: neck"),
        ({"depths": ()}, "depths must be of"),
    ],
)
def test_ranges_out_of_range_are_one_sentence(values, sentence):
    with pytest.raises(UsageError, match=sentence):
        SweepConfig(**values).validate()


def test_ranges_come_back_from_json_as_they_were():
    sweep = SweepConfig(trials=7, epochs=(2, 3), depths=("head", "block5"))
    assert SweepConfig.from_dict(json.loads(json.dumps(sweep.to_dict()))) == sweep


def test_batch_levels_are_both_ends_and_the_powers_of_two_between():
    assert SweepConfig(batch_sizes=(3, 20)).batch_levels == (3, 4, 8, 16, 20)


def test_settings_are_applied_to_the_settings_of_a_run():
    config = SETTINGS.applied_to(TrainingConfig(dataset="set", views=5))
    assert (config.learning_rate, config.batch_size, config.epochs, config.views) == (0.003, 16, 7, 5)


def test_best_trial_of_equal_ones_has_the_smaller_loss():
    trials = [trial(1, 0.8), trial(2, 0.9, loss=0.4), trial(3, 0.9, loss=0.3), trial(4, 0.7)]
    assert best_trial(trials).number == 3


def test_best_trial_was_not_given_up_and_has_not_diverged():
    trials = [trial(1, 0.8), trial(2, 0.9, state=PRUNED), trial(3, float("nan"))]
    assert best_trial(trials).number == 1
    assert best_trial([trial(2, 0.9, state=PRUNED)]) is None


@pytest.mark.parametrize(
    ("value", "digits", "expected"), [(0.0003149, 2, 0.00031), (0.0999, 1, 0.1), (12.3, 2, 12), (0.1, 2, 0.1)]
)
def test_significant_keeps_so_many_digits(value, digits, expected):
    assert significant(value, digits) == expected
