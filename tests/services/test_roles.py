"""The file of roles: what it may say, whom it names, and that a broken one lets nobody in."""

import pytest

from covidlab.errors import SetupError
from covidlab.services.access import Act, Role, may
from covidlab.services.roles import Identity, load_roles, proxy_identity

FILE = """
default = "viewer"
api = "student"
[people]
"Anna@example.org" = "owner"
[acts]
add = "student"
"""


@pytest.fixture
def write(covidlab_home):
    """Return a function that writes the file of roles."""
    return (covidlab_home / "roles.toml").write_text


def somebody(name):
    return Identity(name=name, subject=name, names=(name,))


def test_without_the_file_everybody_is_an_owner():
    roles = load_roles()
    assert roles.unnamed(is_here=False).role is Role.OWNER
    assert (roles.visitor(somebody("ben")).role, roles.api) == (Role.OWNER, Role.OWNER)


def test_file_names_people_in_large_and_small_letters_and_the_others_by_default(write):
    write(FILE)
    roles = load_roles()
    anna, ben = roles.visitor(somebody("anna@EXAMPLE.org")), roles.visitor(somebody("ben"))
    assert (anna.role, ben.role, roles.program(is_named=True).role) == (Role.OWNER, Role.VIEWER, Role.STUDENT)
    assert anna.is_signed_in and anna.token != ben.token
    assert may(roles.program(is_named=False), Act.ADD)


def test_with_the_file_and_without_a_sign_in_who_is_here_is_the_owner(write):
    write('default = "student"')
    roles = load_roles()
    here, elsewhere = (roles.unnamed(is_here=is_here) for is_here in (True, False))
    assert [here.role, elsewhere.role] == [Role.OWNER, Role.STUDENT]
    assert (here.is_in_charge, elsewhere.is_in_charge) == (True, False)


def test_nobody_is_let_in_who_is_not_named_where_the_file_says_so(write):
    write('default = "none"\n[people]\nanna = "student"')
    roles = load_roles()
    assert (roles.visitor(somebody("ben")).role, roles.visitor(somebody("anna")).role) == (None, Role.STUDENT)


def test_change_of_the_file_holds_at_once(write):
    write('default = "viewer"')
    assert load_roles().default is Role.VIEWER
    write('default = "student" ')
    assert load_roles().default is Role.STUDENT


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("default = ", "cannot be read"),
        ('default = "boss"', "A role must be one of viewer, student, owner. Received: boss"),
        ('[acts]\nfly = "owner"', "An act must be one of"),
        ('people = "anna"', "expected as tables"),
        ('owner = "anna"', "default, api, people and acts are expected"),
    ],
)
def test_file_that_is_not_understood_is_refused(write, text, why):
    write(text)
    with pytest.raises(SetupError, match=why):
        load_roles()


def test_file_that_is_named_and_missing_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("COVIDLAB_ROLES", str(tmp_path / "none.toml"))
    with pytest.raises(SetupError, match="COVIDLAB_ROLES must name a file"):
        load_roles()


def test_proxy_names_people_in_the_header_that_is_set(monkeypatch):
    assert proxy_identity({"x-user": "anna"}) is None
    monkeypatch.setenv("COVIDLAB_USER_HEADER", "X-User")
    assert proxy_identity({"x-user": " anna "}).names == ("anna",)
    assert proxy_identity({"x-user": " "}) is None
