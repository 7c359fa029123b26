"""Object stores of tests: one in memory that is empty for each test, and one that breaks when it is told to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import fsspec
from fsspec.implementations.memory import MemoryFileSystem

MEMORY = "memory://bucket/folder"
BREAKING = "breaking://bucket/folder"


class BreakingFileSystem(MemoryFileSystem):
    """A store in memory, of its own, that calls ``breaks`` with what is to be done and the path before it does it."""

    protocol = "breaking"
    store: ClassVar[dict] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    cachable = False
    breaks: Callable[[str, str], None] = staticmethod(lambda act, path: None)

    @classmethod
    def _strip_protocol(cls, path):
        return MemoryFileSystem._strip_protocol(str(path).removeprefix("breaking://"))

    def find(self, path, **options):
        type(self).breaks("list", path)
        return super().find(path, **options)

    def _open(self, path, mode="rb", **options):
        type(self).breaks("read" if mode == "rb" else "write", path)
        return super()._open(path, mode, **options)

    def cat_file(self, path, start=None, end=None, **options):
        type(self).breaks("read", path)
        return super().cat_file(path, start=start, end=end, **options)

    def rm_file(self, path):
        type(self).breaks("remove", path)
        return super()._rm(path)


@contextmanager
def empty_stores() -> Iterator[None]:
    """Empty both stores before and after a test."""
    fsspec.register_implementation("breaking", BreakingFileSystem, clobber=True)
    _empty()
    yield
    _empty()


def _empty() -> None:
    for system in (MemoryFileSystem, BreakingFileSystem):
        system.store.clear()
        system.pseudo_dirs[:] = [""]
    BreakingFileSystem.breaks = staticmethod(lambda act, path: None)


def put_folder(root: Path, address: str) -> str:
    """Put the files of a folder into a store as they are, and return the address."""
    fs, top = fsspec.core.url_to_fs(address)
    for path in root.rglob("*"):
        if path.is_file():
            fs.pipe_file(f"{top}/{path.relative_to(root).as_posix()}", path.read_bytes())
    return address


def names_in(address: str) -> list[str]:
    """Names of the objects below an address."""
    fs, top = fsspec.core.url_to_fs(address)
    return sorted(path.removeprefix(f"{top}/") for path in fs.find(top))


def fail_after(number: int, act: str, error: Exception) -> Callable[[str, str], None]:
    """Return what lets ``number`` of an act pass and fails at the next ones."""
    done = []

    def breaks(what: str, path: str) -> None:
        if what == act:
            done.append(path)
            if len(done) > number:
                raise error

    return breaks
