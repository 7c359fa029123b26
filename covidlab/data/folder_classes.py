"""Which of the folders above a picture names its class: not always the innermost."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from covidlab.data.folder_names import (
    is_people_folder,
    is_place,
    is_surely_class,
    names_class,
    names_controls,
    part_and_class,
    part_of_split,
    without_copy_number,
    words,
)
from covidlab.data.spellings import folded_name, one_spelling
from covidlab.language import tr
from covidlab.text import some_of

# With fewer pictures a folder than this, and more folders than that, folders are patients or studies, not classes.
_MOST_CLASSES, _FEWEST_EACH = 20, 5
_FEW_CLASSES = 3
# A few pictures beside the class folders lie there by mistake.
_STRAY_SHARE = 0.2
_CLASS_WORDS_SHARE = 0.5

_COPIES = frozenset(
    (
        "augmented",
        "augmentation",
        "augmentations",
        "resized",
        "cropped",
        "processed",
        "preprocessed",
        "enhanced",
        "backup",
    )
)

Names = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FolderClasses:
    """Classes that folders give.

    classes: picture -> class. parts: picture -> part of a given split. levels: names at each level, where there are several.
    level: the one taken, counted from 1. doubt: why the folders may be no classes, or the level another one, "" where they
    are plain. is_level_open: it is the level that is not plain. places: folders that are taken for places, where no folder
    names a class. sentences: what to know.
    """

    classes: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    levels: tuple[Names, ...] = ()
    level: int = 1
    doubt: str = ""
    is_level_open: bool = False
    places: Names = ()
    sentences: tuple[str, ...] = ()


def classes_from_folders(places: Mapping[str, str], *, level: int | None = None) -> FolderClasses:
    """Return which class the folders give each picture.

    Parts of a split, images, views, patients and studies are passed over; so are folders that all pictures share. Of several
    levels the outermost with names that classes are called by names the class, else the outermost. Where the inner names come
    again below several of the outer ones (hospitals, or classes?) only a person can tell.

    Parameters
    ----------
    places : picture -> path relative to the set, posix, whose folders count
    level : which of the levels names the class, from 1; None chooses as above
    """
    above = {picture: place.rpartition("/")[0] for picture, place in places.items()}
    folders = {folder: tuple(folder.split("/")) if folder else () for folder in dict.fromkeys(above.values())}
    counts = Counter(above.values())
    cases = _people_that_are_classes(folders.values())
    named = {
        folder: tuple(name for name in names if name in cases or not (part_of_split(name) or is_place(name)))
        for folder, names in folders.items()
    }
    named = _without_shared(named, counts)
    levels = _levels(named)
    taken, is_level_open = (level, False) if level else _level(named, levels, counts)
    class_of = _class_of(named, taken, by_words=level is None)
    parts = {folder: part for folder, names in folders.items() if (part := _part(names))}
    class_of, more_parts, sentences = _parts_in_names(class_of)
    spelled, said = one_spelling(class_of, counts)
    found = {picture: spelled[folder] for picture, folder in above.items() if folder in spelled}
    parts = {
        picture: part for picture, folder in above.items() if (part := more_parts.get(folder) or parts.get(folder, ""))
    }
    sentences += said
    if level is None and taken == 1 and len(levels) > 1 and not is_level_open:
        sentences += _folded(named, counts)
    return FolderClasses(
        classes=found,
        parts=parts,
        levels=levels if len(levels) > 1 else (),
        level=taken,
        doubt="" if level else _doubt(Counter(found.values()), is_level_open=is_level_open),
        is_level_open=is_level_open,
        places=() if found else tuple(sorted({name for names in folders.values() for name in names})),
        sentences=(*sentences, *_about_copies(found.values())),
    )


def _part(above: Names) -> str:
    return next((part for name in above if (part := part_of_split(name))), "")


def _people_that_are_classes(folders: Iterable[Names]) -> set[str]:
    """Names such as patients or cases that stand beside controls or healthy, and so are a class."""
    beside: dict[Names, set[str]] = defaultdict(set)
    for names in folders:
        for depth, name in enumerate(names):
            beside[names[:depth]].add(name)
    return {
        name for names in beside.values() if any(map(names_controls, names)) for name in names if is_people_folder(name)
    }


def _without_shared(named: dict[str, Names], counts: Mapping[str, int]) -> dict[str, Names]:
    """Names without the outer folders that all pictures share, as long as what is below tells them apart."""
    while True:
        first = {names[0] for names in named.values() if names}
        below = {folder: names[1:] for folder, names in named.items()}
        bare = sum(counts[folder] for folder, names in below.items() if not names)
        if (
            len(first) != 1
            or bare > _STRAY_SHARE * sum(counts.values())
            or len({n[0] for n in below.values() if n}) < 2
        ):
            return named
        named = below


def _levels(named: Mapping[str, Names]) -> tuple[Names, ...]:
    deepest = max((len(names) for names in named.values()), default=0)
    return tuple(
        tuple(sorted({names[depth] for names in named.values() if len(names) > depth})) for depth in range(deepest)
    )


def _level(named: Mapping[str, Names], levels: tuple[Names, ...], counts: Mapping[str, int]) -> tuple[int, bool]:
    """Return the level that names the class, and whether only a person can tell."""
    several = [level for level, names in enumerate(levels, start=1) if len(names) > 1]
    total = sum(counts[folder] for folder, names in named.items() if names)
    for level in several:
        with_words = sum(
            counts[folder] for folder, names in named.items() if len(names) >= level and names_class(names[level - 1])
        )
        if with_words >= _CLASS_WORDS_SHARE * total and len({folded_name(name) for name in levels[level - 1]}) > 1:
            return level, False
    if not several:
        return next((at for at, names in enumerate(levels, start=1) if is_surely_class(names[0])), 1), False
    return several[0], len(several) > 1 and _is_crossed(named, several[0])


def _is_crossed(named: Mapping[str, Names], level: int) -> bool:
    """Whether most names below a level come again below others of it: both may be classes, or hospitals."""
    outer: dict[str, set[str]] = defaultdict(set)
    for names in named.values():
        if len(names) > level:
            outer[names[level].casefold()].add(names[level - 1].casefold())
    again = sum(len(above) > 1 for above in outer.values())
    return bool(outer) and 2 * again > len(outer)


def _class_of(named: Mapping[str, Names], level: int, *, by_words: bool) -> dict[str, str]:
    """Class of each folder; one that is not deep enough has that of a name that is a class elsewhere, else none.

    Where words tell the level, and so no person, a name below it that classes are called by comes before one at it that
    they are not.
    """
    deep = {folder: names[level - 1] for folder, names in named.items() if len(names) >= level}
    if by_words and any(map(names_class, deep.values())):
        deep = {folder: next(filter(names_class, named[folder][level - 1 :]), name) for folder, name in deep.items()}
    kinds = {folded_name(name) for name in deep.values()}
    shallow = {
        folder: found
        for folder, names in named.items()
        if folder not in deep and (found := next((name for name in names if folded_name(name) in kinds), ""))
    }
    return deep | shallow


def _parts_in_names(class_of: dict[str, str]) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Classes and parts of folders such as train_covid beside test_covid; the others as they are."""
    read = {name: part_and_class(name) for name in dict.fromkeys(class_of.values())}
    parts: dict[str, set[str]] = defaultdict(set)
    for part, kind in read.values():
        if part:
            parts[folded_name(kind)].add(part)
    both = {name for name, (part, kind) in read.items() if part and len(parts[folded_name(kind)]) > 1}
    if not both:
        return class_of, {}, []
    sentence = tr("Names such as {some_of} say a part of a split and a class.", some_of=some_of(sorted(both)))
    kinds = {folder: read[name][1] if name in both else name for folder, name in class_of.items()}
    return kinds, {folder: read[name][0] for folder, name in class_of.items() if name in both}, [sentence]


