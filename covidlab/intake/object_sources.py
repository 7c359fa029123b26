"""X-rays that lie in an object store, copied once into a temporary folder and then looked through as any folder is.

Names in a store are a stranger's. Copies have numbers for names, so that none of them names a place on this disk; what is left
out by its name (masks, hidden files) is not copied at all, and of what is too large to be an X-ray only the beginning.
"""

import threading
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from covidlab.data.listing import sort_names
from covidlab.data.tables import MAX_TABLE_BYTES, is_table_name
from covidlab.errors import DataError, StorageError, UsageError
from covidlab.files import free_bytes, storage_errors
from covidlab.imaging.decode import HEAD_BYTES
from covidlab.imaging.limits import MAX_BYTES
from covidlab.intake.sources import MAX_MEMBERS, CopiedFolder
from covidlab.intake.temporary_folder import ended_politely, folder_on_the_disk_of
from covidlab.object_store import ObjectStore, StoredObject, StoreError, is_address

# A store answers slowly and many at once.
THREADS = 16
_ROOM_BYTES = 4_000_000
_REPORT_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class CopyProgress:
    """How far a copy is: files and bytes, those that are there and all."""

    files_done: int = 0
    num_files: int = 0
    bytes_done: int = 0
    num_bytes: int = 0


@contextmanager
def sources_here(
    sources: Sequence[str],
    *,
    beside: Path,
    progress: Callable[[CopyProgress], None] = lambda progress: None,
) -> Iterator[list[Path | CopiedFolder]]:
    """Yield where each source is on this machine: a path as it stands, what lies in an object store copied until the end.

    Parameters
    ----------
    sources : paths, and addresses such as s3://bucket/folder or s3://bucket/covid.zip
    beside : folder on whose disk the copies lie, there or not; nothing of them stays, and what a kill left is removed
    progress : called about ten times a second

    Raises
    ------
    UsageError
        No such kind of address, or its package is not installed.
    DataError
        Nothing lies at an address, too many objects do, or one has a name that leads out of the folder.
    StorageError
        The store cannot be read, what it holds changed meanwhile, or the disk is too small.
    """
    if not any(map(is_address, sources)):
        yield [Path(source).expanduser() for source in sources]
        return
    with ended_politely(), folder_on_the_disk_of(beside) as folder:
        copies = {source: _Copy(source, folder / str(at)) for at, source in enumerate(sources) if is_address(source)}
        _require_room(folder, sum(copy.num_bytes for copy in copies.values()))
        _copy_all(list(copies.values()), _Meter(copies.values(), progress))
        yield [copies[source].result if source in copies else Path(source).expanduser() for source in sources]


@dataclass(frozen=True, kw_only=True)
class _Part:
    """An object that is copied: how much of it, and the size its copy seems to have."""

    stored: StoredObject
    path: Path
    num_bytes: int
    seeming_bytes: int


class _Copy:
    """What lies at one address, and what of it is copied to which file."""

    def __init__(self, address: str, folder: Path) -> None:
        self.store = ObjectStore(address)
        objects = self.store.objects()
        if not objects:
            raise DataError(f"There is no such bucket or folder, or nothing lies in it. Received: {self.store.shown}.")
        if len(objects) > MAX_MEMBERS:
            raise DataError(
                f"A folder of an object store may hold {MAX_MEMBERS:,} objects. Received: {len(objects):,} in {self.store.shown}."
            )
        self._is_archive = objects[0].name == ""
        if not self._is_archive:
            _check_names([one.name for one in objects])
        # In a folder, too, hidden folders are passed over whole.
        self._objects = [one for one in objects if not _is_in_hidden_folder(one.name)]
        self._folder = folder
        self.parts = self._archive() if self._is_archive else self._files()
        self.num_bytes = sum(part.num_bytes for part in self.parts)

    @property
    def result(self) -> Path | CopiedFolder:
        """Where it is now."""
        if self._is_archive:
            return self.parts[0].path
        paths = {part.stored.name: part.path for part in self.parts}
        # Of what is left out by its name only the name is looked at.
        others = self._folder / "not-copied"
        files = {one.name: paths.get(one.name, others) for one in self._objects if not one.is_link}
        return CopiedFolder(
            name=self.store.name,
            files={_posix(name): path for name, path in files.items()},
            links=tuple(_posix(one.name) for one in self._objects if one.is_link),
        )

    def _archive(self) -> list[_Part]:
        if not self.store.name.lower().endswith(".zip"):
            raise UsageError(f"A folder or a ZIP file is expected. Received: {self.store.shown}.")
        (stored,) = self._objects
        path = self._folder / self.store.name
        return [_Part(stored=stored, path=path, num_bytes=stored.num_bytes, seeming_bytes=stored.num_bytes)]

    def _files(self) -> list[_Part]:
        kinds = sort_names(_posix(one.name) for one in self._objects)
        read = {*kinds.pictures, *kinds.unsure}
        wanted = [
            (number, one)
            for number, one in enumerate(self._objects)
            if not one.is_link and (_posix(one.name) in read or _is_read(one.name, with_archives=not kinds.pictures))
        ]
        return [_part(one, self._folder / f"{number:06d}") for number, one in wanted]


