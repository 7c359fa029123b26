"""Files in an object store (s3://, gs://, az://), listed, read and written by way of fsspec; each failure is one plain sentence.

fsspec is imported where a store is opened. The package for a kind of store is installed by whoever uses it.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from covidlab.errors import CovidLabError, StorageError, UsageError

CHUNK_BYTES = 2**20
# What one request of a large object brings at most.
_BLOCK_BYTES = 8 * 2**20
_LONGEST_REASON = 200

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_PASSWORD = re.compile(r"//[^/@]*:[^/@]*@")
_PACKAGES = {
    **dict.fromkeys(("s3", "s3a"), "s3fs"),
    **dict.fromkeys(("gs", "gcs"), "gcsfs"),
    **dict.fromkeys(("az", "abfs", "abfss"), "adlfs"),
}
_CREDENTIALS = {
    "s3fs": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the file ~/.aws/credentials",
    "gcsfs": "GOOGLE_APPLICATION_CREDENTIALS",
    "adlfs": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}
# What libraries of stores call it where nobody has said who asks.
_NO_CREDENTIALS = ("credential", "anonymous caller", "anonymous user")


class StoreError(StorageError):
    """An object store that cannot be reached, read or written."""


class NothingThere(StoreError):
    """There is no such bucket, folder or object."""


@dataclass(frozen=True, kw_only=True)
class StoredObject:
    """An object of a store: its name below the address that was opened, and its size; a link, where it is a file of this machine."""

    name: str
    num_bytes: int
    is_link: bool = False


def is_address(text: str) -> bool:
    """Return whether a text is the address of an object store, and no path."""
    return _ADDRESS.match(text) is not None


class ObjectStore:
    """What lies below one address.

    Parameters
    ----------
    address : such as s3://bucket/folder

    Raises
    ------
    UsageError
        No such address, or the package for this kind of store is not installed.
    StoreError
        The store cannot be opened, for example without credentials.
    """

    def __init__(self, address: str) -> None:
        self.shown = _without_password(address)
        self._fs, self._root = _opened(address, self.shown)

    @property
    def name(self) -> str:
        """The last part of the address."""
        return self._root.rsplit("/", 1)[-1] or "store"

    def objects(self) -> list[StoredObject]:
        """Return every object below the address, sorted by name; of an address that is an object itself, that one with the name ""."""
        with _plain_errors(self.shown):
            self._fs.invalidate_cache()
            found = self._fs.find(self._root, detail=True)
        listed = [
            StoredObject(
                name=self._name_of(path), num_bytes=int(facts.get("size") or 0), is_link=bool(facts.get("islink"))
            )
            for path, facts in found.items()
        ]
        # Some programs write an empty object for each folder.
        return sorted((one for one in listed if not one.name.endswith("/")), key=lambda one: one.name)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the content of an object, ``CHUNK_BYTES`` at a time."""
        with _plain_errors(self.shown), self._fs.open(self._path(name), "rb", block_size=_BLOCK_BYTES) as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def read(self, name: str, *, most: int) -> bytes:
        """Return the content of a small object, at most ``most`` bytes; raises NothingThere where there is none."""
        with _plain_errors(self.shown):
            self._fs.invalidate_cache()
            return self._fs.cat_file(self._path(name), start=0, end=most)

    def put(self, name: str, path: Path) -> None:
        """Write a file of this machine, in place of what had the name."""
        with _plain_errors(self.shown):
            self._fs.put_file(str(path), self._path(name))

    def write(self, name: str, content: bytes) -> None:
        """Write a small object, in place of what had the name."""
        with _plain_errors(self.shown):
            self._fs.pipe_file(self._path(name), content)

    def remove(self, names: Iterable[str]) -> None:
        """Remove objects; those that are not there are passed over."""
        for name in names:
            with _plain_errors(self.shown), suppress(FileNotFoundError):
                self._fs.rm_file(self._path(name))

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}" if name else self._root

    def _name_of(self, path: str) -> str:
        return "" if path == self._root else path.removeprefix(f"{self._root}/")


def _opened(address: str, shown: str) -> tuple[Any, str]:
    """File system and path of an address."""
    from fsspec.core import url_to_fs

    scheme = urlsplit(address).scheme.lower()
    # "::" would open one store inside another.
    if not is_address(address) or "::" in address:
        raise UsageError(_expected(shown))
    on_a_disk = {"auto_mkdir": True} if scheme in ("file", "local") else {}
    with _plain_errors(shown):
        try:
            fs, root = url_to_fs(address, **on_a_disk)
        except ImportError as error:
            raise UsageError(_what_to_install(scheme, shown, error)) from error
        except ValueError as error:
            if "protocol not known" in str(error).lower():
                raise UsageError(_expected(shown)) from error
            raise
    return fs, root.rstrip("/")


def _expected(shown: str) -> str:
    return (
        "The address of an object store is expected, such as s3://bucket/folder, gs://bucket/folder or "
        f"az://container/folder. Received: {shown}."
    )


def _what_to_install(scheme: str, shown: str, error: ImportError) -> str:
    if package := _PACKAGES.get(scheme):
        return (
            f"Addresses that begin with {scheme}:// need the package {package}. Install it with `pip install {package}`. "
            f"Received: {shown}."
        )
    return f"Addresses that begin with {scheme}:// need a package that is not installed ({_first_line(error)}). Received: {shown}."


@contextmanager
def _plain_errors(shown: str) -> Iterator[None]:
    """Say what a store's library raises in one plain sentence."""
    try:
        yield
    except CovidLabError:
        raise
    except FileNotFoundError as error:
        raise NothingThere(f"There is no such bucket or folder. Check the address. Received: {shown}.") from error
    except Exception as error:  # the library of each kind of store has errors of its own, and is not installed here
        raise StoreError(_sentence(error, shown)) from error


def _sentence(error: Exception, shown: str) -> str:
    package = _PACKAGES.get(shown.split(":", 1)[0].lower(), "")
    said = f"{type(error).__name__} {error}".lower()
    if any(words in said for words in _NO_CREDENTIALS):
        how = f": {_CREDENTIALS[package]}" if package else ""
        return f"The object store does not know who asks. Set credentials as its package reads them{how}. Received: {shown}."
    if isinstance(error, PermissionError):
        return f"The object store does not allow this. Check the credentials and what they may do. Received: {shown}."
    reason = _PASSWORD.sub("//", _first_line(error))
    return (
        f"The object store does not answer as expected. Check the address and the network. "
        f"Received: {shown}, {type(error).__name__}: {reason}."
    )


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), "no reason").rstrip(".")[:_LONGEST_REASON]


def _without_password(address: str) -> str:
    """An address for people: without a password in it, and without what follows a question mark."""
    return _PASSWORD.sub("//", address).split("?", 1)[0]
