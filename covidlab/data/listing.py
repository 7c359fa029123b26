"""The files of a folder, at any depth, and what they were understood to be."""

import os
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from covidlab.data.layouts import HIDDEN, MADE, MASKS, NO_ANSWERS, NO_PICTURES, Answers, Branch, Layout, LeftOut
from covidlab.data.names import (
    FILM_SUFFIXES,
    METADATA_NAME,
    is_hidden,
    is_made_folder,
    is_mask_folder,
    is_own,
    is_picture_name,
)
from covidlab.data.tables import MAX_TABLE_BYTES, Table, is_table_name, parse_table
from covidlab.data.understanding import understand
from covidlab.errors import DataError, UnreadableImage
from covidlab.imaging.decode import HEAD_BYTES, is_picture_content
from covidlab.language import tr
from covidlab.text import pluralize

LINKS = "links"
# A set has a table or two; a folder of thousands of tables is something else.
_MAX_TABLES = 50
_MOST_LOOKED_AT = 50

_MASK_OF = re.compile(r"(.+)[ _-](?:masks?|seg|segmentation|gt)|masks?[ _-](.+)")

ReadHead = Callable[[str], bytes]


@dataclass(frozen=True, kw_only=True)
class Names:
    """Names sorted by what they are. unsure: only the content can tell."""

    pictures: tuple[str, ...]
    unsure: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def sort_names(names: Iterable[str]) -> Names:
    """Sort the names of files into pictures, those only their content can tell, and what is left out, by reason."""
    folders: dict[str, str] = {}
    sorted_out: dict[str, list[str]] = defaultdict(list)
    for name in names:
        above, _, own = name.rpartition("/")
        if above not in folders:
            folders[above] = _kind_of_folder(above)
        sorted_out[_kind_of_file(own, folders[above])].append(name)
    pictures = _mask_files_apart(sorted(sorted_out["picture"]), sorted_out[MASKS])
    if not pictures and not sorted_out["unsure"]:
        # Where all pictures lie in such folders, these are where the X-rays are.
        pictures = sorted(sorted_out.pop(MADE, ()))
    left_out = [(reason, tuple(sorted(sorted_out[reason]))) for reason in (HIDDEN, MASKS, MADE, NO_PICTURES)]
    return Names(
        pictures=tuple(pictures),
        unsure=tuple(sorted(sorted_out["unsure"])),
        left_out=tuple(LeftOut(reason=reason, files=files) for reason, files in left_out if files),
    )


class Found(NamedTuple):
    """What a folder or an archive holds: pictures by name, tables, what is left out, sentences on tables not read."""

    pictures: tuple[str, ...]
    tables: tuple[Table, ...]
    left_out: tuple[LeftOut, ...]
    sentences: tuple[str, ...]

    def understand(
        self, answers: Answers = NO_ANSWERS, *, archive_class: str = "", archives: Collection[str] = ()
    ) -> Layout:
        """Return what was understood of it; ``archive_class`` and ``archives`` as ``understand`` has them."""
        layout = understand(
            self.pictures,
            tables=self.tables,
            answers=answers,
            archive_class=archive_class,
            archives=archives,
            left_out=self.left_out,
        )
        return layout.with_problems(self.sentences)


def walk(root: Path, *, follow_links: bool = True) -> tuple[list[str], list[str]]:
    """Names of all files below ``root`` (posix, sorted), and of the links that are not followed.

    Linked files and folders count as if they lay here, save where a link leads to a folder above it, or where
    ``follow_links`` is False. Raises DataError where the folder does not exist or cannot be read.
    """
    if not root.is_dir():
        if root.is_file():
            raise DataError(
                tr(
                    "A folder is expected. Add the X-rays of a ZIP file to a data set of your own, on Curate or with "
                    "`python -m covidlab dataset add SRC --dataset DIR`. Received: {root}.",
                    root=root,
                )
            )
        raise DataError(tr("There is no such folder: {root}.", root=root))
    files, links = [], []
    try:
        for entry, name in _entries(os.fspath(root), "", follow_links=follow_links):
            is_taken = entry.is_file(follow_symlinks=follow_links)
            (files if is_taken else links).append(name)
    except OSError as error:
        raise DataError(
            tr("The folder {filename} cannot be read: {strerror}.", filename=error.filename, strerror=error.strerror)
        ) from error
    return sorted(files), sorted(links)


def holds_pictures(root: Path) -> bool:
    """Whether a folder holds a picture, at any depth; ends at the first, since every page asks for every set.

    Of files that have no telling suffix, the first bytes of a few are looked at.
    """
    num_looked_at = 0
    try:
        for entry, name in _entries(os.fspath(root), ""):
            kinds = sort_names([name]) if entry.is_file() else None
            if kinds and kinds.pictures:
                return True
            if kinds and kinds.unsure and num_looked_at < _MOST_LOOKED_AT:
                num_looked_at += 1
                if _is_picture(name, lambda name: _read(root / name, HEAD_BYTES)):
                    return True
    except OSError:
        pass
    return False


def find(root: Path) -> Found:
    """What a folder holds; raises DataError where it cannot be read or its own metadata.csv is no table."""
    names, links = walk(root)
    _check_names(names)
    found = gather(
        names,
        read_head=lambda name: _read(root / name, HEAD_BYTES),
        read=lambda name: _read(root / name, MAX_TABLE_BYTES + 1),
        must_read=(METADATA_NAME,),
    )
    left_out = (*found.left_out, LeftOut(reason=LINKS, files=tuple(links))) if links else found.left_out
    return found._replace(left_out=left_out)


