"""Tables as other programs write them, what their columns mean, and which file each of their rows is about."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import NamedTuple

from covidlab.data.endings import Endings, Found
from covidlab.data.names import FILM_SUFFIXES
from covidlab.data.table_text import MAX_CELLS, Grid, text_grid
from covidlab.data.table_xlsx import SIGNATURE, xlsx_grid
from covidlab.errors import DataError
from covidlab.language import tr
from covidlab.text import one_line

MAX_TABLE_BYTES = 50_000_000

_TABLE_SUFFIXES = (".csv", ".tsv", ".xlsx")
# A .txt is more often a README; "test" must begin a word, so that latest.txt is none.
_LIST_NAME = re.compile(
    r"(?<![a-z])(?:split|train|test|list|label|metadata|val(?:id(?:ation)?)?(?![a-z]))|(?:list|labels?)(?![a-z])"
)
_INDEX_COLUMN = re.compile(r"(?:Unnamed: 0(?:\.\d+)?)?")

# Usual names, without case, accents, spaces and punctuation; in English, then German, French, Spanish, Italian, Portuguese.
_FILE = re.compile(
    r"(?:(?:xray)?(?:file|image|img|picture)|datei|bild|fichier|archivo|fichero|imagen|imagem|arquivo|immagine)s?|paths?|pfad|fname"
    r"|relativepath|(?:file|image|img|dicom|imagefile|xray|xrayimage|picture|scan)(?:name|path|file|id|index)s?"
    r"|(?:datei|bild)(?:name|pfad|datei)|dateien|bilder|nomfichier|nombrearchivo"
)
_EXACTLY_FILE = ("file", "filename")
# A table as covidlab has always asked for it is never a question.
_OWN = ("file", "patient_id")
_LABEL = re.compile(
    r"(?:class|label)(?:es|s|name|label)?|findings?(?:labels?)?|diagnos[ei]s|categor(?:y|ies)|targets?|diseases?|patholog(?:y|ies)|classifications?"
    r"|diagnosen?|befunde?|klassen?|etikett(?:en)?|krankheit(?:en)?|diagnosti(?:c|co|que)s?|classes?|etiquetas?|etiquettes?|clases?|hallazgos?"
    r"|enfermedad|maladie|malattia|diagnosi|doenca|achados?|referti?"
)
_PATIENT = re.compile(
    r"(?:patient|subject|participant|patienten|paciente|paziente)s?(?:ids?|no|nr|number|code|nummer)?|(?:id|no|num)patient|patid|ptid|pid|(?:anon)?mrn"
)
_VIEW = re.compile(r"views?(?:positions?)?(?:dicom)?|position|projections?|projektion|appa|paap|frontallateral")
_PART_OF_SPLIT = re.compile(r"(?:data)?(?:split|subset|partition|set|part)(?:name|type)?|datasettype|phase|fase")
_NO_FINDING = re.compile(
    r"(?:patient(?:en)?)?(?:age|sex|gender|geschlecht|alter|sexo|edad|sexe)(?:s|years|group)?|offset|followup|modality|date|datum"
)
_YES_OR_NO = frozenset(("0", "1", "-1", "0.0", "1.0", "-1.0", "true", "false", "yes", "no"))
_LOOKS_LIKE_FILE = re.compile(r"[\\/]|\.[A-Za-z]\w{1,4}$", re.ASCII)
_MOST = 0.9
_PICTURE_ENDS = tuple(FILM_SUFFIXES)


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table that was read.

    name: path it came under. columns: as in the file, stripped. rows: column -> stripped text, "" where empty.
    notes: sentences on how it was read, where that is unusual.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Roles:
    """Columns by what their usual names say, each in the table's order; several of one kind are a question.

    yes_no: columns of 1 and 0 (or true, yes, -1 for unsure), as CheXpert has one for each finding; none of the others.
    part: columns that say the part of a split. sidelines: age, sex, date and the like, never a class.
    """

    file: tuple[str, ...] = ()
    label: tuple[str, ...] = ()
    patient: tuple[str, ...] = ()
    view: tuple[str, ...] = ()
    yes_no: tuple[str, ...] = ()
    part: tuple[str, ...] = ()
    sidelines: tuple[str, ...] = ()


class Matched(NamedTuple):
    """Rows of a table by the file they are about.

    rows: by the name of the file. absent: listed names that no file has. ambiguous: listed names that fit several files.
    twice: files that are listed by rows that differ; the first is kept. more: the other rows of these.
    """

    rows: dict[str, Mapping[str, str]]
    absent: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    more: Mapping[str, Sequence[Mapping[str, str]]] = MappingProxyType({})


def is_table_name(name: str) -> bool:
    """Whether a file of this name may be a table; .txt only where the name says that it is a list."""
    path = PurePosixPath(name.replace("\\", "/").lower())
    if path.name.startswith((".", "~$")):
        return False
    return path.suffix in _TABLE_SUFFIXES or (path.suffix == ".txt" and bool(_LIST_NAME.search(path.stem)))


def parse_table(data: bytes, *, name: str) -> Table:
    """Table in a file of text (separator, encoding and quotes are found out) or an Excel workbook.

    Parameters
    ----------
    data : content of the file
    name : path it came under, for sentences

    Raises
    ------
    DataError
        The file is empty, too large or no table, a column is there twice, or a row has more values than columns.
    """
    shown = one_line(name, max_length=300)
    if len(data) > MAX_TABLE_BYTES:
        limit = f"at most {MAX_TABLE_BYTES // 1_000_000} MB"
        raise DataError(
            tr(
                "{shown} is too large for a table: {limit}. Received: {megabytes:,.1f} MB.",
                shown=shown,
                limit=limit,
                megabytes=len(data) / 1_000_000,
            )
        )
    is_workbook = data.startswith(SIGNATURE) or name.lower().endswith(".xlsx")
    grid, notes = xlsx_grid(data, name=shown) if is_workbook and data else text_grid(data, name=shown)
    if not grid:
        raise DataError(tr("{shown} is empty; a table begins with a row of column names.", shown=shown))
    return _table(name, shown, grid, notes)


def find_roles(table: Table) -> Roles:
    """Columns of a table by their usual names; where none is named as files are, those whose values all end as X-rays do."""
    plain = {column: _plain(column) for column in table.columns}

    def named(names: re.Pattern) -> tuple[str, ...]:
        return tuple(column for column in table.columns if names.fullmatch(plain[column]))

    label, patient, view = named(_LABEL), named(_PATIENT), named(_VIEW)
    taken = {*label, *patient, *view}
    file = _file_columns(table, plain, named(_FILE)) or tuple(
        column for column in table.columns if column not in taken and _holds_pictures(table, column)
    )
    if set(_OWN) <= set(table.columns):
        file, patient = _OWN[:1], _OWN[1:]
    taken |= {*named(_FILE), *file, *named(_NO_FINDING)}
    yes_no = tuple(column for column in table.columns if column not in taken and _is_yes_or_no(table, column))
    return Roles(
        file=file,
        label=label,
        patient=patient,
        view=view,
        yes_no=yes_no,
        part=named(_PART_OF_SPLIT),
        sidelines=named(_NO_FINDING),
    )


def match_rows(table: Table, file_column: str, names: Iterable[str], *, above: str = "") -> Matched:
    """Row of each file that the table lists; a row without a name in ``file_column`` is about no file.

    Parameters
    ----------
    file_column : column with the names; paths of other systems and of other folders are understood where they end in one file
    names : files, posix paths relative to the root of the set
    above : posix folder the table lies in, relative to the root, "" for the root
    """
    names = list(names)
    endings = Endings(names, above=above)
    claims: dict[str, _Claim] = {}
    absent: list[str] = []
    several: dict[str, Found] = {}
    for row in table.rows:
        if listed := row[file_column]:
            found = endings.find(listed)
            if found.file is not None:
                absent += claims.setdefault(found.file, _Claim(file_column)).displaced(listed, row, found.strength)
            elif found.several:
                several[listed] = found
            else:
                absent.append(listed)
    ambiguous, not_there = _apart(several, [name for name in names if name not in claims], above)
    return Matched(
        {file: claim.row for file, claim in claims.items()},
        tuple(dict.fromkeys([*absent, *not_there])),
        tuple(ambiguous),
        tuple(file for file, claim in claims.items() if claim.differ),
        {file: claim.more for file, claim in claims.items() if claim.differ},
    )


def split_labels(cell: str) -> tuple[str, ...]:
    """Labels of one cell, each once: at ``|``, ``;`` and ``,``, and in a list as Python writes it; a ``/`` belongs to a label."""
    text, quotes = cell.strip(), ""
    if text.startswith("[") and text.endswith("]"):
        text, quotes = text[1:-1], "'\""
    labels = (part.strip().strip(quotes).strip() for part in re.split(r"[|;,]", text))
    return tuple(dict.fromkeys(filter(None, labels)))


class _Claim:
    """The row of one file, among rows whose names fit it."""

    def __init__(self, file_column: str):
        self.row: Mapping[str, str] = {}
        self.differ = False
        self.more: list[Mapping[str, str]] = []
        self._file_column = file_column
        self._strength: tuple[int, ...] = ()
        self._listed: list[str] = []

    def displaced(self, listed: str, row: Mapping[str, str], strength: tuple[int, ...]) -> list[str]:
        """Names that mean another file, one that is not there, since this row or an earlier one fits this file better."""
        if strength < self._strength:
            return [listed]
        if strength == self._strength:
            self._listed.append(listed)
            self.more.append(row)
            self.differ |= any(row[column] != self.row[column] for column in row if column != self._file_column)
            return []
        weaker, self._listed = self._listed, [listed]
        self.row, self._strength, self.differ, self.more = row, strength, False, []
        return weaker


def _apart(several: Mapping[str, Found], unclaimed: list[str], above: str) -> tuple[list[str], list[str]]:
    """Names that fit several files apart from those whose folder fits none and whose every file has a row of its own."""
    if not several:
        return [], []
    left = Endings(unclaimed, above=above)
    absent = {name: True for name, found in several.items() if found.in_part and left.find(name) == Found(None)}
    return [name for name in several if name not in absent], list(absent)


def _table(name: str, shown: str, grid: Grid, notes: tuple[str, ...]) -> Table:
    """Table of a grid whose first row is the header."""
    grid, unnamed = _with_header(shown, grid)
    header, *rows = grid
    received = f"Received: {_listed(header)}."
    if len(header) * len(grid) > MAX_CELLS:
        raise DataError(
            tr("{shown} is too large: a table may have {max_cells:,} cells.", shown=shown, max_cells=MAX_CELLS)
        )
    for row in rows:
        if any(row[len(header) :]):
            raise DataError(
                tr(
                    "{shown} has a row with more values than columns; put texts with commas in quotes. "
                    "{received} The row: {cells}.",
                    shown=shown,
                    received=received,
                    cells=_listed(row),
                )
            )
        row.extend([""] * (len(header) - len(row)))
    kept = [place for place, column in enumerate(header) if column or any(row[place] for row in rows)]
    header, kept, more = _without_index(shown, header, kept, rows)
    columns = tuple(header[place] for place in kept)
    _check_columns(shown, columns, received)
    filled = tuple({header[place]: row[place] for place in kept} for row in rows)
    return Table(name=name, columns=columns, rows=filled, notes=(*notes, *unnamed, *more))


def _with_header(shown: str, grid: Grid) -> tuple[Grid, tuple[str, ...]]:
    """The grid with names of columns above it, where its first row names an X-ray as the others do."""
    first = grid[0]
    files = [place for place, cell in enumerate(first) if cell.lower().endswith(_PICTURE_ENDS)]
    of_files = [place for place in files if _mostly(_LOOKS_LIKE_FILE, [row[place] for row in grid if place < len(row)])]
    if not of_files:
        return grid, ()
    width = max(map(len, grid))
    names = ["file" if place == of_files[0] else f"value {place + 1}" for place in range(width)]
    grid = [names, *([*row, *([""] * (width - len(row)))] for row in grid)]
    return grid, (f"{shown} has no row of column names, so its columns are called {', '.join(names[:8])}.",)


def _listed(cells: Iterable[str]) -> str:
    """Cells that are not empty for a sentence, the first of many; a table may have millions."""
    return one_line(", ".join(islice(filter(None, cells), 50))[:1000], max_length=300)


def _without_index(shown: str, header: list[str], kept: list[int], rows: Grid) -> tuple[list, list, tuple[str, ...]]:
    """Header and places of columns without a first one that only numbers the rows; one that names files is called file."""
    notes: tuple[str, ...] = ()
    while len(kept) > 1 and _INDEX_COLUMN.fullmatch(header[kept[0]]):
        cells = [row[kept[0]] for row in rows]
        if _mostly(_LOOKS_LIKE_FILE, cells) and not any(_FILE.fullmatch(_plain(column)) for column in header):
            header = ["file" if place == kept[0] else column for place, column in enumerate(header)]
            return header, kept, (*notes, f"The first column of {shown} has no name; it holds names of files.")
        if not all(cell.isdigit() for cell in cells if cell):
            notes = (*notes, f"The first column of {shown} has no name and was left out.")
        kept = kept[1:]
    return header, kept, notes


def _check_columns(shown: str, columns: tuple[str, ...], received: str) -> None:
    if "" in columns:
        raise DataError(
            tr(
                "{shown} has values in a column without a name; name each column. {received}",
                shown=shown,
                received=received,
            )
        )
    seen: set[str] = set()
    for column in columns:
        key = unicodedata.normalize("NFC", column).casefold()
        if key in seen:
            raise DataError(
                tr(
                    "{shown} has the column {one_line} twice; give each column a name of its own. {received}",
                    shown=shown,
                    one_line=one_line(column),
                    received=received,
                )
            )
        seen.add(key)


def _plain(column: str) -> str:
    letters = unicodedata.normalize("NFKD", column.casefold())
    return re.sub(r"[\W_]+", "", "".join(letter for letter in letters if not unicodedata.combining(letter)))


def _file_columns(table: Table, plain: Mapping[str, str], named: tuple[str, ...]) -> tuple[str, ...]:
    """Those that look like names of files first, of these the usual name first and, where it is there, alone."""

    def looks_like_files(column: str) -> bool:
        return _mostly(_LOOKS_LIKE_FILE, [row[column] for row in table.rows])

    looking = {column: looks_like_files(column) for column in named}
    ordered = sorted(named, key=lambda column: (not looking[column], plain[column] not in _EXACTLY_FILE))
    if ordered and looking[ordered[0]] and plain[ordered[0]] in _EXACTLY_FILE:
        return (ordered[0],)
    return tuple(ordered)


def _mostly(pattern: re.Pattern, cells: list[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and sum(pattern.search(cell) is not None for cell in filled) >= _MOST * len(filled)


def _holds_pictures(table: Table, column: str) -> bool:
    cells = [row[column] for row in table.rows if row[column]]
    return bool(cells) and all(cell.lower().endswith(_PICTURE_ENDS) for cell in cells)


def _is_yes_or_no(table: Table, column: str) -> bool:
    cells = {row[column].lower() for row in table.rows} - {""}
    return bool(cells) and cells <= _YES_OR_NO
