"""Small files read again and again: not opened while they do not change, and never out of date; what a folder holds."""

import builtins
import os
import time

import pytest

from covidlab.files import bytes_below, file_stamp, read_json, write_json


def settle(path):
    """Make a file look as if it had been written a while ago."""
    before = time.time() - 60
    os.utime(path, (before, before))


@pytest.fixture
def opened(monkeypatch):
    """Paths of the files that have been opened."""
    paths, open_file = [], builtins.open
    monkeypatch.setattr(
        builtins, "open", lambda path, *args, **kwargs: paths.append(path) or open_file(path, *args, **kwargs)
    )
    return paths


def test_read_json_opens_a_file_that_does_not_change_once(tmp_path, opened):
    path = tmp_path / "a.json"
    write_json(path, {"a": 1})
    settle(path)
    assert [read_json(path) for _ in range(3)] == [{"a": 1}] * 3
    assert opened.count(str(path)) == 1


def test_read_json_gives_each_who_asks_values_of_their_own(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"a": []})
    settle(path)
    read_json(path)["a"].append(1)
    assert read_json(path) == {"a": []}


def test_read_json_sees_every_replacement_even_of_the_same_size_in_the_same_instant(tmp_path):
    path = tmp_path / "a.json"
    for number in range(500):
        write_json(path, {"a": number % 10}, durable=False)
        assert read_json(path) == {"a": number % 10}


def test_read_json_sees_a_file_written_in_place(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"a": 1}')
    settle(path)
    assert read_json(path) == {"a": 1}
    path.write_text('{"a": 2}')
    assert read_json(path) == {"a": 2}


def test_read_json_of_a_file_that_is_gone_or_damaged_is_none(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"a": 1}')
    settle(path)
    assert read_json(path) is not None
    path.write_text('{"a": ')
    assert read_json(path) is None
    path.unlink()
    assert read_json(path) is None


def test_bytes_below_counts_folders_in_folders_and_not_what_goes_meanwhile(tmp_path, monkeypatch):
    for path, size in (("a", 3), ("one/b", 5), ("one/two/c", 7), ("going/d", 11)):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(bytes(size))
    assert bytes_below(tmp_path) == 26

    stat = os.stat

    def leaving(path, *args, **kwargs):
        # Its folder goes between being listed and being measured, as one that is renamed does.
        if os.fspath(path).endswith("d"):
            os.rename(tmp_path / "going", tmp_path.parent / "gone")
        return stat(path, *args, **kwargs)

    monkeypatch.setattr(os, "stat", leaving)
    assert bytes_below(tmp_path) == 15
    assert bytes_below(tmp_path / "never there") == 0


def test_file_stamp_differs_once_a_file_has_grown_or_was_replaced(tmp_path):
    path = tmp_path / "facts.json"
    assert file_stamp(path) is None
    write_json(path, {"a": 1})
    first = file_stamp(path)
    write_json(path, {"a": 2})
    replaced = file_stamp(path)
    with open(path, "a", encoding="utf-8") as file:
        file.write("\n")
    assert len({first, replaced, file_stamp(path), None}) == 4
