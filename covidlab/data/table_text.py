"""Cells of a table in a text file: its encoding, its separator and its quotes are found out, not asked for."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice

from covidlab.errors import DataError
from covidlab.language import tr

MAX_CELLS = 10_000_000
MAX_ROWS = 1_048_576  # as many as Excel writes

# Where several fit equally well: a tab or a semicolon stands in a text more seldom than a comma ("1,5").
_SEPARATORS = "\t;,|"
_SNIFFED_CHARACTERS = 200_000
_SNIFFED_ROWS = 50
_SEPARATOR_LINE = re.compile(r'"?sep=([^"\r\n])"?(?:\r\n|\r|\n|$)', re.IGNORECASE)
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LEAST_NUL_SHARE = 0.02
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
# No table holds it (_CONTROL), so a quote that is never closed shows by having swallowed it.
_END = "\x1a"
_LIST_COLUMNS = ("patientid", "filename", "class", "source")
_FILE_NAME = re.compile(r"\S+\.[A-Za-z]\w{1,4}", re.ASCII)

Grid = list[list[str]]


def text_grid(data: bytes, *, name: str) -> tuple[Grid, tuple[str, ...]]:
    """Rows of cells, stripped, the header first, blank rows left out, and sentences on what was unusual.

    A list of files without a header (NIH's test_list.txt, COVIDx's train_split.txt) is given one where the name ends in .txt.

    Raises
    ------
    DataError
        No text, a quote that is not closed, or more rows or cells than a table may have.
    """
    text, notes = _decoded(data, name)
    if name.lower().endswith(".txt") and (grid := _headless_list(text)):
        return grid, (*notes, f"{name} was read as a list with the columns {', '.join(grid[0])}.")
    named = _SEPARATOR_LINE.match(text)
    if named:
        text = text[named.end() :]
    return _checked_rows(text, named[1] if named else _separator(text), name), notes


def filled_rows(rows: Iterable[Iterable[str]], *, name: str) -> Grid:
    """Rows that are not blank, their cells stripped; raises DataError for more than a table may have."""
    filled: Grid = []
    num_cells = 0
    for cells in rows:
        row = [cell.strip() for cell in cells]
        num_cells += len(row) + 1
        if len(filled) >= MAX_ROWS or num_cells > MAX_CELLS:
            raise DataError(
                tr(
                    "{name} is too large: a table may have {max_rows:,} rows and {max_cells:,} cells.",
                    name=name,
                    max_rows=MAX_ROWS,
                    max_cells=MAX_CELLS,
                )
            )
        if any(row):
            filled.append(row)
    return filled


def _decoded(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Text of a file, and a sentence where its encoding is not UTF-8 or marked UTF-16."""
    encoding = "utf-16" if data.startswith(_UTF16_MARKS) else _unmarked_utf16(data) or "utf-8"
    notes: tuple[str, ...] = ()
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise _no_text(name) from error
        try:
            text = data.removeprefix(codecs.BOM_UTF8).decode("cp1252")
        except UnicodeDecodeError as other:
            raise _no_text(name) from other
        notes = (f"{name} was read as Windows-1252, since it is not UTF-8.",)
    if encoding.startswith("utf-16-"):
        notes = (f"{name} was read as UTF-16, since every second byte is zero.",)
    text = text.lstrip("\ufeff").rstrip(_END)
    if _CONTROL.search(text):
        raise _no_text(name)
    return text, notes


def _no_text(name: str) -> DataError:
    return DataError(f"{name} holds something else than text; save the table as CSV in UTF-8.")


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 by its zero bytes, as separators and line ends have them in every language."""
    sample = data[:8192]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if even + odd <= _LEAST_NUL_SHARE * len(sample):
        return None
    if even * 10 <= odd:
        return "utf-16-le"
    return "utf-16-be" if odd * 10 <= even else None


def _headless_list(text: str) -> Grid:
    """Lines of a list without a header: a file each, with a value or not, or patient, file, class and perhaps source; else empty."""
    rows = [parts for line in re.split(r"[\r\n]+", text) if (parts := line.split())]
    if rows and [part.lower() for part in rows[0]] in (list(_LIST_COLUMNS[:3]), list(_LIST_COLUMNS)):
        rows = rows[1:]
    widths = {len(row) for row in rows}
    if len(widths) != 1:
        return []
    (width,) = widths
    # What the second of two columns is, nobody says; it may be the class.
    narrow = (*_LIST_COLUMNS[1:2], "value 2")[:width]
    columns, file = (_LIST_COLUMNS[:width], 1) if width in (3, 4) else (narrow, 0)
    if width != len(columns) or not all(_FILE_NAME.fullmatch(row[file]) for row in rows):
        return []
    return [list(columns), *rows]


def _separator(text: str) -> str:
    """Separator with which the first rows fit the header best; a comma where the header is one column with each."""
    best = max(_SEPARATORS, key=lambda separator: _fit(text, separator))
    return best if _fit(text, best) > (0, 0) else ","


def _fit(text: str, separator: str) -> tuple[float, int]:
    """Share of rows that have several values and no more than the header has columns, and the number of columns."""
    rows = [row for row in islice(_rows(text[:_SNIFFED_CHARACTERS], separator), _SNIFFED_ROWS) if any(row)]
    num_columns = _num_filled(rows[0]) if rows else 0
    if num_columns < 2 and (num_columns == 0 or len(rows[0]) < 2):
        return 0, 0
    fitting = sum(len(row) >= 2 and _num_filled(row) <= len(rows[0]) for row in rows)
    return fitting / len(rows), num_columns


def _num_filled(row: list[str]) -> int:
    """Number of values up to the last that is not empty."""
    return max((place for place, cell in enumerate(row, start=1) if cell.strip()), default=0)


def _rows(text: str, separator: str) -> Iterator[list[str]]:
    """Rows up to the first that cannot be read."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=separator != " ")
    try:
        yield from reader
    except csv.Error:
        return


def _checked_rows(text: str, separator: str, name: str) -> Grid:
    file = io.StringIO(f"{text}\n{_END}", newline="")
    try:
        # A quote inside a value ("Big" Joe) is not refused, as spreadsheets do not refuse it.
        reader = csv.reader(file, delimiter=separator, skipinitialspace=separator != " ")
        rows = filled_rows(reader, name=name)
    except csv.Error as error:
        limit = f"{csv.field_size_limit():,}"
        raise DataError(
            tr(
                "{name} has a value of more than {limit} letters, or a quote that is not closed.",
                name=name,
                limit=limit,
            )
        ) from error
    if rows.pop() != [_END]:
        raise DataError(
            tr("{name} has a quote that is not closed; close it, or write it twice inside a quoted value.", name=name)
        )
    return rows
