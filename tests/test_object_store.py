"""Object stores: what lies there, and what is said of stores that cannot be used."""

import sys

import fsspec
import pytest

from covidlab.errors import UsageError
from covidlab.object_store import NothingThere, ObjectStore, StoreError, is_address
from tests.stores import BREAKING, MEMORY, BreakingFileSystem, empty_stores, names_in


@pytest.fixture(autouse=True)
def stores():
    with empty_stores():
        yield


class NoCredentialsError(Exception):
    """As botocore calls it, which derives it from no common class."""


@pytest.mark.parametrize(("text", "expected"), [("s3://a/b", True), ("memory://x", True), ("C:\\x", False)])
def test_address_is_told_from_a_path(text, expected):
    assert is_address(text) is expected
    assert not is_address("folder/a") and not is_address("/folder")


def test_objects_are_listed_and_read_by_their_names():
    fsspec.filesystem("memory").pipe({"/bucket/folder/b/2": b"two", "/bucket/folder/1": b"one", "/bucket/other": b""})
    store = ObjectStore(MEMORY)
    assert [(one.name, one.num_bytes) for one in store.objects()] == [("1", 3), ("b/2", 3)]
    assert b"".join(store.chunks("b/2")) == b"two"
    assert store.read("1", most=2) == b"on"
    assert store.name == "folder"


def test_written_objects_are_there_and_removed_ones_are_not(tmp_path):
    (tmp_path / "file").write_bytes(b"content")
    store = ObjectStore(f"file://{tmp_path}/archive")
    store.put("a/b", tmp_path / "file")
    store.write("a/c", b"small")
    assert names_in(f"file://{tmp_path}/archive") == ["a/b", "a/c"]
    store.remove(["a/b", "a/never"])
    assert [one.name for one in ObjectStore(f"file://{tmp_path}/archive").objects()] == ["a/c"]


@pytest.mark.parametrize("address", ["nothing://bucket", "simplecache::memory://bucket", "a path"])
def test_address_of_no_known_store_is_wrong_use(address):
    with pytest.raises(UsageError, match=r"such as s3://bucket/folder.*Received: "):
        ObjectStore(address)


@pytest.mark.parametrize(("address", "package"), [("s3://b/x", "s3fs"), ("gs://b", "gcsfs"), ("az://b/x", "adlfs")])
def test_store_whose_package_is_missing_names_the_command_that_installs_it(address, package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=rf"need the package {package}. Install it with `pip install {package}`"):
        ObjectStore(address)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (FileNotFoundError("NoSuchBucket"), NothingThere, "There is no such bucket or folder."),
        (PermissionError("Access Denied"), StoreError, "does not allow this. Check the credentials"),
        (NoCredentialsError("Unable to locate"), StoreError, "does not know who asks. Set credentials"),
        (
            ConnectionError("refused\nmore"),
            StoreError,
            r"Check the address and the network.*ConnectionError: refused\.$",
        ),
    ],
)
def test_failure_of_a_store_is_one_plain_sentence_with_its_address(error, kind, said):
    BreakingFileSystem.breaks = staticmethod(lambda act, path: (_ for _ in ()).throw(error))
    with pytest.raises(kind, match=said) as raised:
        ObjectStore(BREAKING).objects()
    assert BREAKING in str(raised.value)
    assert "\n" not in str(raised.value)


def test_object_that_is_not_there_is_told_from_other_failures():
    with pytest.raises(NothingThere, match="no such bucket or folder"):
        ObjectStore(MEMORY).read("manifest", most=10)


def test_password_in_an_address_is_never_said():
    BreakingFileSystem.breaks = staticmethod(
        lambda act, path: (_ for _ in ()).throw(OSError("no breaking://me:secret@host/x"))
    )
    store = ObjectStore("breaking://me:secret@host/x?key=secret")
    with pytest.raises(StoreError, match=r"Received: breaking://host/x, OSError: no breaking://host/x\.") as raised:
        store.objects()
    assert "secret" not in str(raised.value)
