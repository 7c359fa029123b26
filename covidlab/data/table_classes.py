"""The class of each picture as a table states it: one column of labels, one label of several in a cell, or a yes/no column."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from covidlab.data.listed import NO, YES
from covidlab.data.spellings import one_spelling
from covidlab.data.tables import split_labels

NOT_LISTED = "not listed in the table"
NO_CLASS = "without a class in the table"
UNCERTAIN = "uncertain in the table (-1)"
SEVERAL = "with several of the chosen labels"
NEITHER = "without any of the chosen labels"

_UNCERTAIN = ("-1", "-1.0")


@dataclass(frozen=True, kw_only=True)
class TableClasses:
    """classes: picture -> class. left_out: reason -> pictures. labels: number of each label, where a cell holds several and
    nobody has said yet which are the classes. sentences: what to know."""

    classes: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: Mapping[str, int] = field(default_factory=dict)
    sentences: tuple[str, ...] = ()


def classes_from_table(
    pictures: Iterable[str],
    rows: Mapping[str, Mapping[str, str]],
    column: str,
    *,
    yes_no: bool = False,
    contains: tuple[str, ...] = (),
) -> TableClasses:
    """Return the class of each picture from ``column`` of its row.

    Parameters
    ----------
    yes_no : the column holds 1, 0 and -1: its name is one class, "without <name>" the other
    contains : labels that are the classes; a single one parts X-rays that carry it from those that do not
    """
    found, left_out = {}, defaultdict(list)
    cells = {picture: rows[picture].get(column, "").strip() for picture in pictures if picture in rows}
    read = {cell: (cell,) if yes_no else split_labels(cell) for cell in set(cells.values())}
    labels = {picture: read[cell] for picture, cell in cells.items()}
    if not contains and any(len(several) > 1 for several in labels.values()):
        counts = Counter(label for several in labels.values() for label in several if label)
        return TableClasses(labels=dict(counts.most_common()))
    for picture in pictures:
        if picture not in cells:
            left_out[NOT_LISTED].append(picture)
        elif not cells[picture]:
            left_out[NO_CLASS].append(picture)
        elif yes_no:
            _answer(picture, cells[picture].lower(), column, found, left_out)
        elif contains:
            _contained(picture, labels[picture], contains, found, left_out)
        else:
            found[picture] = cells[picture]
    classes, sentences = one_spelling(found)
    return TableClasses(
        classes=classes,
        left_out={reason: tuple(files) for reason, files in left_out.items()},
        sentences=tuple(sentences),
    )


def without(label: str) -> str:
    """Name of the class of the X-rays that do not carry a label."""
    return f"without {label}"


def _answer(picture: str, cell: str, column: str, found: dict, left_out: dict) -> None:
    if cell in YES:
        found[picture] = column
    elif cell in NO:
        found[picture] = without(column)
    else:
        left_out[UNCERTAIN if cell in _UNCERTAIN else NO_CLASS].append(picture)


def _contained(picture: str, labels: tuple[str, ...], contains: tuple[str, ...], found: dict, left_out: dict) -> None:
    own = {label.casefold() for label in labels}
    carried = [label for label in contains if label.casefold() in own]
    if len(carried) == 1:
        found[picture] = carried[0]
    elif carried:
        left_out[SEVERAL].append(picture)
    elif len(contains) == 1:
        found[picture] = without(contains[0])
    else:
        left_out[NEITHER].append(picture)
