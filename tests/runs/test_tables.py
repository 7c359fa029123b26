"""Tables with and without a header, torn and damaged, of earlier and of later versions."""

import math

import pytest

from covidlab.runs.tables import HISTORY, STEPS, as_lists

OLD = "1,1.9,0.66,1.0,0.5,3.2\n2,1.6,0.5,0.15,1,0.004\n"
# Of a version that did not write the interval of the validation accuracy.
EARLIER_HEADER = "epoch,loss,accuracy,val_loss,val_accuracy,seconds\n"
HEADER = EARLIER_HEADER.strip() + ",val_accuracy_low,val_accuracy_high\n"
INTERVAL = {"val_accuracy_low": 0.75, "val_accuracy_high": 1.0}
ROW = {"epoch": 3, "loss": 0.5, "accuracy": 0.75, "val_loss": 0.4, "val_accuracy": 1.0, "seconds": 0.1, **INTERVAL}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history.csv"


def test_append_to_no_table_writes_the_header_first(path):
    HISTORY.append(path, [ROW])
    assert path.read_text() == HEADER + "3,0.5,0.75,0.4,1,0.1,0.75,1\n"


def test_append_to_a_table_without_header_keeps_its_form(path):
    path.write_text(OLD)
    HISTORY.append(path, [ROW])
    assert path.read_text() == OLD + "3,0.5,0.75,0.4,1,0.1\n"
    assert HISTORY.load(path)["epoch"].tolist() == [1, 2, 3]


@pytest.mark.parametrize("torn", ["", "epoch,lo", "1,0.5"])
def test_append_behind_half_a_first_line_begins_the_table_again(path, torn):
    path.write_text(torn)
    HISTORY.append(path, [ROW])
    assert path.read_text().startswith(HEADER)
    assert HISTORY.load(path)["epoch"].tolist() == [3]


def test_append_behind_an_empty_first_line_loses_nothing(path):
    path.write_text("\n" + OLD)
    HISTORY.append(path, [ROW])
    assert HISTORY.load(path)["epoch"].tolist() == [1, 2, 3]


def test_append_behind_a_torn_line_loses_that_line_only(path):
    path.write_text(EARLIER_HEADER + "1,1.9,0.66,1.0,0.5,3.2\n2,1.6,0.")
    HISTORY.append(path, [ROW])
    assert HISTORY.load(path)["epoch"].tolist() == [1, 3]


def test_load_finds_columns_by_name_and_ignores_unknown_ones(path):
    path.write_text(
        "temperature,seconds,epoch,val_accuracy,val_loss,accuracy,loss,val_accuracy_high,val_accuracy_low\n"
        "36.6,2,7,1,0.4,0.75,0.5,1,0.75\n"
    )
    (row,) = HISTORY.load(path).to_dict("records")
    assert row == {**ROW, "epoch": 7, "seconds": 2.0}


def test_load_column_that_the_table_lacks_is_nan(path):
    path.write_text("epoch,loss\n1,0.5\n")
    table = HISTORY.load(path)
    assert tuple(table.columns) == HISTORY.columns
    assert table["loss"].tolist() == [0.5]
    assert math.isnan(table["val_loss"].iloc[0])


def test_append_to_a_table_of_a_later_version_fills_its_columns_by_name(path):
    path.write_text("seconds,epoch,temperature,loss,accuracy,val_loss,val_accuracy\n")
    HISTORY.append(path, [ROW])
    assert path.read_text().splitlines()[1] == "0.1,3,nan,0.5,0.75,0.4,1"


@pytest.mark.parametrize("damaged", ["garbage", "1,2", "x,1,1,1,1,1", "nan,1,1,1,1,1", "1.5,1,1,1,1,1", ""])
@pytest.mark.parametrize("header", ["", EARLIER_HEADER])
def test_load_damaged_line_is_skipped_and_the_others_are_read(path, header, damaged):
    path.write_text(f"{header}{damaged}\n{OLD}")
    assert HISTORY.load(path)["epoch"].tolist() == [1, 2]


def test_keep_writes_the_header_and_what_later_versions_added(path):
    path.write_text("epoch,loss,temperature\n1,0.5,36.6\n2,0.25,37\n")
    HISTORY.keep(path, lambda row: row["epoch"] < 2)
    header, row = path.read_text().splitlines()
    assert header == HEADER.strip() + ",temperature"
    assert row == "1,0.5,nan,nan,nan,nan,nan,nan,36.6"


def test_keep_of_a_table_without_header_gives_it_one(path):
    path.write_text(OLD)
    HISTORY.keep(path, lambda row: row["epoch"] <= 1)
    assert path.read_text() == HEADER + OLD.splitlines()[0] + ",nan,nan\n"


def test_columns_without_header_are_those_of_version_1_for_ever():
    assert HISTORY.without_header == ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds")
    assert STEPS.without_header == ("step", "epoch", "position", "loss", "accuracy")


def test_as_lists_says_none_where_nothing_was_measured(path):
    path.write_text(OLD)
    columns = as_lists(HISTORY.load(path))
    assert columns["epoch"] == [1, 2] and columns["val_accuracy"] == [0.5, 1.0]
    assert columns["val_accuracy_low"] == [None, None]
