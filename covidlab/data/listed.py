"""What the tables beside X-rays say of them: rows by picture, and the columns that may be class, patient or part of a split."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import NamedTuple

from covidlab.data.about_tables import Reading, about_tables
from covidlab.data.folder_names import part_of_split
from covidlab.data.names import METADATA_NAME
from covidlab.data.table_keys import Keys
from covidlab.data.tables import Matched, Table, find_roles, match_rows
from covidlab.language import tr

# A table of a few of the X-rays, such as NIH's boxes, is not asked for their class.
_LEAST_SHARE = 0.1
_MOST_VALUES = 20


@dataclass(frozen=True, kw_only=True)
class Listed:
    """What tables say of pictures.

    rows: by picture, without the column of files. places: picture -> its path as listed. labels, yes_no, patients: columns
    that may be the class or the patient. others: columns with a few values, which may be the class where no column is called
    so. parts: picture -> part of a split. names: of the tables used. columns: of each of them. absent: what the set's own metadata.csv lists and is not
    there. is_own: that table has the form in which covidlab writes it.
    """

    rows: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    yes_no: tuple[str, ...] = ()
    patients: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    is_own: bool = False

    def column(self, name: str) -> dict[str, str]:
        """What a column says, by picture, where it says something."""
        return {picture: row[name] for picture, row in self.rows.items() if row.get(name)}

    def tables_with(self, column: str) -> list[str]:
        """Names of the tables that have a column."""
        return [name for name in self.names if column in self.columns[name]]

    @cached_property
    def stated_patients(self) -> dict[str, str]:
        """Patient by picture, where it is stated by one column or by several that agree; else empty."""
        found = {}
        for picture, row in self.rows.items():
            said = {row[column].strip() for column in self.patients if row.get(column, "").strip()}
            if len(said) > 1:
                return {}
            if said:
                found[picture] = said.pop()
        return found

    @cached_property
    def one_of_several(self) -> dict[str, str]:
        """Class by picture, where a column for each class holds yes for just one of them; else empty."""
        if len(self.yes_no) < 2 or self.labels:
            return {}
        found = {}
        for picture, row in self.rows.items():
            cells = {column: row[column].lower() for column in self.yes_no if row.get(column)}
            yes = [column for column, cell in cells.items() if cell in YES]
            if (
                len(cells) < len(self.yes_no)
                or len(yes) != 1
                or any(cell not in (*YES, *NO) for cell in cells.values())
            ):
                return {}
            found[picture] = yes[0]
        return found if len(set(found.values())) > 1 else {}

    @classmethod
    def of(cls, pictures: Sequence[str], tables: Sequence[Table]) -> "Listed":
        """Return what ``tables`` say of ``pictures``."""
        read = [_read(table, pictures) for table in tables if not _is_form(table)]
        used = [one for one in read if one.rows]
        _find_keys([one for one in read if not one.rows], pictures, used)
        most = max((len(one.rows) for one in used), default=0)
        asked = [one for one in used if len(one.rows) >= _LEAST_SHARE * most]
        rows = _together(used)
        labels = _different(_unique(column for one in asked for column in one.roles.label), rows)
        yes_no = _unique(column for one in asked for column in one.roles.yes_no if _has_yes(one, column))
        own = next((one for one in read if one.table.name == METADATA_NAME and one.file == "file"), None)
        return cls(
            rows=rows,
            places={
                name: row[0][one.file].replace("\\", "/")
                for one in used
                if one.by_file
                for name, row in one.rows.items()
            },
            labels=labels,
            yes_no=yes_no,
            patients=_unique(column for one in asked for column in one.roles.patient),
            others=() if labels or yes_no else _unique(column for one in asked for column in _other_columns(one)),
            parts=_parts(used),
            names=tuple(one.table.name for one in used),
            columns={one.table.name: one.table.columns for one in used},
            absent=own.matched.absent if own else (),
            sentences=(
                *(note for table in tables for note in table.notes),
                *(
                    tr("{name} is a form for answers by its name, so it is not used.", name=table.name)
                    for table in tables
                    if _is_form(table)
                ),
                *about_tables(read, asked),
            ),
            is_own=bool(own) and "patient_id" in own.table.columns and 2 * len(own.rows) > len(pictures),
        )


YES, NO = ("1", "1.0", "true", "yes"), ("0", "0.0", "false", "no")


class _Fit(NamedTuple):
    column: str
    matched: Matched


def _read(table: Table, pictures: Sequence[str]) -> Reading:
    """The table with the rows of each picture, by the column of files that fits most of them."""
    roles = find_roles(table)
    above = PurePosixPath(table.name).parent.as_posix()
    fits = [_Fit(column, match_rows(table, column, pictures, above=above)) for column in roles.file]
    best = max(fits, key=lambda fit: len(fit.matched.rows), default=None)
    if best is None:
        return Reading(table=table, roles=roles)
    rows = {name: [row, *best.matched.more.get(name, ())] for name, row in best.matched.rows.items()}
    return Reading(table=table, roles=roles, file=best.column, rows=rows, matched=best.matched)


def _find_keys(without_rows: Sequence[Reading], pictures: Sequence[str], used: list[Reading]) -> None:
    """Give the tables that name no file the rows that they give to patients, studies or numbers of images."""
    if not without_rows or not pictures:
        return
    keys = Keys(pictures)
    for one in without_rows:
        if not one.matched.ambiguous and (keyed := keys.find(one.table, one.roles)):
            one.rows, one.file, one.by_file = keyed.rows, keyed.column, False
            used.append(one)


def _together(used: Sequence[Reading]) -> dict[str, dict[str, str]]:
    """The row of each picture over all tables; of several rows in one table the first counts, labels are put together."""
    rows: dict[str, dict[str, str]] = defaultdict(dict)
    for one in used:
        hidden = one.file if one.by_file else ""
        for picture, several in one.rows.items():
            known = rows[picture]
            first = several[0] if len(several) == 1 else _joined(several, one.roles.label)
            known |= {name: text for name, text in first.items() if name != hidden and (text or name not in known)}
    return rows


def _joined(several: Sequence[Mapping[str, str]], labels: Sequence[str]) -> dict[str, str]:
    said = {column: " | ".join(dict.fromkeys(row[column] for row in several if row[column])) for column in labels}
    return {**several[0], **said}


def _has_yes(one: Reading, column: str) -> bool:
    return any(row[0][column].lower() in YES for row in one.rows.values())


def _other_columns(one: Reading) -> list[str]:
    """Columns of words with a few values that come again, none of them named as a class is."""
    roles = one.roles
    taken = {one.file, *roles.file, *roles.patient, *roles.view, *roles.part, *roles.sidelines}
    found = []
    for column in one.table.columns:
        values = {row[0][column] for row in one.rows.values()} - {""}
        has_words = any(any(letter.isalpha() for letter in value) for value in values)
        if column not in taken and has_words and 2 <= len(values) <= min(_MOST_VALUES, len(one.rows) // 2):
            found.append(column)
    return found


def _is_form(table: Table) -> bool:
    """Whether a table is the form of a competition, filled with what is no answer: sample_submission.csv."""
    return "submission" in table.name.casefold()


def _different(labels: Sequence[str], rows: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """Columns of labels without those that part the pictures as an earlier one does: 0 and 1 beside covid and normal.

    Of two that say the same, the one with words stays.
    """
    if len(labels) < 2:
        return tuple(labels)
    words_first = sorted(
        labels, key=lambda label: not any(c.isalpha() for row in rows.values() for c in row.get(label, ""))
    )
    kept: list[str] = []
    for label in words_first:
        if not any(_say_the_same(label, other, rows) for other in kept):
            kept.append(label)
    return tuple(label for label in labels if label in kept)


def _say_the_same(one: str, other: str, rows: Mapping[str, Mapping[str, str]]) -> bool:
    pairs = {(row.get(one, ""), row.get(other, "")) for row in rows.values()}
    return len({first for first, _ in pairs}) == len({second for _, second in pairs}) == len(pairs)


def _parts(used: Sequence[Reading]) -> dict[str, str]:
    """Part of a split by picture: from a column that says it, else from tables such as train_list.txt and test_list.txt."""
    for one in used:
        for column in one.roles.part:
            cells = {name: rows[0][column] for name, rows in one.rows.items() if rows[0][column]}
            parts = {cell: part_of_split(cell) for cell in set(cells.values())}
            if len(parts) > 1 and all(parts.values()):
                return {name: parts[cell] for name, cell in cells.items()}
    lists = {one.table.name: part_of_split(PurePosixPath(one.table.name).stem) for one in used}
    found = {name: lists[one.table.name] for one in used if lists[one.table.name] for name in one.rows}
    return found if len(set(found.values())) > 1 else {}


def _unique(columns: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(columns))
