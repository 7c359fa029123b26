"""What a sweep tries next: grids, draws, and Optuna's proposals, the same after a stop."""

import math
from dataclasses import replace

import pytest

from covidlab.evaluation.sweep_landscape import contours, importance
from covidlab.evaluation.sweep_proposals import BATCH, drawn_at_random, grid, propose
from covidlab.evaluation.sweep_space import FINISHED, PRUNED, SETTINGS, SweepConfig, Trial, significant


def accuracy_of(settings):
    """Best at a rate of 0.001; the other settings do not matter."""
    return 0.5 + 0.4 * math.exp(-((math.log10(settings.learning_rate) + 3) ** 2))


def tried(sweep, *, batches):
    """What comes of a sweep, and the proposals of each batch."""
    trials = []
    for _ in range(batches):
        proposals = propose(sweep, trials)
        for place, settings in enumerate(proposals.settings):
            at_five = accuracy_of(settings)
            gives_up = settings.epochs > 5 and proposals.is_hopeless(place, 5, at_five)
            trials.append(
                Trial(
                    number=len(trials) + 1,
                    settings=settings,
                    state=PRUNED if gives_up else FINISHED,
                    epochs_done=5 if gives_up else settings.epochs,
                    accuracy=accuracy_of(settings),
                    low=0.0,
                    high=1.0,
                    loss=0.5,
                    at_rungs={5: at_five},
                )
            )
    return trials


@pytest.fixture(scope="module")
def forty_by_tpe():
    return tried(SweepConfig(trials=40), batches=4)


@pytest.mark.parametrize("trials", [1, 5, 30, 100])
def test_grid_is_as_large_as_it_may_be_without_repeating_itself(trials):
    settings = grid(SweepConfig(trials=trials))
    assert 0.85 * trials <= len(set(settings)) == len(settings) <= trials


def test_grid_has_both_ends_of_every_range_and_most_learning_rates():
    settings = grid(SweepConfig(trials=100))
    values = {name: sorted({getattr(each, name) for each in settings}) for name in SETTINGS}
    assert (values["learning_rate"][0], values["learning_rate"][-1]) == (1e-5, 1e-1)
    assert (values["epochs"][0], values["epochs"][-1]) == (5, 25)
    assert values["batch_size"] == [4, 8, 16, 32]
    assert len(values["learning_rate"]) == max(map(len, values.values()))


def test_grid_has_every_depth():
    settings = grid(SweepConfig(trials=20, depths=("head", "block5")))
    assert {each.fine_tune for each in settings} == {"head", "block5"}


def test_random_draws_stay_in_the_ranges_and_depend_on_the_seed():
    sweep = SweepConfig(trials=50, learning_rates=(1e-3, 1e-2), epochs=(3, 4))
    drawn = drawn_at_random(sweep)
    assert all(1e-3 <= each.learning_rate <= 1e-2 and each.epochs in (3, 4) for each in drawn)
    assert drawn == drawn_at_random(sweep) != drawn_at_random(replace(sweep, seed=1))


def test_learning_rates_have_two_digits():
    assert all(significant(each.learning_rate, 2) == each.learning_rate for each in drawn_at_random(SweepConfig()))


@pytest.mark.parametrize("sampler", ["grid", "random"])
def test_batches_of_a_sampler_that_does_not_learn_are_its_settings_in_order(sampler):
    sweep = SweepConfig(trials=25, sampler=sampler)
    every = grid(sweep) if sampler == "grid" else drawn_at_random(sweep)
    trials = tried(sweep, batches=4)
    assert [trial.settings for trial in trials] == every
    assert all(trial.state == FINISHED for trial in trials)


def test_tpe_looks_near_the_best_trials(forty_by_tpe):
    away = [abs(math.log10(trial.settings.learning_rate) + 3) for trial in forty_by_tpe]
    assert sum(away[-BATCH:]) / BATCH < 0.6 * sum(away[:BATCH]) / BATCH


def test_tpe_gives_up_trials_below_the_median_of_earlier_ones(forty_by_tpe):
    assert {trial.state for trial in forty_by_tpe[:BATCH]} == {FINISHED}
    given_up = [trial.accuracy for trial in forty_by_tpe if trial.state == PRUNED]
    kept = [trial.accuracy for trial in forty_by_tpe[BATCH:] if trial.state == FINISHED]
    assert given_up and max(given_up) < max(kept)
    assert sum(given_up) / len(given_up) < sum(kept) / len(kept)


def test_tpe_proposes_the_same_again_from_the_same_trials(forty_by_tpe):
    again = propose(SweepConfig(trials=40), forty_by_tpe[:20])
    assert again.settings == [trial.settings for trial in forty_by_tpe[20:30]]


def test_proposals_end_with_the_trials(forty_by_tpe):
    assert len(propose(SweepConfig(trials=33), forty_by_tpe[:30]).settings) == 3
    assert propose(SweepConfig(trials=40), forty_by_tpe).settings == []


def test_importance_is_that_of_the_setting_that_matters():
    sweep = SweepConfig(trials=40, sampler="random")
    found = importance(sweep, tried(sweep, batches=4))
    assert set(found) == {"fanova", "ped_anova"}
    for shares in found.values():
        assert max(shares, key=shares.get) == "learning_rate"
        assert sum(shares.values()) == pytest.approx(1)


def test_importance_of_few_or_equal_trials_is_not_told(forty_by_tpe):
    sweep = SweepConfig(trials=40)
    assert importance(sweep, forty_by_tpe[:9]) == {}
    assert importance(sweep, [replace(trial, accuracy=0.5) for trial in forty_by_tpe]) == {}


def test_contours_are_highest_where_the_trials_are_best(forty_by_tpe):
    contour = contours(SweepConfig(trials=40), forty_by_tpe)[0]
    columns = [max((row[place] or 0) for row in contour["z"]) for place in range(len(contour["x"]))]
    assert 3e-4 < contour["x"][columns.index(max(columns))] < 3e-3
    assert (contour["x_name"], contour["y_name"]) == ("learning_rate", "epochs")


def test_contours_leave_out_a_setting_that_does_not_vary(forty_by_tpe):
    sweep = SweepConfig(trials=40, epochs=(9, 9))
    assert [contour["y_name"] for contour in contours(sweep, forty_by_tpe)] == ["batch_size"]
    assert contours(sweep, []) == []