def _is_read(name: str, *, with_archives: bool) -> bool:
    """Whether an object that is no picture is looked into: ZIP files only where there are no pictures beside them."""
    return is_table_name(name) or (with_archives and name.lower().endswith(".zip"))


def _part(stored: StoredObject, path: Path) -> _Part:
    """How much of an object is copied: of one beyond the limits as much as tells what it is, with a size beyond them."""
    is_archive = stored.name.lower().endswith(".zip")
    limit = MAX_TABLE_BYTES if is_table_name(stored.name) else MAX_BYTES
    if is_archive or stored.num_bytes <= limit:
        return _Part(stored=stored, path=path, num_bytes=stored.num_bytes, seeming_bytes=stored.num_bytes)
    return _Part(stored=stored, path=path, num_bytes=HEAD_BYTES, seeming_bytes=limit + 1)


def _is_in_hidden_folder(name: str) -> bool:
    return any(part[:1] == "." for part in _posix(name).split("/")[:-1])


def _posix(name: str) -> str:
    # Some programs of Windows write backslashes, as in ZIP files.
    return name.replace("\\", "/")


def _check_names(names: Sequence[str]) -> None:
    """Raise DataError for a name that would lead out of the folder or that no file can have, and for one that is there twice."""
    seen: set[str] = set()
    for name in names:
        parts = _posix(name).split("/")
        is_text = not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name)
        if not is_text or parts[0][1:2] == ":" or any(part in ("", ".", "..") for part in parts):
            what = "a name inside the folder"
        elif _posix(name) in seen:
            what = "a name of its own"
        else:
            seen.add(_posix(name))
            continue
        raise DataError(f"Each object must have {what}. Nothing was copied. Received: {name!a:.200}.")


def _require_room(folder: Path, num_bytes: int) -> None:
    free = free_bytes(folder)
    if free < num_bytes + _ROOM_BYTES:
        raise StorageError(
            f"The disk is too small: {num_bytes / 1e6:,.0f} MB are to be copied to {folder.parent}, {free / 1e6:,.0f} MB are free. "
            "Choose a part of the X-rays, or a folder on a larger disk."
        )


def _copy_all(copies: Sequence[_Copy], meter: "_Meter") -> None:
    """Copy everything, several at once; the first failure ends the others."""
    stopped = threading.Event()
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        todo = [pool.submit(_copy_part, copy.store, part, meter, stopped) for copy in copies for part in copy.parts]
        try:
            for done in as_completed(todo):
                done.result()
        except BaseException:
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    meter.tell()


def _copy_part(store: ObjectStore, part: _Part, meter: "_Meter", stopped: threading.Event) -> None:
    """Copy one object; raises StoreError where it has another size than was listed."""
    part.path.parent.mkdir(exist_ok=True)
    copied, is_whole = 0, part.num_bytes == part.stored.num_bytes
    with storage_errors(part.path.parent), open(part.path, "wb") as file:
        for chunk in store.chunks(part.stored.name) if part.num_bytes else ():
            if stopped.is_set():
                return
            # Never more than was listed, whatever the store sends.
            taken = chunk if is_whole else chunk[: part.num_bytes - copied]
            copied += len(taken)
            if copied > part.num_bytes:
                break
            file.write(taken)
            meter.add(len(taken))
            if copied == part.num_bytes and not is_whole:
                break
        if copied != part.num_bytes:
            raise StoreError(
                f"{part.stored.name or store.name} changed while it was copied. Try again. Received: {store.shown}."
            )
        # The rest of what is too large takes no room.
        file.truncate(part.seeming_bytes)
    meter.add_file()


class _Meter:
    """Counts what is copied, from several threads, and tells the caller."""

    def __init__(self, copies, progress: Callable[[CopyProgress], None]) -> None:
        parts = [part for copy in copies for part in copy.parts]
        self._num_files, self._num_bytes = len(parts), sum(part.num_bytes for part in parts)
        self._files_done = self._bytes_done = 0
        self._progress, self._told, self._lock = progress, time.monotonic(), threading.Lock()

    def add(self, num_bytes: int) -> None:
        with self._lock:
            self._bytes_done += num_bytes
            is_time = time.monotonic() - self._told > _REPORT_SECONDS
        if is_time:
            self.tell()

    def add_file(self) -> None:
        with self._lock:
            self._files_done += 1

    def tell(self) -> None:
        with self._lock:
            self._told = time.monotonic()
            self._progress(
                CopyProgress(
                    files_done=self._files_done,
                    num_files=self._num_files,
                    bytes_done=self._bytes_done,
                    num_bytes=self._num_bytes,
                )
            )
