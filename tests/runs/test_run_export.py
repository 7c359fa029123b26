"""All runs as CSV: every figure with its interval, every epoch, nothing of a patient."""

import csv
import io

import pytest

from covidlab.config import TrainingConfig
from covidlab.runs.learning_record import CROSSVALIDATION
from covidlab.runs.notes import save_notes
from covidlab.runs.run_export import CURVE_COLUMNS, curves_csv, runs_csv
from covidlab.runs.store import RunStore
from covidlab.runs.tables import CROSSED

FIGURE = {"value": 0.9, "low": 0.6, "high": 0.98, "n": 10}
EPOCH = {"loss": 0.6, "accuracy": 0.7, "val_loss": 0.5, "val_accuracy": 0.8, "seconds": 1.0}


def rows_of(text: str) -> list[dict]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def run():
    run = RunStore().create(TrainingConfig(dataset="/srv/somebody/ward", learning_rate=0.003))
    run.update_facts(data={"name": "ward", "num_films": 50, "num_patients": 37, "fingerprint": "f"})
    run.write_report({"accuracy": FIGURE, "cross_validation": {"accuracy": {**FIGURE, "n": 50}}})
    run.append_history(epoch=1, **EPOCH)
    row = {"accuracy": 0.55, "low": 0.4, "high": 0.7, "lowest": 0.5, "highest": 0.6}
    CROSSED.append(run.path / CROSSVALIDATION, [{"epoch": 0, **row}, {"epoch": 1, **row}])
    (run.path / "predictions.csv").write_text("file,patient_id\ncovid/maria.png,patient-7\n")
    return run


def test_runs_csv_has_name_settings_and_figures_with_interval_and_n(run):
    (row,) = rows_of(runs_csv([run]))
    assert (row["name"], row["learning_rate"], row["optimizer"]) == ("Run 1, rate 0.003, ward", "0.003", "Adam")
    assert [row[f"cross_validated_accuracy{part}"] for part in ("", "_low", "_high", "_n")] == [
        "0.9",
        "0.6",
        "0.98",
        "50",
    ]
    assert (row["num_xrays"], row["num_patients"], row["validation_auc"]) == ("50", "37", "")


def test_runs_csv_keeps_notes_and_lets_no_spreadsheet_compute_them(run):
    save_notes(run, note="=1+1", tags=["a", "b"])
    (row,) = rows_of(runs_csv([run]))
    assert (row["note"], row["tags"]) == ("'=1+1", "a, b")


def test_runs_csv_of_a_damaged_run_has_a_row(run):
    other = RunStore().create(TrainingConfig(dataset="films"))
    (other.path / "run.json").write_text("{")
    assert [row["state"] for row in rows_of(runs_csv([other, run]))] == ["damaged", "queued"]


def test_curves_csv_has_a_row_an_epoch_from_before_learning(run):
    before, first = rows_of(curves_csv([run]))
    assert tuple(before) == CURVE_COLUMNS
    assert (before["epoch"], before["validation_accuracy"], before["cross_validated_accuracy"]) == ("0", "", "0.550000")
    assert (first["epoch"], first["training_loss"], first["validation_accuracy"]) == ("1", "0.600000", "0.800000")


def test_curves_csv_without_runs_has_the_header_only():
    assert curves_csv([]) == ",".join(CURVE_COLUMNS) + "\n"


def test_export_names_no_patient_no_x_ray_and_no_folder(run, words_in):
    text = (runs_csv([run]) + curves_csv([run])).encode()
    assert words_in(text, ["patient-7", "maria", "somebody"]) == []
