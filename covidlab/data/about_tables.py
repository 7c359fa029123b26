"""Sentences on the tables beside X-rays: which are used, what they list and is not there, what they say twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from covidlab.data.names import METADATA_NAME
from covidlab.data.tables import Matched, Roles, Table
from covidlab.text import pluralize, some_of

Rows = dict[str, list[Mapping[str, str]]]


@dataclass(kw_only=True)
class Reading:
    """A table and the rows of each picture. file: column that names them; by_file: by their file, not by a patient or study."""

    table: Table
    roles: Roles
    file: str = ""
    by_file: bool = True
    rows: Rows = field(default_factory=dict)
    matched: Matched = field(default_factory=lambda: Matched({}))


def about_tables(read: Sequence[Reading], asked: Sequence[Reading]) -> list[str]:
    """Sentences on what to know of the tables: those not used, what they list and is not there, what is doubled."""
    unused = [one for one in read if not one.rows]
    no_files = [one.table for one in unused if not one.roles.file]
    sentences = _no_files(no_files)
    for one in read:
        name, matched = one.table.name, one.matched
        if one in unused and one.roles.file and not matched.ambiguous and name != METADATA_NAME:
            sentences.append(f"{name} lists none of the X-rays here, so it is not used.")
        elif one.roles.file:
            sentences += _about_matching(name, matched, one.roles.label)
        if one.rows and one not in asked and (one.roles.label or one.roles.yes_no):
            sentences.append(f"{name} lists {pluralize(len(one.rows), 'X-ray')} only, so it is not asked for classes.")
    sentences += _patients_alike([one for one in read if one.rows])
    return [*sentences, *_by_key([one for one in read if one.rows and not one.by_file])]


def _by_key(read: Sequence[Reading]) -> list[str]:
    if not read:
        return []
    names = some_of([f"{one.table.name} (column {one.file})" for one in read])
    return [f"Tables that name no files, but patients, studies or numbers of images, were matched by these: {names}."]


def _no_files(tables: Sequence[Table]) -> list[str]:
    if not tables:
        return []
    if len(tables) > 1:
        names = some_of([table.name for table in tables])
        return [f"{len(tables):,} tables have no column that names files, so they are not used: {names}."]
    received = ", ".join(tables[0].columns[:8])
    return [f"{tables[0].name} has no column that names files, so it is not used. Its columns are {received}."]


def _about_matching(name: str, matched: Matched, labels: Sequence[str]) -> list[str]:
    sentences = []
    if matched.absent:
        number = len(matched.absent)
        what = "1 file that is not there" if number == 1 else f"{number:,} files that are not there"
        sentences.append(f"{name} lists {what}: {some_of(list(matched.absent))}.")
    if matched.ambiguous:
        number = len(matched.ambiguous)
        what = (
            "1 name that fits several files, so its row is"
            if number == 1
            else (f"{number:,} names that fit several files, so their rows are")
        )
        sentences.append(f"{name} has {what} not used: {some_of(list(matched.ambiguous))}.")
    if matched.twice:
        together = " and their labels are put together" if labels else ""
        sentences.append(
            f"{name} lists {pluralize(len(matched.twice), 'X-ray')} more than once with different values; the first row counts{together}: "
            f"{some_of(list(matched.twice))}."
        )
    return sentences


def _patients_alike(read: Sequence[Reading]) -> list[str]:
    """A sentence where tables of different X-rays name patients alike: the same people, or numbers that begin again?"""
    first: dict[str, Reading] = {}
    alike: dict[str, str] = {}
    for one in read:
        own = {row[0][column] for row in one.rows.values() for column in one.roles.patient} - {""}
        for patient in sorted(own):
            other = first.setdefault(patient, one)
            if other is not one and other.rows.keys().isdisjoint(one.rows):
                alike[patient] = f"{other.table.name} and {one.table.name}"
    if not alike:
        return []
    return [
        f"Tables of different X-rays name {pluralize(len(alike), 'patient')} alike ({some_of(list(alike))}; "
        f"{some_of(list(dict.fromkeys(alike.values())))}). They count as the same patient."
    ]
