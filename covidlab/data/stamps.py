"""Whether the files of a data set are as they were: a stamp over all of them, and a quicker look at folders and tables alone."""

import hashlib
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from covidlab.data.names import FILM_SUFFIXES, SELECTIONS_FOLDER

# Size (0 of a folder) and time of the last change, by the path relative to the set; "" is the folder of the set itself.
Settled = Mapping[str, list[int]]


def folder_stamp(root: Path) -> str:
    """A short text that changes whenever a file of the data set is added, removed or written, at any depth."""
    digest = hashlib.sha256()
    _add_to_stamp(digest, os.fspath(root))
    return digest.hexdigest()[:16]


def settled(root: Path) -> Settled | None:
    """Folders of a set and its files that are no pictures by their name, as they are now.

    A file that is added, removed or renamed changes its folder; a picture that is written anew in its place does not show.
    None where a link leads to another folder, since what changes there does not show either.
    """
    found: dict[str, list[int]] = {}
    try:
        is_whole = _add_settled(found, os.fspath(root), "")
    except OSError:
        return None
    return found if is_whole else None


def is_settled(root: Path, known: Settled) -> bool:
    """Whether the folders and files that ``settled`` found are as they were."""
    try:
        return all(_state(os.path.join(root, place)) == state for place, state in known.items())
    except OSError:
        return False


def _add_to_stamp(digest: "hashlib._Hash", folder: str) -> None:
    below, lines = [], []
    with suppress(OSError):
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            # A decision on Curate changes its file, not the films.
            if entry.name == SELECTIONS_FOLDER:
                continue
            with suppress(OSError):
                facts = entry.stat()
                lines.append(f"{entry.name}/{facts.st_size}/{facts.st_mtime_ns}\n")
            if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                below.append(entry.path)
    digest.update("".join(lines).encode(errors="surrogateescape"))
    for inner in below:
        digest.update(b"/")
        _add_to_stamp(digest, inner)


def _add_settled(found: dict[str, list[int]], folder: str, above: str) -> bool:
    found[above] = _state(folder)
    with os.scandir(folder) as entries:
        for entry in entries:
            place = os.path.join(above, entry.name)
            if entry.is_dir():
                # As the stamp: what is hidden, and decisions on Curate, are no part of the set.
                if entry.name.startswith(".") or entry.name == SELECTIONS_FOLDER:
                    continue
                if entry.is_symlink() or not _add_settled(found, entry.path, place):
                    return False
            elif os.path.splitext(entry.name)[1].lower() not in FILM_SUFFIXES:
                found[place] = _state(entry.path)
    return True


def _state(path: str) -> list[int]:
    facts = os.stat(path)
    return [0 if stat.S_ISDIR(facts.st_mode) else facts.st_size, facts.st_mtime_ns]
