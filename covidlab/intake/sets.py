"""A person's own data set renamed or removed; only what lies in ``datasets_folder()`` is touched, and no link is followed.

A set that is removed first gets a hidden name, in one step, and is deleted then: a kill leaves the set as it was, or
hidden files that ``clear_removed`` deletes.
"""

import os
import secrets
import shutil
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from covidlab.data.catalog import list_films
from covidlab.data.selections import selection_names, selections_at_home
from covidlab.errors import DataError, StorageError, UsageError
from covidlab.files import storage_errors
from covidlab.intake.adding import datasets_folder, locked, own_dataset
from covidlab.language import tr
from covidlab.text import pluralize

_REMOVED_PREFIX = ".removed-"


@dataclass(frozen=True, kw_only=True)
class Removal:
    """What goes with a data set.

    num_bytes: of all its files. is_link: the set is a link to a folder elsewhere, and only the link goes.
    """

    name: str
    num_films: int
    num_selections: int
    num_bytes: int
    is_link: bool = False

    def sentences(self) -> list[str]:
        """Return what goes and what stays, for people."""
        if self.is_link:
            goes = tr(
                "{name} is a link to a folder elsewhere. Only the link goes; the X-rays there stay.", name=self.name
            )
        else:
            megabytes = f"{self.num_bytes / 1e6:,.1f} MB" if self.num_bytes >= 50_000 else tr("less than 0.1 MB")
            parts = [pluralize(self.num_films, "X-ray")]
            parts += [pluralize(self.num_selections, "selection")] * bool(self.num_selections)
            goes = tr(
                "{parts} of {name} are deleted ({megabytes}).",
                parts=" and ".join(parts),
                name=self.name,
                megabytes=megabytes,
            )
        return [
            goes,
            tr(
                "The files that you added them from stay as they are, and so do the runs on this set with their "
                "reports and models."
            ),
            tr("This cannot be undone."),
        ]


def is_own(folder: Path) -> bool:
    """Whether a folder is a data set of the person's own, which can be renamed and removed."""
    folder = Path(folder).absolute()
    return folder.parent == datasets_folder().absolute() and folder.name[0] != "." and folder.is_dir()


def rename_dataset(folder: Path, name: str) -> Path:
    """Give a set of the person's own another name, with its selections; returns its folder.

    Raises
    ------
    UsageError
        The name cannot be used or is another set's, or the folder is no set of the person's own.
    DataError
        The set is gone.
    StorageError
        Another process changes the set, or the folder cannot be written.
    """
    folder, target = _own(folder), own_dataset(name).absolute()
    if target == folder:
        return folder
    with ExitStack() as locks:
        # In one order everywhere, so that two who exchange names do not wait for each other.
        for path in sorted((folder, target)):
            locks.enter_context(locked(path))
        _require(folder)
        if os.path.lexists(target) and not _is_same(folder, target):
            raise UsageError(
                tr("There is a data set of that name already. Choose another name. Received: {name}.", name=target.name)
            )
        with storage_errors(target):
            os.rename(folder, target)
        with suppress(OSError):
            os.rename(selections_at_home(folder), selections_at_home(target))
    return target


def describe_removal(folder: Path) -> Removal:
    """Return what ``remove_dataset`` deletes; raises UsageError or DataError as that does."""
    folder = _require(_own(folder))
    num_films = 0
    with suppress(DataError):
        num_films = sum(1 for _ in list_films(folder))
    files = [] if folder.is_symlink() else [Path(above, name) for above, _, names in os.walk(folder) for name in names]
    sizes = []
    for file in files:
        with suppress(OSError):
            sizes.append(file.lstat().st_size)
    return Removal(
        name=folder.name,
        num_films=num_films,
        num_selections=len(selection_names(folder)),
        num_bytes=sum(sizes),
        is_link=folder.is_symlink(),
    )


def remove_dataset(folder: Path) -> None:
    """Delete a set of the person's own; runs on it keep their records.

    Raises
    ------
    UsageError
        The folder is no set of the person's own.
    DataError
        The set is gone.
    StorageError
        Another process changes the set, or files of it cannot be deleted.
    """
    folder = _own(folder)
    hidden = folder.with_name(f"{_REMOVED_PREFIX}{secrets.token_hex(4)}")
    with locked(folder):
        _require(folder)
        with storage_errors(folder):
            os.rename(folder, hidden)
        shutil.rmtree(selections_at_home(folder), ignore_errors=True)
    _delete(hidden)
    if os.path.lexists(hidden):
        raise StorageError(
            tr(
                "The data set {name} is removed, but some of its files cannot be deleted: {hidden}.",
                name=folder.name,
                hidden=hidden,
            )
        )


def clear_removed() -> None:
    """Delete what a kill in the middle of a removal has left; nothing where there is nothing."""
    with suppress(OSError):
        for hidden in datasets_folder().glob(f"{_REMOVED_PREFIX}*"):
            _delete(hidden)


def _own(folder: Path) -> Path:
    """The folder, once it is sure that it lies in ``datasets_folder()`` and nowhere else."""
    folder = Path(folder).absolute()
    if folder.parent != datasets_folder().absolute() or folder.name.startswith(".") or not folder.name:
        raise UsageError(
            tr("Only data sets made on Curate can be renamed and removed. Received: {folder}.", folder=folder)
        )
    return folder


def _require(folder: Path) -> Path:
    if not folder.is_dir():
        raise DataError(tr("The data set {name} is gone. It may have been renamed or removed.", name=folder.name))
    return folder


def _is_same(folder: Path, target: Path) -> bool:
    """Whether both names are one folder, as where upper and lower case are one."""
    with suppress(OSError):
        return os.path.samefile(folder, target) and not target.is_symlink()
    return False


def _delete(hidden: Path) -> None:
    """Delete a folder, or a link and not what it leads to; what another process deletes meanwhile is no error."""
    if hidden.is_symlink():
        hidden.unlink(missing_ok=True)
    else:
        shutil.rmtree(hidden, ignore_errors=True)
