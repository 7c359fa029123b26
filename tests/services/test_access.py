"""Who may do what, by role, by act and by whose run it is."""

import itertools

import pytest

from covidlab.config import TrainingConfig
from covidlab.errors import AccessError
from covidlab.language import ACCENTED, speaking
from covidlab.runs.queue import asked_facts
from covidlab.runs.store import RunStore
from covidlab.services.access import LOWEST, Act, Role, Visitor, is_own, may, require, why_not


def signed_in(role, token="anna"):
    return Visitor(role=role, name="Anna", token=token, is_signed_in=True)


@pytest.fixture
def make_run():
    """Return a function that makes a run which the visitor with a token asked for, nobody where it is empty."""

    def make(token):
        asked = asked_facts(name="Anna", token=token, expected_seconds=1.0)
        return RunStore().create(TrainingConfig(dataset="set"), asked=asked)

    return make


@pytest.mark.parametrize(("act", "role"), list(itertools.product(Act, Role)))
def test_each_role_may_what_its_rank_allows(act, role):
    ranks = list(Role)
    assert may(signed_in(role), act) is (ranks.index(role) >= ranks.index(LOWEST[act]))


def test_nobody_who_must_sign_in_may_do_anything():
    stranger = Visitor(role=None)
    assert not any(may(stranger, act) for act in Act)
    assert why_not(stranger, Act.LOOK) == "Sign in first."
    assert "You have no role here" in why_not(Visitor(role=None, is_signed_in=True), Act.LOOK)


@pytest.mark.parametrize("act", [Act.STOP, Act.DELETE, Act.NOTE])
def test_student_may_act_on_own_runs_only_and_an_owner_on_all(act, make_run):
    own, others, of_nobody = make_run("anna"), make_run("ben"), make_run("")
    student, owner = signed_in(Role.STUDENT), signed_in(Role.OWNER)
    assert [may(student, act, run) for run in (own, others, of_nobody)] == [True, False, False]
    assert all(may(owner, act, run) for run in (own, others, of_nobody))
    assert not may(signed_in(Role.VIEWER), act, own)


def test_without_a_sign_in_a_visitor_stops_what_is_not_anothers_and_deletes_all(make_run):
    visitor = Visitor(role=Role.OWNER, token="anna")
    runs = make_run("anna"), make_run("ben"), make_run("")
    assert [may(visitor, Act.STOP, run) for run in runs] == [True, False, True]
    assert all(may(visitor, Act.DELETE, run) for run in runs)
    assert [is_own(visitor, run) for run in runs] == [True, False, False]


def test_student_who_is_not_signed_in_acts_on_own_runs_and_who_is_in_charge_on_all(make_run):
    student = Visitor(role=Role.STUDENT, token="anna")
    in_charge = Visitor(role=Role.OWNER, token="olga", is_in_charge=True)
    runs = make_run("anna"), make_run("ben"), make_run("")
    for act in (Act.STOP, Act.DELETE):
        assert [may(student, act, run) for run in runs] == [True, False, False]
        assert all(may(in_charge, act, run) for run in runs)


def test_file_of_roles_can_raise_and_lower_what_an_act_needs():
    rules = {**LOWEST, Act.READ: Role.OWNER, Act.ADD: Role.STUDENT}
    student = Visitor(role=Role.STUDENT, is_signed_in=True, lowest=rules)
    assert (may(student, Act.READ), may(student, Act.ADD)) == (False, True)


def test_refused_act_says_which_role_may():
    with pytest.raises(AccessError, match=r"Students and owners may start a training.* Your role is viewer"):
        require(signed_in(Role.VIEWER), Act.TRAIN)


@pytest.mark.parametrize("act", [Act.STOP, Act.DELETE, Act.NOTE])
def test_student_is_told_in_the_own_language_why_a_run_is_not_theirs(act, make_run):
    student, run = signed_in(Role.STUDENT), make_run("ben")
    assert why_not(student, act, run).endswith("Another visitor started this one.")
    with speaking(ACCENTED):
        assert not why_not(student, act, run).isascii()
    assert why_not(signed_in(Role.VIEWER), act).startswith("Students and owners may ")
