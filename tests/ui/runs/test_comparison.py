"""What differs between runs, and what speaks against comparing them."""

import pandas as pd
import pytest

from covidlab.config import TrainingConfig
from covidlab.data.patients import INTERVALS_WITHOUT_PATIENTS, PATIENTS_NOT_KNOWN
from covidlab.files import write_json
from covidlab.runs.changes import Change
from covidlab.runs.store import RunStore
from covidlab.ui.runs.comparison import caveats, change_text, changes_of, differing_settings, metrics_of
from covidlab.ui.runs.rows import COLUMNS, runs_table


def figure(value, low, high, n=10):
    return {"value": value, "low": low, "high": high, "n": n}


@pytest.fixture
def new_run():
    """Return a function that makes a run which reported ``accuracy`` on ``files``."""

    def make(accuracy=None, *, files=("a.png",), fingerprint="f", known=True, **settings):
        run = RunStore().create(TrainingConfig(dataset="films", **settings))
        data = {
            "name": "films",
            "fingerprint": fingerprint,
            "patients_known": known,
            "num_patients": 8 if known else None,
        }
        run.update_facts(data=data, device="CPU")
        pd.DataFrame({"file": list(files)}).to_csv(run.path / "predictions.csv", index=False)
        if accuracy:
            write_json(run.path / "report.json", {"accuracy": accuracy, "cross_validation": {"skipped": "deeper"}})
        return run

    return make


def test_differing_settings_are_only_those_that_differ(new_run):
    table = differing_settings([new_run(), new_run(learning_rate=0.01, epochs=40)])
    assert table.to_dict() == {
        "Run 1": {"learning rate": "0.001", "epochs": "25"},
        "Run 2": {"learning rate": "0.01", "epochs": "40"},
    }


def test_differing_settings_of_equal_runs_is_empty(new_run):
    assert differing_settings([new_run(), new_run()]).empty


def test_differing_settings_tell_other_films_of_the_same_name(new_run):
    table = differing_settings([new_run(fingerprint="aaaaaaaa"), new_run(fingerprint="bbbbbbbb")])
    assert table.loc["X-rays"].tolist() == ["films aaaaaa", "films bbbbbb"]


def test_figures_of_has_a_column_a_run(new_run):
    table = metrics_of([new_run(figure(0.9, 0.6, 0.98)), new_run()], source="validation")
    assert table.loc["Accuracy"].tolist() == ["0.90 (0.60 to 0.98, n = 10)", ""]


def test_caveats_name_other_films_and_overlapping_intervals(new_run):
    wide = figure(0.9, 0.6, 0.98)
    assert "used different X-rays" in caveats([new_run(wide), new_run(wide, fingerprint="g")], source="validation")[0]
    said = caveats([new_run(wide), new_run(wide, files=("b.png",))], source="validation")
    assert "validated on different X-rays" in said[0]
    assert "overlap" in said[1]


def test_caveats_of_clearly_different_runs_are_none(new_run):
    runs = [new_run(figure(0.5, 0.4, 0.6)), new_run(figure(0.9, 0.8, 0.95))]
    assert caveats(runs, source="validation") == []


def test_runs_table_of_damaged_runs_only_has_all_columns(new_run):
    run = new_run()
    (run.path / "status.json").write_text("{")
    table = runs_table([run])
    assert tuple(table.columns) == COLUMNS
    assert table["state"].tolist() == ["damaged"]


def test_caveats_and_table_name_the_runs_whose_patients_are_not_known(new_run):
    runs = [new_run(figure(0.5, 0.4, 0.6)), new_run(figure(0.9, 0.8, 0.95), known=False)]
    assert f"Run 2: {PATIENTS_NOT_KNOWN} {INTERVALS_WITHOUT_PATIENTS}" in caveats(runs, source="validation")
    assert caveats(runs[1:], source="validation")[0].startswith(PATIENTS_NOT_KNOWN)
    assert runs_table(runs)["patients"].tolist() == ["8", "not known"]
    assert differing_settings(runs).loc["patients"].tolist() == ["8", "not known"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (None, ""),
        (Change(value=0.04), "+0.04, interval not known"),
        (Change(value=0.04, low=-0.06, high=0.14, num_films=50), "+0.04 (−0.06 to 0.14)"),
        (Change(value=-0.372, low=-0.55, high=-0.18, num_films=50), "−0.37 (−0.55 to −0.18)"),
        (Change(value=-0.001, low=-0.02, high=0.004, num_films=50), "0.00 (−0.02 to 0.00)"),
        (Change(value=0.0, low=0.0, high=0.0, num_films=50, is_same=True), "0.00, same answers"),
    ],
)
def test_change_text_has_sign_and_interval(change, text):
    assert change_text(change) == text


def test_changes_have_a_column_for_each_run_after_the_first(new_run):
    runs = [new_run(figure(0.9, 0.6, 0.98)), new_run(figure(0.8, 0.5, 0.95)), new_run()]
    table = changes_of(runs, source="validation")
    assert table.columns.tolist() == ["Change of run 2", "Change of run 3"]
    assert table.loc["Accuracy"].tolist() == ["−0.10, interval not known", ""]
