"""Files that are replaced whole or appended a line at a time, so that a kill leaves no half of one.

Small files grow: each may carry keys that only a later version knows, and lack keys that an earlier one did not write.
``load_dataclass`` is the one way to read them. A ``format`` is raised only where an earlier reader would misunderstand what
it reads; a file of a higher one is not guessed at (``newer_format``).
"""

import errno
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeVar

from covidlab.errors import StorageError
from covidlab.kept_by_file import KeptByFile
from covidlab.language import tr

# The only way to read the umask is to set it, which is not safe beside other threads: once, at import.
_UMASK = os.umask(0o077)
os.umask(_UMASK)

Record = TypeVar("Record")
# Inode, time (nanoseconds) and size (bytes) of a file.
FileStamp = tuple[int, int, int]

# Small files that are read again and again, and the age from which the time on a file tells its content from the next.
_LONGEST_KEPT, _SETTLED_NS = 100_000, 100_000_000
_texts: KeptByFile[str] = KeptByFile(2000)


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; on success it takes the place of ``path``, on failure it vanishes.

    ``durable`` flushes the file and its folder to the disk before and after the rename, so that after a power cut
    the old or the new file is there, whole. The temporary name keeps the suffix of ``path``, since writers choose
    the format by it.
    """
    path = Path(path)
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}.tmp-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
    temporary = Path(name)
    try:
        with storage_errors(path):
            yield temporary
            temporary.chmod(0o666 & ~_UMASK)
            if durable:
                _sync(temporary)
            os.replace(temporary, path)
            if durable:
                _sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, values: dict, *, durable: bool = True) -> None:
    """Replace ``path`` whole with ``values`` as JSON."""
    with replacing(path, durable=durable) as temporary:
        temporary.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> dict | None:
    """Return the JSON object in ``path``, or None where the file is missing or damaged."""
    with suppress(OSError, ValueError):
        values = json.loads(_read_text(os.fspath(path)))
        return values if isinstance(values, dict) else None
    return None


def file_stamp(path: Path | str) -> FileStamp | None:
    """Return what differs once a file has grown or was replaced; None where there is none."""
    with suppress(OSError):
        return _stamp_in(os.stat(path))
    return None


def _stamp_in(facts: os.stat_result) -> FileStamp:
    return facts.st_ino, facts.st_mtime_ns, facts.st_size


def _read_text(path: str) -> str:
    """Text of a file; of one that has not changed since it was last read, without opening it.

    Pages look at the small files of all runs, for each visitor anew. A file that is replaced whole is another file (inode);
    one that was written an instant ago is not kept, since the clock of the file system could not tell it from the next.
    """
    facts = os.stat(path)
    if facts.st_size > _LONGEST_KEPT or time.time_ns() - facts.st_mtime_ns < _SETTLED_NS:
        return _text_of(path)
    return _texts.get(path, _stamp_in(facts), lambda: _text_of(path))


def _text_of(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def load_dataclass(cls: type[Record], values: Any) -> Record:
    """Build a dataclass from a JSON object: unknown keys are ignored, missing ones take their defaults.

    Raises
    ------
    ValueError
        Where ``values`` is no object, or lacks a field that has no default; says which.
    """
    if not isinstance(values, Mapping):
        raise ValueError(tr("an object with named values is expected, received {name}", name=type(values).__name__))
    known = [field for field in fields(cls) if field.init]
    required = [field.name for field in known if field.default is MISSING and field.default_factory is MISSING]
    if missing := [name for name in required if name not in values]:
        raise ValueError(f"missing: {', '.join(missing)}")
    return cls(**{field.name: values[field.name] for field in known if field.name in values})


def newer_format(values: Mapping[str, Any], *, known: int) -> str | None:
    """Return one sentence where a file's ``format`` is above the highest this version knows, else None.

    Files of the first version have no ``format``.
    """
    written = values.get("format", 1)
    if isinstance(written, int) and written <= known:
        return None
    return tr(
        "It was written by a newer version of covidlab (format {written}; this version reads formats up "
        "to {known}). Update covidlab to open it.",
        written=written,
        known=known,
    )


def append_line(path: Path, line: str) -> None:
    """Append one line; a line another process tore before it is closed first, so that it stays alone in its damage."""
    with storage_errors(path), open(path, "ab+") as file:
        torn = file.tell() > 0 and _last_byte(file) != b"\n"
        file.write((b"\n" if torn else b"") + line.encode() + b"\n")


def bytes_below(folder: Path) -> int:
    """What the files of a folder and of those in it hold; what is renamed or deleted meanwhile counts for nothing."""
    total = 0
    # Not Path.rglob, which raises where a folder goes while it looks.
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += os.stat(os.path.join(place, name)).st_size
    return total


def require_free_space(folder: Path, needed_bytes: int) -> None:
    """Raise StorageError where the disk of ``folder`` has less than ``needed_bytes`` free."""
    free = free_bytes(folder)
    if free < needed_bytes:
        raise StorageError(
            tr(
                "The disk is too full: {needed_bytes:.0f} MB are needed in {folder}, {free:.0f} MB are free. "
                "Delete runs or choose another folder with COVIDLAB_HOME.",
                needed_bytes=needed_bytes / 1e6,
                folder=folder,
                free=free / 1e6,
            )
        )


def free_bytes(folder: Path) -> int:
    """Return what is free on the disk of ``folder``, which need not exist yet."""
    existing = next(parent for parent in (Path(folder).absolute(), *Path(folder).absolute().parents) if parent.exists())
    return shutil.disk_usage(existing).free


def _last_byte(file) -> bytes:
    file.seek(-1, os.SEEK_END)
    return file.read(1)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn the system's "no space" and "no permission" into a StorageError that names ``path``."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise StorageError(
                tr("The disk is full: {path} could not be written. Nothing was left half-written.", path=path)
            ) from error
        if error.errno in (
            errno.EACCES,
            errno.EPERM,
            errno.EROFS,
            errno.ENOTDIR,
            errno.EISDIR,
            errno.ENOENT,
            errno.EEXIST,
        ):
            raise StorageError(
                tr("{path} cannot be written: {strerror}. Choose another place.", path=path, strerror=error.strerror)
            ) from error
        raise
