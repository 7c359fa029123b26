"""What people do with runs: refused by role also where no page is between, and noted without a word about a patient."""

import json

import pytest

from covidlab.audit.settings import AuditConfig
from covidlab.config import TrainingConfig
from covidlab.errors import AccessError
from covidlab.runs.notes import load_notes
from covidlab.runs.queue import asked_by
from covidlab.runs.status import State, Status
from covidlab.runs.store import RunStore
from covidlab.services import acts
from covidlab.services.access import Act, Role, Visitor
from covidlab.services.actions import delete_run, go_on, perform, start_audit, start_run, stop_run, write_notes

ANNA = Visitor(role=Role.STUDENT, name="anna@example.org", token="user:anna", is_signed_in=True)
BEN = Visitor(role=Role.STUDENT, name="ben", token="user:ben", is_signed_in=True)
VIEWER = Visitor(role=Role.VIEWER, name="vera", token="user:vera", is_signed_in=True)
OWNER = Visitor(role=Role.OWNER, name="olga", token="user:olga", is_signed_in=True)


@pytest.fixture
def run(engine):
    """A run of Anna's that waits."""
    return start_run(ANNA, TrainingConfig(dataset="set"), fingerprint="f")


def noted(home) -> list[dict]:
    return [json.loads(line) for line in (home / acts.FILE).read_text().splitlines()]


def test_run_says_who_made_it_as_the_sign_in_names_them(run):
    assert asked_by(run) == "anna@example.org"
    assert "expected_seconds" not in run.load_facts()


def test_typed_name_stands_where_nobody_signed_in(engine):
    run = start_run(Visitor(role=Role.OWNER, token="t"), TrainingConfig(dataset="set"), fingerprint="", name="Anna")
    assert asked_by(run) == "Anna"


def test_viewer_starts_nothing_and_another_student_ends_nothing(run, small_catalog):
    for refused in (
        lambda: start_run(VIEWER, TrainingConfig(dataset="set"), fingerprint=""),
        lambda: start_audit(VIEWER, small_catalog, AuditConfig(parts=("folds",))),
        lambda: stop_run(BEN, run),
        lambda: delete_run(BEN, run),
        lambda: go_on(BEN, run),
        lambda: write_notes(BEN, run, note="x", tags=()),
        lambda: perform(BEN, Act.ADD, lambda: pytest.fail("it was done")),
    ):
        with pytest.raises(AccessError, match="Your role is"):
            refused()
    assert len(RunStore().list()) == 1 and not run.is_stop_requested()


def test_student_notes_stops_and_deletes_an_own_run_and_an_owner_any(run, engine):
    write_notes(ANNA, run, note="mine", tags=())
    assert load_notes(run).note == "mine"
    stop_run(ANNA, run)
    run.write_status(Status(state=State.STOPPED))
    delete_run(OWNER, run)
    assert RunStore().list() == []


def test_student_measures_a_model_on_sets_that_are_here_and_not_on_any_folder(engine, small_catalog, tmp_path):
    elsewhere = AuditConfig(parts=("elsewhere",), other=str(tmp_path))
    with pytest.raises(AccessError, match="Owners may add or change data sets"):
        start_audit(ANNA, small_catalog, elsewhere)
    assert start_audit(OWNER, small_catalog, elsewhere).load_facts()["asked_by"] == "olga"


def test_each_act_is_a_line_and_one_that_is_refused_is_none(run, covidlab_home):
    with pytest.raises(AccessError, match="Sign in"):
        stop_run(Visitor(role=None), run)
    stop_run(ANNA, run)
    acts.note_act(ANNA, Act.READ, num_xrays=3)
    train, stop, read = noted(covidlab_home)
    assert {"who": "anna@example.org", "role": "student", "act": "train", "run": run.id}.items() <= train.items()
    assert (stop["act"], read["xrays"], read["run"]) == ("stop", 3, "")
    assert train["time"].endswith("+00:00")


def test_name_that_somebody_typed_is_not_noted_and_no_line_breaks(engine, covidlab_home):
    start_run(Visitor(role=Role.OWNER), TrainingConfig(dataset="set"), fingerprint="", name="Jane Doe")
    acts.note_act(Visitor(role=Role.OWNER, name="a\n{}", is_signed_in=True), Act.ADD)
    assert [line["who"] for line in noted(covidlab_home)] == ["", "a {}"]


def test_full_disk_does_not_undo_an_act(run, covidlab_home, monkeypatch, caplog):
    def fail(*_):
        raise OSError(28, "no space")

    monkeypatch.setattr(acts, "append_line", fail)
    stop_run(ANNA, run)
    assert run.is_stop_requested() and "could not be noted" in caplog.text


def test_audit_goes_on_for_anybody_where_nobody_signs_in_and_for_who_began_it_elsewhere(engine, small_catalog):
    audit = start_audit(ANNA, small_catalog, AuditConfig(parts=("folds",)))
    audit.write_status(Status(state=State.STOPPED))
    with pytest.raises(AccessError, match="Your role is student"):
        go_on(BEN, audit)
    go_on(Visitor(role=Role.OWNER, token="another"), audit)
    assert audit.status().state is State.QUEUED
