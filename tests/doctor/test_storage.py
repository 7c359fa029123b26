"""The folder of runs: writing, locking, kind of file system, free space; what is tried leaves nothing."""

from collections import namedtuple

import pytest

from covidlab.doctor import storage
from covidlab.doctor.findings import State


def on(monkeypatch, kind):
    """Let every folder lie on a file system of this kind."""
    monkeypatch.setattr(storage, "file_system", lambda folder: kind)


def test_a_home_that_can_be_written_and_locked_works_and_nothing_is_left(covidlab_home, monkeypatch):
    on(monkeypatch, "ext4")
    before = sorted(covidlab_home.iterdir())
    found = storage.look_at_home()
    assert found.state is State.WORKS, found
    assert found.facts["write_seconds"] > 0
    assert sorted(covidlab_home.iterdir()) == before


def test_a_home_that_is_not_there_yet_is_not_made(tmp_path, monkeypatch):
    monkeypatch.setenv("COVIDLAB_HOME", str(tmp_path / "a" / "b"))
    on(monkeypatch, "ext4")
    assert storage.look_at_home().state is State.WORKS
    assert list(tmp_path.iterdir()) == []


def test_a_home_below_a_file_does_not_work(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("COVIDLAB_HOME", str(tmp_path / "file" / "home"))
    found = storage.look_at_home()
    assert found.state is State.FAILS
    assert "COVIDLAB_HOME" in found.advice


def test_a_file_system_whose_locks_do_not_hold_does_not_work(monkeypatch):
    monkeypatch.setattr(storage, "_lock_holds", lambda path: False)
    assert "two trainers" in storage.look_at_home().sentence


@pytest.mark.parametrize(
    ("kind", "words"), [("nfs4", "on a network"), ("tmpfs", "in memory"), ("fuse.sshfs", "on a network")]
)
def test_a_home_on_a_network_or_in_memory_is_limited(monkeypatch, kind, words):
    on(monkeypatch, kind)
    found = storage.look_at_home()
    assert found.state is State.LIMITED
    assert words in found.sentence


def test_file_system_is_that_of_the_longest_mount_and_of_two_at_one_place_the_later(tmp_path, monkeypatch):
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"a / ext4 rw 0 0\nb {tmp_path} nfs4 rw 0 0\nc {tmp_path} xfs rw 0 0\nd {tmp_path}x tmpfs rw 0 0\n"
    )
    monkeypatch.setattr(storage, "_MOUNTS", mounts)
    assert storage.file_system(tmp_path / "not there yet") == "xfs"
    assert storage.file_system(tmp_path.parent) == "ext4"


@pytest.mark.parametrize(
    ("free", "state"), [(100_000_000, State.FAILS), (1_000_000_000, State.LIMITED), (9_000_000_000, State.WORKS)]
)
def test_disk_is_judged_by_what_a_run_needs(monkeypatch, free, state):
    usage = namedtuple("usage", "total used free")(10**10, 0, free)
    monkeypatch.setattr("covidlab.files.shutil.disk_usage", lambda folder: usage)
    assert storage.look_at_disk().state is state


def test_temporary_files_in_memory_work_and_others_are_limited(monkeypatch):
    on(monkeypatch, "tmpfs")
    assert storage.look_at_temporary_files().state is State.WORKS
    on(monkeypatch, "ext4")
    assert "TMPDIR" in storage.look_at_temporary_files().advice
