"""Curves of runs over each other: the honest one thick, its band, the one split thin, smoothed or on a logarithmic axis."""

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from covidlab.ui.runs import overlay
from covidlab.ui.runs.overlay import MOST_BANDS, Overlaid, accuracy_chart, loss_chart, smoothed

EMPTY = pd.DataFrame(columns=["epoch", "accuracy", "low", "high"], dtype=float)


def overlaid(label="Run 1", *, epochs=5, honest=True, losses=None) -> Overlaid:
    split = pd.DataFrame({"epoch": range(1, epochs + 1)})
    split = split.assign(val_accuracy=1.0, val_loss=losses or [0.5] * epochs)
    middle = np.linspace(0.5, 0.8, epochs + 1)
    table = pd.DataFrame({"epoch": range(epochs + 1), "accuracy": middle, "low": middle - 0.1, "high": middle + 0.1})
    return Overlaid(label=label, honest=table if honest else EMPTY, split=split)


def lines(figure):
    return [trace for trace in figure.data if trace.fill is None]


def test_accuracy_chart_draws_the_honest_curve_thick_and_the_one_split_thin():
    figure = accuracy_chart([overlaid()])
    split, honest = lines(figure)
    assert honest.line.width > 2 * split.line.width
    assert list(honest.x) == [0, 1, 2, 3, 4, 5]
    assert list(split.x) == [1, 2, 3, 4, 5]
    assert (honest.showlegend, split.showlegend) == (True, False)
    assert "before learning: 0.500" in honest.customdata[0]


def test_accuracy_chart_says_the_interval_and_n_of_each_point_where_the_band_is_one():
    run = replace(overlaid(), num_films=50)
    *_, honest = lines(accuracy_chart([run]))
    assert "before learning: 0.500 (95 % interval 0.40 to 0.60, n = 50)" in honest.customdata[0]
    assert "after epoch 5 (95 % interval 0.70 to 0.90, n = 50)" in overlay.describe_accuracy([run])
    assert "interval" not in overlay.describe_accuracy([overlaid()])


def test_accuracy_chart_of_a_run_without_honest_curve_names_the_one_split():
    (split,) = lines(accuracy_chart([overlaid(honest=False)]))
    assert split.showlegend is True


@pytest.mark.parametrize(("number", "bands"), [(MOST_BANDS, MOST_BANDS), (MOST_BANDS + 1, 0)])
def test_accuracy_chart_draws_bands_until_they_are_too_many(number, bands):
    figure = accuracy_chart([overlaid(f"Run {place}") for place in range(number)])
    assert len(figure.data) - len(lines(figure)) == bands


def test_charts_tell_many_runs_apart():
    figure = loss_chart([overlaid(f"Run {place}") for place in range(14)])
    assert len({(trace.line.color, trace.line.dash) for trace in figure.data}) == 14


def test_charts_span_the_longest_run_and_say_where_there_is_none():
    runs = [overlaid(), overlaid("Run 2", epochs=40), overlaid("Run 3", epochs=0, honest=False)]
    assert all(chart(runs).layout.xaxis.range[1] >= 40 for chart in (accuracy_chart, loss_chart))
    assert all(chart([]).layout.annotations for chart in (accuracy_chart, loss_chart))


def test_smoothed_values_lag_behind_and_0_changes_nothing():
    values = pd.Series([0.0, 1.0, 1.0, 1.0])
    assert smoothed(values, 0).tolist() == [0, 1, 1, 1]
    mean = smoothed(values, 0.5).tolist()
    assert mean == pytest.approx([0, 2 / 3, 6 / 7, 14 / 15])


def test_smoothed_chart_says_so_and_keeps_what_was_measured():
    figure = accuracy_chart([overlaid()], smoothing=0.6)
    assert figure.layout.title.text == "Accuracy (smoothed by 0.6)"
    honest = lines(figure)[1]
    assert honest.y[-1] < 0.8
    assert "after epoch 5: 0.800<br>smoothed: " in honest.customdata[-1]


def test_loss_chart_has_a_logarithmic_axis_where_asked_and_says_so():
    assert loss_chart([overlaid()]).layout.yaxis.type == "linear"
    figure = loss_chart([overlaid(losses=[0.5, 0.05, 0.0, math.nan, 0.01])], is_log=True)
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.title.text == "Validation loss (logarithmic axis)"
    assert np.nanmin(figure.data[0].y) > 0


def test_descriptions_name_the_end_of_every_curve():
    said = overlay.describe_accuracy([overlaid()])
    assert said == "Cross-validated accuracy: Run 1 0.800 after epoch 5, Run 1 1.000 after epoch 5 on the one split."
    assert overlay.describe_loss([overlaid()]) == "Validation loss: Run 1 0.500 after epoch 5."
    assert overlay.describe_loss([]) == overlay.describe_accuracy([]) == "No run has finished an epoch yet."


def test_charts_have_strict_json_and_no_markup_of_foreign_labels():
    for chart in (accuracy_chart, loss_chart):
        text = chart([overlaid("<b>x</b>", losses=[0.1, math.nan, 0.1, 0.1, 0.1])]).to_json()
        json.loads(text, parse_constant=pytest.fail)
        assert "<b>" not in text
