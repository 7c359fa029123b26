"""Repeats of the same settings as one row and one curve: median and range."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.runs.learning_record import CROSSVALIDATION
from covidlab.runs.store import RunStore
from covidlab.runs.tables import CROSSED
from covidlab.ui.runs.repeats import groups_of, in_order, range_text, repeats_table
from covidlab.ui.runs.repeats_comparison import group_figures, group_settings
from covidlab.ui.runs.rows import column_order


def new_run(accuracy, **settings):
    run = RunStore().create(TrainingConfig(dataset="films", **settings))
    run.write_report({"cross_validation": {"accuracy": {"value": accuracy, "low": 0, "high": 1, "n": 50}}})
    CROSSED.append(run.path / CROSSVALIDATION, [{"epoch": 0, "accuracy": 0.5}, {"epoch": 1, "accuracy": accuracy}])
    run.append_history(epoch=1, loss=1, accuracy=1, val_loss=accuracy, val_accuracy=1, seconds=1)
    return run


@pytest.fixture
def groups():
    runs = [new_run(0.8, seed=1), new_run(0.9, seed=2), new_run(0.6, learning_rate=0.1), new_run(0.85, seed=3)]
    return groups_of(reversed(runs))


def test_groups_are_named_by_their_runs_from_old_to_new(groups):
    assert [group.name for group in groups] == ["Runs 1, 2, 4", "Run 3"]


def test_repeats_table_has_median_and_range_and_names_settings_that_differ_between_groups(groups):
    table = repeats_table(groups)
    assert table["runs"].tolist() == ["1, 2, 4", "3"]
    assert table["cross-validated accuracy"].tolist() == ["0.85 (0.80 to 0.90, 3 runs, n = 50)", "0.60 (1 run, n = 50)"]
    assert column_order(table)[:3] == ["runs", "repeats", "learning rate"]
    assert "seed" not in table


def test_curves_of_a_group_are_medians_with_the_range(groups):
    honest = groups[0].honest_curve()
    assert honest.iloc[1].tolist() == pytest.approx([1, 0.85, 0.8, 0.9])
    assert groups[0].split_curve()["val_loss"].tolist() == pytest.approx([0.85])


def test_group_settings_leave_the_seeds_out(groups):
    table = group_settings(groups)
    assert table.index.tolist() == ["learning rate"]
    assert table.loc["learning rate"].tolist() == ["0.001", "0.1"]


def test_group_figures_count_the_runs_that_have_them(groups):
    assert group_figures(groups).loc["Accuracy, cross-validation"].tolist()[0] == "0.85 (0.80 to 0.90, 3 runs, n = 50)"
    assert group_figures(groups).loc["AUC, cross-validation"].tolist() == ["", ""]


def test_groups_are_compared_with_that_of_the_baseline_first(groups):
    assert [group.name for group in in_order(groups)] == ["Runs 1, 2, 4", "Run 3"]
    pinned = groups[1].runs[0].id
    assert [group.name for group in in_order(groups, baseline=pinned)] == ["Run 3", "Runs 1, 2, 4"]


def test_damaged_runs_are_in_no_group():
    run = new_run(0.8)
    (run.path / "run.json").write_text("{")
    assert groups_of([run]) == []


@pytest.mark.parametrize(
    ("values", "text"), [([], ""), ([0.5], "0.50 (1 run)"), ([0.4, 0.8], "0.60 (0.40 to 0.80, 2 runs)")]
)
def test_range_text_says_median_range_and_number(values, text):
    assert range_text(values) == text
