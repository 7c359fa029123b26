"""What a sweep has found, in words."""

from covidlab.config import TrainingConfig
from covidlab.evaluation.luck import judge
from covidlab.evaluation.sweep_space import Settings, SweepConfig
from covidlab.runs.sweep_text import (
    describe_best,
    describe_importance,
    describe_luck,
    describe_states,
    describe_sweep,
    describe_trial,
    luck_of,
    train_command,
)

SETTINGS = Settings(fine_tune="head", learning_rate=0.00031, batch_size=8, epochs=1)


def test_trial_in_words_names_its_depth_where_it_is_no_head():
    assert describe_trial(SETTINGS) == "learning rate 0.00031, batch size 8, 1 epoch"
    deeper = Settings(fine_tune="block5", learning_rate=0.1, batch_size=8, epochs=2)
    assert describe_trial(deeper) == "depth block5, learning rate 0.1, batch size 8, 2 epochs"


def test_sweep_in_words_names_each_range():
    said = describe_sweep(SweepConfig(sampler="grid", epochs=(9, 9)))
    assert said == (
        "100 trials, a grid. Learning rate 0.00001 to 0.1, batch size 4 to 32, epochs 9, depth head, seed 42."
    )


def test_best_trial_in_words_has_interval_and_n():
    accuracy = {"value": 0.9, "low": 0.78, "high": 0.96, "n": 50}
    report = {"best": {"number": 4, **vars(SETTINGS), "accuracy": accuracy, "loss": 0.3}, "trials": {"done": 100}}
    assert describe_best(report) == (
        "Best of 100 trials: trial 4, learning rate 0.00031, batch size 8, 1 epoch: accuracy 0.90 (95 % interval 0.78 to 0.96, n = 50)."
    )
    assert describe_best({}) == "No trial has finished."


def test_states_in_words_name_those_that_are_there():
    assert describe_states({"finished": 3, "given_up": 0, "diverged": 0}) == "3 finished."
    assert (
        describe_states({"finished": 3, "given_up": 2, "diverged": 1})
        == "3 finished, 2 were given up early, 1 diverged."
    )


def test_luck_in_words_says_the_rule_on_either_side():
    by_chance = [(0.5 + number / 100, -0.6) for number in range(19)]
    beyond = describe_luck(judge((0.9, -0.3), by_chance, num_trials=100, num_films=50, num_patients=37))
    assert "best of 100 trials reached 0.50 to 0.68 (19 times, n = 50 X-rays of 37 patients)" in beyond
    assert "above all 19, so this is more than luck. Luck alone does that once in 20 times." in beyond
    within = describe_luck(judge((0.66, -0.7), by_chance, num_trials=100, num_films=50))
    assert "n = 50 X-rays)" in within
    assert "3 of the 19 are as good or better, so luck alone explains it." in within


def test_luck_of_a_report_without_it_is_none():
    assert luck_of({}) is None
    assert luck_of({"luck": {"best": 1}}) is None


def test_importance_in_words_begins_with_what_matters_most():
    said = describe_importance({"epochs": 0.2, "learning_rate": 0.8})
    assert said == "Of the differences in accuracy, learning rate 80 %, epochs 20 % (fANOVA)."
    assert describe_importance({}) == ""


def test_command_of_a_trial_names_what_is_not_the_default():
    config = TrainingConfig(dataset="/a folder", preset="original", views=1, positive_class="ill", weight_decay=0.00001)
    assert train_command(config, SETTINGS) == (
        "python -m covidlab train -d '/a folder' -lr 0.00031 -e 1 -bs 8 --preset original --views 1 --weight-decay 0.00001 "
        "--positive-class ill"
    )
