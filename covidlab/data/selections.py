"""Named selections: which films of a set are left out or count as another class, and why; the films stay as they are.

A selection is one small JSON file, ``<set>/selections/<name>.json``, replaced whole at every decision. Where the set's
folder cannot be written it lies in ``home()/selections/<key of the folder>/`` instead; of two files of one name the one
with the higher revision counts.
"""

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from covidlab.data.decisions import Decision, Selection
from covidlab.data.given_names import checked_name
from covidlab.data.names import SELECTIONS_FOLDER
from covidlab.errors import DataError, StorageError, UsageError
from covidlab.files import read_json, storage_errors, write_json
from covidlab.language import tr
from covidlab.paths import home
from covidlab.text import some_of

_LOCK_SECONDS = 10


def selection_names(root: Path) -> list[str]:
    """Names of the selections of the set in ``root``, sorted; those whose file is damaged are among them."""
    names = set()
    for folder in _places(root):
        with suppress(OSError):
            names |= {path.stem for path in folder.iterdir() if path.suffix == ".json" and path.name[0] != "."}
    return sorted(names, key=str.casefold)


def load_selection(root: Path, name: str) -> Selection:
    """The selection ``name`` of the set in ``root``; raises DataError where it is missing or damaged."""
    paths = _paths(root, name)
    if not paths:
        known = selection_names(root)
        these = (
            tr("There are: {some_of}.", some_of=some_of(known, most=10))
            if known
            else tr("There are none yet; make one on Curate.")
        )
        raise DataError(
            tr(
                "The data set {name} has no such selection. {these} Received: {name_2}.",
                name=Path(root).name,
                these=these,
                name_2=name,
            )
        )
    whole = []
    for path in paths:
        with suppress(DataError):
            whole.append(Selection.from_dict(read_json(path) or {}))
    if not whole:
        raise DataError(
            tr(
                "The selection {name} is damaged: {paths} cannot be read. Delete it or mend the file.",
                name=name,
                paths=paths[0],
            )
        )
    # The file's name counts: a person may have copied the file.
    return replace(max(whole, key=lambda selection: selection.revision), name=name)


def create_selection(root: Path, name: str) -> Selection:
    """Make an empty selection; raises UsageError where the name cannot be used or is taken."""
    name = checked_name(name)
    with _lock():
        if name.casefold() in map(str.casefold, selection_names(root)):
            raise UsageError(
                tr("Another selection has this name already. Choose a new name. Received: {name}.", name=name)
            )
        return _save(root, Selection(name=name))


def change_decision(root: Path, name: str, file: str, decision: Decision | None) -> Selection:
    """Read a selection, make one decision and save it, safe beside other visitors who do the same."""
    with _lock():
        return _save(root, load_selection(root, name).decide(file, decision))


def undo_decision(root: Path, name: str) -> Selection:
    """Take back the last change of a selection and save it."""
    with _lock():
        return _save(root, load_selection(root, name).undo())


def delete_selection(root: Path, name: str) -> None:
    """Delete a selection, damaged ones too; raises StorageError where its file cannot be removed."""
    with _lock():
        for path in _paths(root, name):
            with storage_errors(path):
                path.unlink(missing_ok=True)


def selection_path(root: Path, name: str) -> Path | None:
    """Where a selection is kept, None where there is none."""
    return next(iter(_paths(root, name)), None)


def selections_at_home(root: Path) -> Path:
    """Folder of the selections of a set whose own folder cannot be written; it need not exist."""
    key = hashlib.sha256(os.fsencode(Path(root).absolute())).hexdigest()[:16]
    return home() / SELECTIONS_FOLDER / key


def _places(root: Path) -> tuple[Path, Path]:
    return Path(root) / SELECTIONS_FOLDER, selections_at_home(root)


def _paths(root: Path, name: str) -> list[Path]:
    """Existing files of a selection; a name that could lead elsewhere has none."""
    if not name or name.startswith(".") or set("/\\\0") & set(name):
        return []
    return [path for folder in _places(root) if (path := folder / f"{name}.json").is_file()]


def _save(root: Path, selection: Selection) -> Selection:
    selection = replace(selection, revision=selection.revision + 1)
    beside, at_home = (folder / f"{checked_name(selection.name)}.json" for folder in _places(root))
    try:
        write_json(beside, selection.to_dict())
    except (StorageError, OSError) as error:
        if not _is_refusal(error):
            raise
        write_json(at_home, selection.to_dict())
    else:
        with suppress(OSError):
            at_home.unlink(missing_ok=True)
    return selection


def _is_refusal(error: Exception) -> bool:
    """Whether the folder may not be written, as against a full disk, which home() may share."""
    cause = error.__cause__ if isinstance(error, StorageError) else error
    return isinstance(cause, OSError) and cause.errno in (errno.EACCES, errno.EPERM, errno.EROFS)


@contextmanager
def _lock() -> Iterator[None]:
    """One visitor at a time reads, changes and writes."""
    folder = home() / SELECTIONS_FOLDER
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        lock = FileLock(folder / ".lock").acquire(timeout=_LOCK_SECONDS)
    except Timeout as error:
        raise StorageError(
            tr(
                "Another process has held {folder} for {lock_seconds} s. Try again.",
                folder=folder,
                lock_seconds=_LOCK_SECONDS,
            )
        ) from error
    with lock:
        yield
