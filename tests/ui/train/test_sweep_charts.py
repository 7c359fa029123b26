"""The figures of a sweep, and the sentences that say the same."""

from dataclasses import replace

import numpy as np
import pytest

from covidlab.evaluation.luck import Luck
from covidlab.evaluation.sweep_landscape import contours
from covidlab.evaluation.sweep_proposals import drawn_at_random
from covidlab.evaluation.sweep_space import DIVERGED, FINISHED, SweepConfig, Trial
from covidlab.ui.train import sweep_charts

SWEEP = SweepConfig(trials=20)


@pytest.fixture
def trials():
    return [
        Trial(
            number=number,
            settings=settings,
            state=FINISHED,
            epochs_done=settings.epochs,
            accuracy=0.5 + 0.02 * number,
            low=0.3,
            high=0.95,
            loss=0.5,
        )
        for number, settings in enumerate(drawn_at_random(SWEEP), start=1)
    ]


def test_trials_chart_has_a_line_a_trial_from_its_settings_to_its_accuracy(trials):
    figure = sweep_charts.trials_chart(SWEEP, [*trials, replace(trials[0], number=21, state=DIVERGED)])
    lines = figure.data[0]
    assert [dimension.label for dimension in lines.dimensions] == ["learning rate", "batch size", "epochs", "accuracy"]
    assert [len(dimension["values"]) for dimension in lines.dimensions] == [20] * 4
    assert lines.dimensions[0].ticktext == ("0.00001", "0.0001", "0.001", "0.01", "0.1")
    assert lines.dimensions[3]["values"] == tuple(lines.line.color)


def test_trials_chart_names_depths_where_they_vary(trials):
    figure = sweep_charts.trials_chart(replace(SWEEP, depths=("head", "block5")), trials)
    assert (figure.data[0].dimensions[0].label, figure.data[0].dimensions[0].ticktext) == ("depth", ("head", "block5"))


def test_trials_chart_of_equal_ends_and_of_one_trial_has_axes(trials):
    sweep = replace(SWEEP, epochs=(7, 7), batch_sizes=(8, 8), learning_rates=(0.001, 0.001))
    figure = sweep_charts.trials_chart(sweep, trials[:1])
    assert all(dimension.range[0] < dimension.range[1] for dimension in figure.data[0].dimensions)


def test_trials_chart_without_trials_says_when_they_come():
    assert "first trials" in sweep_charts.trials_chart(SWEEP, []).layout.annotations[0].text
    assert sweep_charts.describe_trials([]) == "No trial has finished yet."


def test_sentence_of_the_trials_names_the_best_one(trials):
    said = sweep_charts.describe_trials(trials)
    assert said.startswith("20 trials finished with accuracies from 0.52 to 0.90; the best is trial 20, learning rate ")


def test_contour_chart_has_logarithmic_rates_and_the_trials_as_dots(trials):
    contour = contours(SWEEP, trials)[1]
    figure = sweep_charts.contour_chart(contour, trials)
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("log", "log")
    assert figure.layout.yaxis.ticktext == ("4", "8", "16", "32")
    assert len(figure.data[1].x) == 20
    assert "near learning rate " in sweep_charts.describe_contour(contour)


def test_importance_chart_has_a_bar_for_each_setting_and_method():
    figure = sweep_charts.importance_chart({"fanova": {"epochs": 0.3, "batch_size": 0.7}, "ped_anova": {"epochs": 1.0}})
    assert [bar.name for bar in figure.data] == ["all trials (fANOVA)", "the better trials (PED-ANOVA)"]
    assert figure.data[0].y == ("epochs", "batch size")
    assert figure.data[1].x == (1.0, 0.0)


def test_luck_chart_shows_every_permutation_apart_and_the_real_best_above():
    by_chance = tuple(np.repeat([0.5, 0.6, 0.7], [9, 9, 1]))
    luck = Luck(best=0.9, by_chance=by_chance, p=0.05, num_trials=100, num_films=50, num_patients=37)
    figure = sweep_charts.luck_chart(luck, best=0.94)
    dots = list(zip(figure.data[0].x, figure.data[0].y, strict=True))
    assert len(set(dots)) == 19
    assert (figure.data[1].x, figure.data[2].x) == ((0.9,), (0.94,))
    assert min(figure.data[1].y) > max(figure.data[0].y)
    assert len(sweep_charts.luck_chart(luck, best=None).data) == 2
