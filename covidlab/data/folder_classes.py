"""Which of the folders above a picture names its class: not always the innermost."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from covidlab.data.names import is_place, part_of_split

# With fewer pictures a folder than this, and more folders than that, folders are patients or studies, not classes.
_MOST_CLASSES, _FEWEST_EACH = 20, 5
# A few pictures beside the class folders lie there by mistake.
_STRAY_SHARE = 0.2


@dataclass(frozen=True, kw_only=True)
class FolderClasses:
    """classes: picture -> class. parts: picture -> part of a given split. levels: names at each level, where there are
    several. level: the one taken, counted from 1. unclear: folders that may be patients as well. sentences: what to know.
    """

    classes: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    levels: tuple[tuple[str, ...], ...] = ()
    level: int = 1
    unclear: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()


def classes_from_folders(places: Mapping[str, str], *, level: int | None = None) -> FolderClasses:
    """Return which class the folders give each picture.

    Parts of a split, images, views, patients and studies are passed over; so are folders that all pictures share. Of several
    levels the outer one names the class, unless the inner names come again in each of the outer ones (hospitals, folds).

    Parameters
    ----------
    places : picture -> path relative to the set, posix, whose folders count
    level : which of the levels names the class, from 1; None chooses as above
    """
    folders = {picture: PurePosixPath(place).parts[:-1] for picture, place in places.items()}
    parts = {picture: part for picture, above in folders.items() if (part := _part(above))}
    named = {picture: tuple(name for name in above if not _says_no_class(name)) for picture, above in folders.items()}
    named = _without_shared(named)
    levels = _levels(named)
    taken = level or _level(named)
    found = {
        picture: names[min(taken, len(names)) - 1]
        for picture, names in named.items()
        if names and len(names) >= min(taken, 1)
    }
    classes, sentences = one_spelling(found)
    counts = Counter(classes.values())
    if len(counts) > _MOST_CLASSES and len(classes) < _FEWEST_EACH * len(counts):
        return FolderClasses(parts=parts, unclear=tuple(sorted(counts)))
    if level is None and taken == 1 and len(levels) > 1:
        sentences += _folded(named)
    return FolderClasses(
        classes=classes,
        parts=parts,
        levels=levels if len(levels) > 1 else (),
        level=taken,
        sentences=tuple(sentences),
    )


def one_spelling(classes: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Classes whose names differ in case only made one, under the spelling of most pictures; a sentence for each."""
    spellings: dict[str, Counter] = defaultdict(Counter)
    for name in classes.values():
        spellings[name.casefold()][name] += 1
    chosen, sentences = {}, []
    for folded, counts in sorted(spellings.items()):
        chosen[folded] = min(counts, key=lambda name: (-counts[name], name))
        if len(counts) > 1:
            names = " and ".join(sorted(counts))
            sentences.append(f"{names} differ in upper and lower case only, so they are one class, {chosen[folded]}.")
    return {picture: chosen[name.casefold()] for picture, name in classes.items()}, sentences


def _part(above: tuple[str, ...]) -> str:
    return next((part for name in above if (part := part_of_split(name))), "")


def _says_no_class(name: str) -> bool:
    return bool(part_of_split(name)) or is_place(name)


def _without_shared(named: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Names without the outer folders that all pictures share, as long as what is below tells them apart."""
    while True:
        first = {names[0] for names in named.values() if names}
        below = {picture: names[1:] for picture, names in named.items()}
        bare = sum(not names for names in below.values())
        if len(first) != 1 or bare > _STRAY_SHARE * len(named) or len({n[0] for n in below.values() if n}) < 2:
            return named
        named = below


def _levels(named: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    deepest = max((len(names) for names in named.values()), default=0)
    return tuple(
        tuple(sorted({names[depth] for names in named.values() if len(names) > depth})) for depth in range(deepest)
    )


def _level(named: Mapping[str, tuple[str, ...]]) -> int:
    """Return 2 where each outer folder holds the same inner ones, so that these are the classes; else 1."""
    inner = defaultdict(set)
    for names in named.values():
        if names:
            inner[names[0].casefold()].add(names[1].casefold() if len(names) > 1 else "")
    sets = list(inner.values())
    shared = set.intersection(*sets) if sets else set()
    every = set().union(*sets)
    return 2 if len(sets) > 1 and len(shared) > 1 and "" not in every and len(every) <= 2 * len(shared) else 1


def _folded(named: Mapping[str, tuple[str, ...]]) -> list[str]:
    """A sentence on pictures that lie in folders below that of their class."""
    below = Counter("/".join(names[:2]) for names in named.values() if len(names) > 1)
    listed = ", ".join(f"{folder} {number:,}" for folder, number in sorted(below.items())[:6])
    more = f" and {len(below) - 6} more folders" if len(below) > 6 else ""
    return [f"X-rays in folders below that of a class count as that class: {listed}{more}."] if below else []
