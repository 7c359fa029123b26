"""The archive of runs: asked for only where there is one, written and read, and given up where it does not answer."""

import threading

import pytest

from covidlab.doctor import archive
from covidlab.doctor.computing import Computing
from covidlab.doctor.examination import all_checks
from covidlab.doctor.findings import State
from tests.stores import BREAKING, MEMORY, BreakingFileSystem, empty_stores, fail_after, names_in


@pytest.fixture(autouse=True)
def stores():
    with empty_stores():
        yield


@pytest.mark.parametrize(("address", "expected"), [(MEMORY, True), ("", False)])
def test_archive_is_looked_at_where_one_is_named(address, expected, monkeypatch):
    monkeypatch.setenv("COVIDLAB_ARCHIVE", address)
    computing = Computing(program=("-c", "pass"))
    assert ("archive" in [check.name for check in all_checks(computing)]) is expected
    computing.close()


def test_archive_that_can_be_written_works_and_nothing_is_left(monkeypatch):
    monkeypatch.setenv("COVIDLAB_ARCHIVE", MEMORY)
    found = archive.look_at_archive()
    assert found.state is State.WORKS, found
    assert found.facts == {"archive": MEMORY}
    assert names_in(MEMORY) == []


@pytest.mark.parametrize(("act", "state"), [("write", State.FAILS), ("read", State.FAILS), ("remove", State.LIMITED)])
def test_archive_where_something_is_not_allowed_says_so(act, state, monkeypatch):
    monkeypatch.setenv("COVIDLAB_ARCHIVE", BREAKING)
    BreakingFileSystem.breaks = staticmethod(fail_after(0, act, PermissionError("denied")))
    found = archive.look_at_archive()
    assert found.state is state
    assert "does not allow this" in found.sentence + found.advice
    assert found.advice


def test_archive_that_does_not_answer_is_given_up(monkeypatch):
    monkeypatch.setenv("COVIDLAB_ARCHIVE", BREAKING)
    answered = threading.Event()
    BreakingFileSystem.breaks = staticmethod(lambda act, path: answered.wait(10))
    found = archive.look_at_archive(seconds=0.05)
    answered.set()
    assert found.state is State.FAILS
    assert "has not answered" in found.sentence


def test_archive_whose_address_is_wrong_does_not_work(monkeypatch):
    monkeypatch.setenv("COVIDLAB_ARCHIVE", "a path")
    found = archive.look_at_archive()
    assert found.state is State.FAILS
    assert "such as s3://bucket/runs" in found.sentence
