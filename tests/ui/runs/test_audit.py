"""Audits on the page Runs: what they are called, and that nothing takes one for a training."""

import csv
import io

import pytest

from covidlab.config import TrainingConfig
from covidlab.runs.audits import write_part
from covidlab.runs.jobs import Job
from covidlab.runs.names import readable_name
from covidlab.runs.queue import describe_place, places_of
from covidlab.runs.run_export import runs_csv
from covidlab.runs.run_settings import repeats_of
from covidlab.runs.status import State, Status
from covidlab.runs.store import Run, RunStore
from covidlab.ui.runs.comparison import with_baseline
from covidlab.ui.runs.deletion import what_is_lost
from covidlab.ui.runs.rows import column_order, runs_table
from covidlab.ui.shared.recorded import find_run
from covidlab.ui.shared.report_view import report_view


@pytest.fixture
def new_audit(monkeypatch):
    # Whether something is compared depends on the address, which there is none of here.
    monkeypatch.setattr("covidlab.ui.runs.comparison.st.query_params", {})

    def make(parts=("ladder", "folds"), **values) -> Run:
        config = TrainingConfig(dataset="films")
        return RunStore().create(config, job=Job.AUDIT, asked={"audit": {"parts": list(parts)}, **values})

    return make


def test_audit_is_called_by_its_parts(new_audit):
    assert readable_name(new_audit()) == "Run 1, audit: 2 parts, films"
    assert readable_name(new_audit(["planted"])) == "Run 2, audit: the planted shortcut, films"


def test_table_says_which_runs_are_audits_also_where_all_are(new_audit):
    table = runs_table([new_audit(), new_audit()])
    assert column_order(table)[:3] == ["run", "state", "job"]
    assert table["job"].tolist() == ["audit: 2 parts"] * 2


def test_audits_are_neither_repeats_nor_compared(new_audit):
    audit, run = new_audit(), RunStore().create(TrainingConfig(dataset="films"))
    assert repeats_of([audit, run]) == [[run]]
    assert with_baseline([audit, run], [audit, run]) == [run]


def test_audit_is_no_run_that_home_and_present_show_nor_one_with_a_training_report(new_audit):
    audit = new_audit()
    audit.write_report({"parts": {}})
    assert find_run(audit.id) is None
    assert report_view(audit) is None


def test_audit_in_the_queue_says_that_it_is_one(new_audit):
    audit = new_audit(expected_seconds=100.0)
    audit.write_status(Status(state=State.RUNNING))
    with audit.locked():
        (place,) = places_of([audit])
    assert describe_place(place).startswith("Run 1 is an audit under way")


def test_audit_is_a_row_of_the_table_of_runs_without_epochs(new_audit):
    audit = new_audit()
    audit.write_status(Status(state=State.STOPPED, epoch=2, unit="part"))
    (row,) = csv.DictReader(io.StringIO(runs_csv([audit])))
    assert row["job"] == "audit: 2 parts"
    assert row["epochs_done"] == ""


def test_what_is_lost_with_an_audit_counts_its_parts_with_their_files(new_audit):
    audit = new_audit()
    write_part(audit, "ladder", version=1, seconds=1.0, found={"rungs": "x" * 5000})
    audit.write_status(Status(state=State.STOPPED, epoch=1, unit="part"))
    assert "its settings and what 1 part found" in what_is_lost(audit)
    assert "(5" in what_is_lost(audit) or "(6 kB)" in what_is_lost(audit)
