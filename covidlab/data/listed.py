"""What the tables beside X-rays say of them: rows by picture, and the columns that may be class or patient."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from covidlab.data.names import METADATA_NAME
from covidlab.data.tables import Matched, Roles, Table, find_roles, match_rows
from covidlab.text import some_of


@dataclass(frozen=True, kw_only=True)
class Listed:
    """What tables say of pictures.

    rows: by picture, without the column of files. places: picture -> its path as listed. labels, yes_no, patients: columns
    that may be the class or the patient. columns: all. names: of the tables used. absent: what the set's own metadata.csv
    lists and is not there.
    """

    rows: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    yes_no: tuple[str, ...] = ()
    patients: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()

    def column(self, name: str) -> dict[str, str]:
        """What a column says, by picture, where it says something."""
        return {picture: row[name] for picture, row in self.rows.items() if row.get(name)}

    @classmethod
    def of(cls, pictures: Sequence[str], tables: Sequence[Table]) -> "Listed":
        rows: dict[str, dict[str, str]] = defaultdict(dict)
        columns: dict[str, list[str]] = defaultdict(list)
        places: dict[str, str] = {}
        names, sentences, absent = [], [], []
        for table in tables:
            sentences += table.notes
            roles = find_roles(table)
            if not roles.file:
                sentences.append(_no_files(table))
                continue
            file, matched = _best_matched(table, roles, pictures)
            if not matched.rows and table.name != METADATA_NAME:
                sentences.append(f"{table.name} lists none of the X-rays here, so it is not used.")
                continue
            names.append(table.name)
            for picture, row in matched.rows.items():
                known = rows[picture]
                places[picture] = row[file].replace("\\", "/")
                known |= {name: text for name, text in row.items() if name != file and (text or name not in known)}
            if table.name == METADATA_NAME and file == "file":
                absent += matched.absent
            _note_roles(columns, table, roles)
            sentences += _about_matching(table.name, matched)
        return cls(
            rows=rows,
            places=places,
            labels=tuple(dict.fromkeys(columns["label"])),
            yes_no=tuple(dict.fromkeys(columns["yes_no"])),
            patients=tuple(dict.fromkeys(columns["patient"])),
            columns=tuple(dict.fromkeys(columns["all"])),
            names=tuple(names),
            absent=tuple(absent),
            sentences=tuple(sentences),
        )


def _no_files(table: Table) -> str:
    received = ", ".join(table.columns[:8])
    return f"{table.name} has no column that names files, so it is not used. Its columns are {received}."


def _best_matched(table: Table, roles: Roles, pictures: Sequence[str]) -> tuple[str, Matched]:
    """The column of files that fits most pictures, and its rows."""
    above = PurePosixPath(table.name).parent.as_posix()
    matched = {column: match_rows(table, column, pictures, above=above) for column in roles.file}
    return max(matched.items(), key=lambda found: len(found[1].rows))


def _note_roles(columns: dict[str, list[str]], table: Table, roles: Roles) -> None:
    columns["label"] += roles.label
    columns["yes_no"] += roles.yes_no
    columns["patient"] += roles.patient
    columns["all"] += [name for name in table.columns if name not in roles.file]


def _about_matching(name: str, matched: Matched) -> list[str]:
    sentences = []
    if matched.absent:
        number = len(matched.absent)
        what = "1 file that is not there" if number == 1 else f"{number:,} files that are not there"
        sentences.append(f"{name} lists {what}: {some_of(list(matched.absent))}.")
    if matched.ambiguous:
        sentences.append(
            f"{name} has {len(matched.ambiguous):,} names that fit several files, so their rows are not used: "
            f"{some_of(list(matched.ambiguous))}."
        )
    if matched.twice:
        sentences.append(
            f"{name} lists {len(matched.twice):,} X-rays more than once with different values; the first row counts: "
            f"{some_of(list(matched.twice))}."
        )
    return sentences