def _doubt(counts: Counter, *, is_level_open: bool) -> str:
    """A sentence on why folders may be no classes, "" where nothing speaks against it."""
    few = sum(counts.values()) < _FEWEST_EACH * len(counts)
    with_words = sum(map(names_class, counts))
    if len(counts) == 1 and not is_surely_class(next(iter(counts))):
        return tr(
            "All X-rays lie in one folder that may name a class or only a place: {next}.", next=next(iter(counts))
        )
    many = len(counts) > _MOST_CLASSES or (len(counts) > _FEW_CLASSES and with_words < _CLASS_WORDS_SHARE * len(counts))
    if few and many:
        names = some_of(sorted(counts))
        return tr(
            "{num_counts:,} folders hold few X-rays each ({names}); they may be patients or studies and not classes.",
            num_counts=len(counts),
            names=names,
        )
    return tr("Folders lie in folders, and either may be the classes.") if is_level_open else ""


def _folded(named: Mapping[str, Names], counts: Mapping[str, int]) -> list[str]:
    """A sentence on pictures that lie in folders below that of their class."""
    below = Counter()
    for folder, names in named.items():
        if len(names) > 1:
            below["/".join(names[:2])] += counts[folder]
    listed = ", ".join(f"{folder} {number:,}" for folder, number in sorted(below.items())[:6])
    more = tr(" and {num_below} more folders", num_below=len(below) - 6) if len(below) > 6 else ""
    return (
        [tr("X-rays in folders below that of a class count as that class: {listed}{more}.", listed=listed, more=more)]
        if below
        else []
    )


def _about_copies(classes: Iterable[str]) -> list[str]:
    """Sentences on classes whose names look like those of a copied folder, or of augmented X-rays."""
    names = set(classes)
    twins = sorted((name, bare) for name in names if (bare := without_copy_number(name)) != name and bare in names)
    return [
        tr(
            "The folders {bare} and {name} have names like a folder and its copy; they count as two classes. "
            "Join them where they are one.",
            bare=bare,
            name=name,
        )
        for name, bare in twins
    ]


def about_changed_copies(places: Iterable[str]) -> list[str]:
    """A sentence where folders beside others say that they hold changed copies of X-rays."""
    above = {place.rpartition("/")[0] for place in places}
    said = sorted({name for folder in above for name in folder.split("/") if _COPIES.intersection(words(name))})
    if not said or all(set(folder.split("/")).intersection(said) for folder in above):
        return []
    return [
        tr(
            "By its name, the folder {some_of} holds changed copies of X-rays. A copy and its original may "
            "be on both sides of a split, and the figures too good.",
            some_of=some_of(said),
        )
    ]