def gather(names: Sequence[str], *, read_head: ReadHead, read: ReadHead, must_read: Collection[str] = ()) -> Found:
    """What a list of files holds, the content of those without a telling name looked at.

    Parameters
    ----------
    read_head, read : give the first bytes, all bytes of a file; may raise OSError or DataError
    must_read : tables without which the set is not understood: where one cannot be read, DataError is raised
    """
    kinds = sort_names(names)
    seen = [name for name in kinds.unsure if _is_picture(name, read_head)]
    no_pictures = tuple(sorted(set(kinds.unsure) - set(seen)))
    tables, sentences = _tables(kinds, read, must_read)
    used = {table.name for table in tables}
    left_out = _with_more(kinds.left_out, NO_PICTURES, no_pictures, without=used)
    return Found(tuple(sorted((*kinds.pictures, *seen))), tuple(tables), left_out, tuple(sentences))


def read_layout(root: Path, answers: Answers = NO_ANSWERS) -> Layout:
    """Return what the folder ``root`` was understood to be; raises DataError as ``find`` does."""
    return find(root).understand(answers)


def describe_branches(branches: Sequence[Branch], *, most: int = 8) -> str:
    """Where pictures lie, for a sentence, e.g. "24 in images, 3 in the folder itself"."""
    counts: dict[str, int] = {}
    for branch in branches:
        counts[branch.folder] = counts.get(branch.folder, 0) + branch.number
    said = [
        tr("{number:,} in {folder}", number=number, folder=folder or tr("the folder itself"))
        for folder, number in counts.items()
    ]
    return ", ".join(said[:most]) + (
        tr(" and {more_folders}", more_folders=pluralize(len(said) - most, "more folder")) if len(said) > most else ""
    )


def _entries(folder: str, above: str, *, follow_links: bool = True) -> Iterator[tuple[os.DirEntry, str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = f"{above}{entry.name}"
            if entry.is_dir(follow_symlinks=follow_links) and not _leads_back(entry):
                # What is hidden is passed over whole: .git, .Trash, a set's half-added X-rays.
                if entry.name[0] != ".":
                    yield from _entries(entry.path, f"{name}/", follow_links=follow_links)
            else:
                yield entry, name


def _leads_back(entry: os.DirEntry) -> bool:
    """Whether a link leads to a folder it lies in, so that there would be no end of it."""
    return entry.is_symlink() and Path(entry.path).parent.resolve().is_relative_to(Path(entry.path).resolve())


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        try:
            name.encode()
        except UnicodeEncodeError as error:
            raise UnreadableImage(tr("The name of {name!a} is not valid UTF-8. Rename the file.", name=name)) from error


def _is_picture(name: str, read_head: ReadHead) -> bool:
    try:
        return is_picture_content(read_head(name))
    except (OSError, DataError):
        # Without a suffix and without content nothing says that it is one.
        return False


def _tables(kinds: Names, read: ReadHead, must_read: Collection[str]) -> tuple[list[Table], list[str]]:
    others = next((left.files for left in kinds.left_out if left.reason == NO_PICTURES), ())
    # Outer ones first: the set's own metadata.csv stands before what lies deeper.
    names = sorted((name for name in others if is_table_name(name)), key=lambda name: (name.count("/"), name))
    tables, sentences = [], []
    for name in names[:_MAX_TABLES]:
        try:
            tables.append(parse_table(read(name), name=name))
        except (OSError, DataError) as error:
            if name in must_read:
                raise DataError(str(error)) from error
            sentences.append(tr("A table cannot be used, so what it says is missing. {error}", error=error))
    if len(names) > _MAX_TABLES:
        sentences.append(
            tr(
                "Only {max_tables} of {num_names:,} tables were read, the outer ones first.",
                max_tables=_MAX_TABLES,
                num_names=len(names),
            )
        )
    return tables, sentences


def _with_more(
    left_out: Sequence[LeftOut], reason: str, files: Sequence[str], *, without: set[str]
) -> tuple[LeftOut, ...]:
    """``left_out`` with more files of one reason, and without those that are used after all."""
    known = next((left.files for left in left_out if left.reason == reason), ())
    together = tuple(sorted({*known, *files} - without))
    others = tuple(left for left in left_out if left.reason != reason)
    return (*others, LeftOut(reason=reason, files=together)) if together else others


def _read(path: Path, most: int) -> bytes:
    with open(path, "rb") as file:
        return file.read(most)


def _kind_of_folder(above: str) -> str:
    """Why all that lies below a folder is left out, "" where nothing says so."""
    if not above:
        return ""
    path = PurePosixPath(above)
    if is_hidden(path) or is_own(path):
        return HIDDEN
    if any(map(is_mask_folder, path.parts)):
        return MASKS
    return MADE if any(map(is_made_folder, path.parts)) else ""


def _kind_of_file(name: str, folder: str) -> str:
    """Kind of a file by its own name and what its folder says."""
    stem, dot, suffix = name.rpartition(".")
    if not folder and stem[:1] not in ("", ".") and f"{dot}{suffix.lower()}" in FILM_SUFFIXES:
        # Nearly all files, without making a path of each.
        return "picture"
    path = PurePosixPath(name)
    if folder == HIDDEN or is_hidden(path) or is_own(path):
        return HIDDEN
    is_picture = is_picture_name(path)
    if is_picture is False:
        return NO_PICTURES
    return folder or ("picture" if is_picture else "unsure")


def _mask_files_apart(pictures: list[str], masks: list[str]) -> list[str]:
    """Pictures without those that are the mask of another, such as a_mask.png or mask_a.png where there is an a.png."""
    stems = [name.rpartition("/")[2].rpartition(".")[0].casefold() for name in pictures]
    known = set(stems)
    kept = []
    for name, stem in zip(pictures, stems, strict=True):
        found = _MASK_OF.fullmatch(stem)
        (masks if found and (found[1] or found[2]) in known else kept).append(name)
    return kept
