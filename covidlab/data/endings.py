"""Finding the one file that a name of a table means, where paths begin differently or letters differ in case."""

import posixpath
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from covidlab.data.names import FILM_SUFFIXES

_DRIVE = re.compile(r"[A-Za-z]:(?=/)")


class Found(NamedTuple):
    """file: the one that is meant, None where none or several fit. strength: how well it fits, more is better.

    several: more than one fits. in_part: only the end of the listed path fits.
    """

    file: str | None
    strength: tuple[int, ...] = ()
    several: bool = False
    in_part: bool = False


class Endings:
    """Files of a set by the endings of their paths: ``covid/a.png`` by itself and by ``a.png``.

    Parameters
    ----------
    files : posix paths relative to the root of the set
    above : posix folder, relative to the root, of the table whose names are looked up
    """

    def __init__(self, files: Iterable[str], *, above: str = ""):
        self._above = plain_path(above)
        self._paths = {file: plain_path(file) for file in files}
        self._below = {file for file, path in self._paths.items() if self._above and path.startswith(f"{self._above}/")}
        # First the name as it stands, then without its suffix: a list may name COVID-1 for COVID-1.png.
        self._whole = _Index(self._paths, self._below)
        self._names = {without_suffix(path.rpartition("/")[2]).casefold() for path in self._paths.values()}

    @cached_property
    def _bare(self) -> "_Index":
        return _Index({file: without_suffix(path) for file, path in self._paths.items()}, self._below)

    def find(self, listed: str) -> Found:
        """File that a listed name means: by its full path, else by the longest ending that fits exactly one."""
        path = plain_path(listed)
        bare = without_suffix(path)
        if self._names.isdisjoint(one.rpartition("/")[2].casefold() for one in (path, bare)):
            # Most rows of a table of 112,120 X-rays, where 20,000 are there.
            return Found(None)
        in_folder = plain_path(f"{self._above}/{listed}") if self._above and not _is_absolute(listed) else path
        for exact in (in_folder, path):
            if file := self._whole.exact(exact):
                return Found(file, (3,))
        found = self._whole.ending(path, 2)
        if found.file is None and not found.several:
            found = self._bare.ending(path, 1)
        if found.file is None and not found.several and bare != path:
            found = self._bare.ending(bare, 0)
        return found


class _Index:
    """Paths by each of their endings, as they are and without case; None where several files share one."""

    def __init__(self, paths: Mapping[str, str], below: Collection[str]):
        self._paths = paths
        self._paths_below = {file: paths[file] for file in below}
        self._full = _unique((path, file) for file, path in self._paths.items())
        # Made when they are asked for: most tables name files as they are called.
        self._known: dict[tuple[bool, bool], dict[str, str | None]] = {}

    def exact(self, path: str) -> str | None:
        return self._full.get(path)

    def ending(self, path: str, rank: int) -> Found:
        """The longest ending decides; the same letters come before others, files below the table before others."""
        cases = (path, path.casefold())
        for number, endings in enumerate(zip(*map(_endings, cases), strict=True)):
            for fold, ending in zip((False, True), endings, strict=True):
                every = self._endings(is_folded=fold)
                if ending not in every:
                    continue
                file = every[ending] or self._endings(is_folded=fold, is_below=True).get(ending)
                return Found(file, (rank, ending.count("/"), -number), several=file is None, in_part=number > 0)
        return Found(None)

    def _endings(self, *, is_folded: bool, is_below: bool = False) -> dict[str, str | None]:
        key = (is_folded, is_below)
        if key not in self._known:
            paths = self._paths_below if is_below else self._paths
            self._known[key] = _unique(
                (end, file) for file, path in paths.items() for end in _endings(path.casefold() if is_folded else path)
            )
        return self._known[key]


def plain_path(name: str) -> str:
    """A path as another system may have written it: slashes, no drive, no leading slash, no dots, composed letters."""
    path = _composed(name).strip().replace("\\", "/")
    path = _DRIVE.sub("", path, count=1) if path[1:2] == ":" else path
    if not ("./" in path or "//" in path or path.startswith("/") or path.endswith(("/", "/.")) or path == "."):
        return path
    # Below a leading slash, normpath drops the steps that lead above it.
    return posixpath.normpath(f"/{path.lstrip('/')}").lstrip("/")


def _is_absolute(name: str) -> bool:
    return name.lstrip()[:1] in ("/", "\\") or name.lstrip()[1:2] == ":"


def _composed(name: str) -> str:
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def without_suffix(path: str) -> str:
    """A path without the suffix of a picture."""
    stem, dot, suffix = path.rpartition(".")
    return stem if f"{dot}{suffix}".lower() in FILM_SUFFIXES else path


def _endings(path: str) -> Iterator[str]:
    """A path, then what follows its first slash, then its second, down to its name."""
    while path:
        yield path
        path = path.partition("/")[2]


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for key, file in pairs:
        found[key] = file if found.get(key, file) == file else None
    return found
