"""Data sets of people: a student, where the file lets students add, changes own sets only."""

import pytest

from covidlab.errors import AccessError, DataError
from covidlab.intake.adding import own_dataset
from covidlab.services.access import LOWEST, Act, Role, Visitor
from covidlab.services.sets import add_to_set, remove_set, rename_set, why_not_set

RULES = {**LOWEST, Act.ADD: Role.STUDENT}


def student(name):
    return Visitor(role=Role.STUDENT, name=name, token=f"user:{name}", is_signed_in=True, lowest=RULES)


ANNA, BEN = student("anna"), student("ben")
OWNER = Visitor(role=Role.OWNER)


@pytest.fixture
def own_set():
    """A set that Anna made."""
    folder = own_dataset("lungs")
    add_to_set(ANNA, folder, lambda: folder.mkdir(parents=True))
    return folder


def test_only_who_made_a_set_and_owners_change_it(own_set):
    assert [why_not_set(visitor, own_set)[:12] for visitor in (ANNA, OWNER, BEN)] == ["", "", "Another made"]
    for refused in (
        lambda: add_to_set(BEN, own_set, lambda: pytest.fail("it was added to")),
        lambda: rename_set(BEN, own_set, "mine"),
        lambda: remove_set(BEN, own_set),
    ):
        with pytest.raises(AccessError, match="Another made this data set"):
            refused()


def test_set_stays_somebodys_own_under_another_name_and_its_name_is_free_once_it_is_gone(own_set):
    renamed = rename_set(ANNA, own_set, "chests")
    assert why_not_set(ANNA, renamed) == ""
    remove_set(ANNA, renamed)
    add_to_set(BEN, renamed, renamed.mkdir)
    assert [bool(why_not_set(visitor, renamed)) for visitor in (ANNA, BEN)] == [True, False]


def test_set_that_nobody_is_known_to_have_made_is_for_owners(own_set):
    nobodys = own_dataset("old")
    nobodys.mkdir()
    assert why_not_set(ANNA, nobodys) and not why_not_set(OWNER, nobodys)


def test_role_that_may_not_add_is_told_so_first(own_set):
    visitor = Visitor(role=Role.STUDENT, token="user:anna", is_signed_in=True)
    with pytest.raises(AccessError, match="Owners may add or change data sets"):
        remove_set(visitor, own_set)


def test_set_that_somebody_is_just_making_stays_theirs_where_another_one_fails_at_the_same_name():
    folder = own_dataset("lungs")

    def made_meanwhile():
        folder.mkdir(parents=True)
        raise DataError("It is being changed.")

    add_to_set(ANNA, folder, lambda: None)
    with pytest.raises(DataError, match="It is being changed"):
        add_to_set(BEN, folder, made_meanwhile)
    assert not why_not_set(ANNA, folder) and why_not_set(BEN, folder)
