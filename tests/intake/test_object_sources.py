"""X-rays from an object store: treated as a folder, names that are a stranger's, limits, and what a failure leaves."""

import json
import os
import shutil
import signal
import time
from collections import namedtuple
from pathlib import Path

import fsspec
import pytest

from covidlab.cli import main
from covidlab.data.catalog import load_catalog
from covidlab.errors import DataError, StorageError, UsageError
from covidlab.imaging.limits import MAX_BYTES
from covidlab.intake import object_sources, temporary_folder
from covidlab.intake.object_sources import sources_here
from covidlab.intake.sources import from_paths
from covidlab.object_store import StoreError
from tests.cli.test_dataset import write_pictures
from tests.stores import BREAKING, MEMORY, BreakingFileSystem, empty_stores, fail_after, put_folder

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def stores():
    with empty_stores():
        yield


@pytest.fixture
def xrays(tmp_path):
    """A folder with two classes, masks, a hidden file and a table that names patients."""
    names = ("covid/a.png", "covid/b.png", "normal/c.png", "masks/a.png", ".hidden/d.png")
    root = write_pictures(tmp_path / "set", *names)
    (root / "metadata.csv").write_text("file,patient_id\ncovid/a.png,1\ncovid/b.png,1\nnormal/c.png,2\n")
    return root


def everything(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def put(name, content=b"x", address=MEMORY):
    fs, top = fsspec.core.url_to_fs(address)
    fs.pipe_file(f"{top}/{name}", content)


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_address_is_inspected_as_the_same_folder_is(kind, xrays, covidlab_home, capsys):
    address = put_folder(xrays, MEMORY) if kind == "memory" else f"file://{xrays}"
    before = everything(covidlab_home)
    said = []
    for source in (str(xrays), address):
        assert main(["dataset", "inspect", source, "--json"]) == 0
        said.append(json.loads(capsys.readouterr().out))
    assert said[0] == said[1]
    assert said[1]["classes"] == {"covid": 2, "normal": 1}
    assert everything(covidlab_home) == before


def test_xrays_of_an_address_are_added_and_no_copy_stays(xrays, tmp_path):
    target = tmp_path / "sets" / "mine"
    assert main(["dataset", "add", put_folder(xrays, MEMORY), "--dataset", str(target)]) == 0
    catalog = load_catalog(target)
    assert dict(catalog.films["class"].value_counts()) == {"covid": 2, "normal": 1}
    assert catalog.num_patients == 2
    assert not [name for name in everything(tmp_path) if "copied" in name]


def test_zip_file_in_a_store_is_looked_through_as_one_on_the_disk(xrays, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "all"), "zip", xrays)
    put("all.zip", Path(archive).read_bytes())
    with sources_here([f"{MEMORY}/all.zip"], beside=tmp_path) as sources:
        assert from_paths(sources).found.pictures == ("covid/a.png", "covid/b.png", "normal/c.png")
    put("text", b"no zip")
    with (
        pytest.raises(UsageError, match="A folder or a ZIP file is expected"),
        sources_here([f"{MEMORY}/text"], beside=tmp_path),
    ):
        pass


def test_address_and_folder_together_are_told_apart_by_their_names(xrays, tmp_path):
    with sources_here([put_folder(xrays, MEMORY), str(xrays)], beside=tmp_path) as sources:
        assert {name.split("/")[0] for name, _ in from_paths(sources).files} == {"folder", "set"}


def test_what_is_left_out_by_its_name_is_not_copied_and_too_large_files_only_in_part(tmp_path):
    put("covid/huge.png", b"\x89PNG\r\n\x1a\n" + bytes(MAX_BYTES))
    put("masks/mask.png", bytes(5000))
    seen = []
    with sources_here([MEMORY], beside=tmp_path, progress=seen.append) as (source,):
        assert set(source.files) == {"covid/huge.png", "masks/mask.png"}
        assert source.files["covid/huge.png"].stat().st_size == MAX_BYTES + 1
        assert not source.files["masks/mask.png"].exists()
    assert (seen[-1].num_files, seen[-1].files_done) == (1, 1)
    assert seen[-1].bytes_done == seen[-1].num_bytes < 10_000


@pytest.mark.parametrize(
    "name", ["../out.png", "a/../../out.png", "a\\..\\..\\out.png", "/etc/x.png", "C:/x.png", "a\n.png"]
)
def test_name_that_leads_out_of_the_folder_is_refused_before_anything_is_copied(name, tmp_path, monkeypatch):
    listed = [object_sources.StoredObject(name=one, num_bytes=1) for one in ("covid/a.png", name)]
    monkeypatch.setattr(object_sources.ObjectStore, "objects", lambda store: listed)
    with (
        pytest.raises(DataError, match=r"a name inside the folder. Nothing was copied"),
        sources_here([MEMORY], beside=tmp_path),
    ):
        pass
    assert everything(tmp_path) == []


