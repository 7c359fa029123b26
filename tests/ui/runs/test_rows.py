"""The table of runs: the settings that differ come first, results behind them, the rest only if asked."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.runs.learning_record import CROSSVALIDATION
from covidlab.runs.notes import save_notes
from covidlab.runs.store import RunStore
from covidlab.runs.tables import CROSSED
from covidlab.ui.runs.rows import COLUMNS, column_order, runs_table

RESULTS = ["honest curve", "cross-validated accuracy", "accuracy", "cross-validated AUC", "seconds", "started"]


def new_run(**settings):
    return RunStore().create(TrainingConfig(dataset="films", **settings))


def test_columns_begin_with_what_differs():
    table = runs_table([new_run(), new_run(optimizer="sgd", seed=1)])
    assert column_order(table) == ["run", "state", "optimizer", "seed", *RESULTS]


def test_columns_are_all_there_if_asked():
    table = runs_table([new_run()])
    assert column_order(table) == ["run", "state", *RESULTS]
    assert set(column_order(table, with_all=True)) == set(COLUMNS) - {"tags", "note"}


def test_columns_of_a_run_that_has_not_begun_add_none_that_differs():
    waiting, begun = new_run(), new_run()
    begun.update_facts(data={"name": "films", "num_patients": 8}, device="CPU", precision="float32")
    assert column_order(runs_table([waiting, begun]))[:3] == ["run", "state", "honest curve"]


def test_tags_and_note_are_columns_once_there_are_some():
    run = new_run()
    assert "note" not in column_order(runs_table([run]))
    save_notes(run, note="two\nlines", tags=["a", "b"])
    table = runs_table([run])
    assert table[["tags", "note"]].iloc[0].tolist() == ["a, b", "two lines"]
    assert [name for name in column_order(table) if name in ("tags", "note")] == ["tags", "note"]


def test_honest_curve_is_a_list_from_before_learning_and_nothing_where_there_is_none():
    run = new_run()
    rows = [{"epoch": epoch, "accuracy": 0.5 + epoch / 10, "low": 0.4, "high": 0.9} for epoch in range(3)]
    CROSSED.append(run.path / CROSSVALIDATION, rows)
    assert runs_table([run, new_run()])["honest curve"].tolist() == [[0.5, 0.6, 0.7], None]


def test_row_follows_what_changes_on_the_disk():
    run = new_run()
    assert runs_table([run])["cross-validated accuracy"].tolist() == [""]
    run.write_report({"cross_validation": {"accuracy": {"value": 0.9, "low": 0.8, "high": 0.95, "n": 50}}})
    assert runs_table([run])["cross-validated accuracy"].tolist() == ["0.90 (0.80 to 0.95, n = 50)"]


@pytest.mark.parametrize("file", ["run.json", "status.json"])
def test_damaged_run_has_a_row_and_adds_no_column(file):
    damaged = new_run(seed=9)
    (damaged.path / file).write_text("{")
    table = runs_table([damaged, new_run()])
    assert table["state"].tolist() == ["damaged", "queued"]
    assert column_order(table)[:3] == ["run", "state", "honest curve"]


def test_curve_stands_before_the_settings_that_have_no_room_where_very_many_differ():
    many = {"optimizer": "sgd", "weight_decay": 0.1, "class_weights": "balanced", "patience": 3, "seed": 1, "views": 2}
    columns = column_order(runs_table([new_run(), new_run(learning_rate=0.1, epochs=40, batch_size=16, **many)]))
    assert columns[2:5] == ["learning rate", "epochs", "batch size"]
    assert columns.index("honest curve") < columns.index("class weights") < columns.index("accuracy")
    assert len(set(columns)) == len(columns)
