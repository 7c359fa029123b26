"""What curves say of a run, on curves made up for it."""

import math

import pandas as pd
import pytest

from covidlab.config import TrainingConfig
from covidlab.runs.learning_curves import (
    bursts_at,
    curves_of,
    diverges,
    first_unusable_epoch,
    grows,
    learns_nothing,
    overfits_since,
)
from covidlab.runs.status import State, Status
from covidlab.runs.store import RunStore
from tests.runs.made_up_curves import curves, falling

ROW = {"loss": 0.5, "accuracy": 0.75, "val_loss": 0.4, "val_accuracy": 1.0, "seconds": 0.1}


def test_grows_loss_that_rises_far_above_its_lowest_level_does():
    assert grows(curves([*falling(1.0, 0.4, 10), *falling(0.5, 3.0, 10)]))


@pytest.mark.parametrize(
    "loss", [falling(2.0, 0.1), [2.0, 0.05, 0.04, *[0.12] * 17], [2.3, 1.2, 2.1, 1.1, 1.9, 2.6, 1.8, 2.0]]
)
def test_grows_loss_that_falls_or_only_varies_does_not(loss):
    assert not grows(curves(loss))


def test_first_unusable_epoch_names_the_epoch_and_passes_over_missing_validation():
    assert first_unusable_epoch(curves([1.0, math.inf, math.nan])) == 2
    assert first_unusable_epoch(curves([1.0, 0.5], val_loss=[math.nan, math.nan])) is None


def test_bursts_at_names_the_epoch_far_above_guessing_and_counts_as_diverging():
    made = curves([2.0, 108.4, 20.0, *falling(5, 0.1)])
    assert bursts_at(made) == 2
    assert diverges(made)
    assert bursts_at(curves(falling(4.1, 0.1))) is None


def test_learns_nothing_flat_loss_at_chance_does():
    assert learns_nothing(curves([0.7] * 20, accuracy=0.5))


@pytest.mark.parametrize(("loss", "accuracy"), [(falling(0.7, 0.3), 0.5), ([0.05] * 20, 1.0), ([0.7] * 3, 0.5)])
def test_learns_nothing_falling_loss_right_answers_or_too_few_epochs_do_not(loss, accuracy):
    assert not learns_nothing(curves(loss, accuracy=accuracy))


def test_overfits_since_names_the_epoch_of_the_lowest_validation_loss():
    validation = [*falling(0.7, 0.3, 9), *falling(0.31, 0.9, 11)]
    assert overfits_since(curves(falling(0.7, 0.01), val_loss=validation)) == 9


@pytest.mark.parametrize(
    "validation", [falling(0.7, 0.3), [0.001, *[0.02] * 19], [0.3] * 19 + [0.9], [math.nan] * 20], ids=str
)
def test_overfits_since_falling_tiny_sudden_or_missing_validation_loss_is_none(validation):
    assert overfits_since(curves(falling(0.7, 0.01), val_loss=validation)) is None


def test_overfits_since_is_none_where_the_training_loss_rises_too():
    validation = [*falling(0.7, 0.3, 9), *falling(0.31, 0.9, 11)]
    both = curves([*falling(0.7, 0.3, 9), *falling(0.31, 0.4, 11)], val_loss=validation)
    assert overfits_since(both) is None
    assert not diverges(both)


def test_epoch_zero_counts_for_nothing():
    made = curves(falling(0.7, 0.1))
    before = pd.DataFrame([{"epoch": 0, "loss": math.inf, "accuracy": 0, "val_loss": 0, "val_accuracy": 0}])
    with_it = type(made)(history=pd.concat([before, made.history]), num_validation=10, config=made.config)
    assert with_it.num_epochs == 20
    assert first_unusable_epoch(with_it) is None


def test_curves_of_run_without_an_epoch_are_none_and_of_an_earlier_version_end_in_its_report():
    run = RunStore().create(TrainingConfig(dataset="X-rays", epochs=2))
    assert curves_of(run) is None
    run.append_history(epoch=1, **ROW)
    run.append_history(epoch=2, **ROW)
    run.update_facts(data={"num_validation": 10})
    run.write_report(
        {"cross_validation": {"accuracy": {"value": 0.9, "low": 0.8, "high": 0.95}, "repeats": 10, "folds": 4}}
    )
    found = curves_of(run)
    assert found.crossed_at_end() == (0.9, 0.8, 0.95)
    assert (found.num_validation, found.over, found.num_epochs) == (10, "40 splits, mean of 10 repeats", 2)


def test_curves_of_run_whose_loss_became_infinite_know_the_epoch_from_its_reason():
    run = RunStore().create(TrainingConfig(dataset="X-rays"))
    reason = "The loss became infinite in epoch 1: the learning rate 1 is too high. Try 0.1."
    run.write_status(Status(state=State.FAILED, epochs=25, reason=reason))
    assert first_unusable_epoch(curves_of(run)) == 1
    run.write_status(Status(state=State.FAILED, epochs=25, reason="The disk is full."))
    assert curves_of(run) is None