def test_two_objects_of_one_name_are_refused(tmp_path, monkeypatch):
    listed = [object_sources.StoredObject(name=one, num_bytes=1) for one in ("covid/a.png", "covid\\a.png")]
    monkeypatch.setattr(object_sources.ObjectStore, "objects", lambda store: listed)
    with pytest.raises(DataError, match="a name of its own"), sources_here([MEMORY], beside=tmp_path):
        pass


def test_links_of_a_disk_are_left_out_and_never_followed(xrays, tmp_path):
    (xrays / "covid" / "link.png").symlink_to(xrays / "normal" / "c.png")
    (xrays / "elsewhere").symlink_to(tmp_path)
    with sources_here([f"file://{xrays}"], beside=tmp_path) as sources:
        brought = from_paths(sources)
    assert brought.found.pictures == ("covid/a.png", "covid/b.png", "normal/c.png")
    assert ("covid/link.png", "elsewhere") in [left.files for left in brought.left_out]


def test_address_where_nothing_lies_says_so(tmp_path):
    with (
        pytest.raises(DataError, match=r"nothing lies in it. Received: memory://bucket/folder"),
        sources_here([MEMORY], beside=tmp_path),
    ):
        pass


def test_more_objects_than_a_zip_file_may_list_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(object_sources, "MAX_MEMBERS", 1)
    put("a.png"), put("b.png")
    with pytest.raises(DataError, match=r"may hold 1 objects. Received: 2"), sources_here([MEMORY], beside=tmp_path):
        pass


def test_disk_that_is_too_small_is_said_before_anything_is_copied(xrays, tmp_path, monkeypatch):
    put_folder(xrays, MEMORY)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10, 9, 1))
    before = everything(tmp_path)
    with (
        pytest.raises(StorageError, match="The disk is too small: 0 MB are to be copied"),
        sources_here([MEMORY], beside=tmp_path),
    ):
        pass
    assert everything(tmp_path) == before


@pytest.mark.parametrize("error", [ConnectionError("gone"), KeyboardInterrupt()])
def test_copy_that_breaks_off_leaves_nothing_and_the_set_is_as_it_was(error, xrays, tmp_path, capsys):
    put_folder(xrays, BREAKING)
    BreakingFileSystem.breaks = staticmethod(fail_after(2, "read", error))
    before = everything(tmp_path)
    target = tmp_path / "sets" / "mine"
    assert main(["dataset", "add", BREAKING, "--dataset", str(target)]) == (1 if isinstance(error, OSError) else 130)
    said = capsys.readouterr().err
    assert ("does not answer as expected" in said) is isinstance(error, OSError)
    assert "Traceback" not in said
    assert everything(tmp_path) == before


def test_sigterm_ends_a_copy_as_ctrl_c_does(tmp_path):
    put("a.png")
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit, match="143"), sources_here([MEMORY], beside=tmp_path):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
    assert everything(tmp_path) == []
    assert signal.getsignal(signal.SIGTERM) is before


def test_object_that_changes_while_it_is_copied_is_no_xray(tmp_path):
    put("covid/a.png", b"12345", BREAKING)

    def grow(act, path):
        BreakingFileSystem.breaks = staticmethod(lambda act, path: None)
        if act == "list":
            BreakingFileSystem.breaks = staticmethod(grow)
        else:
            put("covid/a.png", b"123456789", BREAKING)

    BreakingFileSystem.breaks = staticmethod(grow)
    with (
        pytest.raises(StoreError, match=r"covid/a.png changed while it was copied"),
        sources_here([BREAKING], beside=tmp_path),
    ):
        pass
    assert everything(tmp_path) == []


def test_what_a_killed_copy_left_is_removed_by_the_next_one(tmp_path, monkeypatch):
    put("a.png")
    left, fresh = tmp_path / ".copied-killed", tmp_path / ".copied-fresh"
    left.mkdir(), fresh.mkdir()
    os.utime(left, (time.time() - 100,) * 2)
    with temporary_folder.folder_on_the_disk_of(tmp_path / "not" / "there") as mine:
        os.utime(mine, (time.time() - 100,) * 2)
        with sources_here([MEMORY], beside=tmp_path):
            assert not left.exists()
            assert fresh.exists()
            assert mine.exists()
