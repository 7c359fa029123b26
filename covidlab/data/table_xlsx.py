"""Cells of a table in an Excel workbook, with openpyxl where it is installed."""

import datetime
import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing

from covidlab.data.table_text import Grid, filled_rows
from covidlab.errors import DataError
from covidlab.language import tr

SIGNATURE = b"PK\x03\x04"
_MAX_UNPACKED_BYTES = 120_000_000

# What openpyxl and the modules below it raise on files that are damaged or made by hand.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ArithmeticError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    RuntimeError,
    SyntaxError,  # ElementTree's ParseError
)


def xlsx_grid(data: bytes, *, name: str) -> tuple[Grid, tuple[str, ...]]:
    """Rows of cells of the first sheet with content, as ``table_text.text_grid`` gives them; values instead of formulas.

    Raises
    ------
    DataError
        openpyxl is not installed; the workbook is damaged, its cells take more than 120 MB unpacked, or it has too many rows or cells.
    """
    try:
        import openpyxl
    except ImportError as error:
        raise DataError(
            tr("Reading {name} needs openpyxl: pip install openpyxl. Or save the table as CSV.", name=name)
        ) from error
    try:
        _check_unpacked_size(data, name)
        # A style or an extension that openpyxl does not know changes no value.
        warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
        with closing(openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)) as book:
            return _first_filled(book.worksheets, name)
    except (openpyxl.utils.exceptions.InvalidFileException, *_DAMAGED) as error:
        raise DataError(
            tr("{name} is no Excel workbook that can be read; save the table again, or as CSV.", name=name)
        ) from error


def _check_unpacked_size(data: bytes, name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        # Pictures in a workbook are not read.
        unpacked = sum(member.file_size for member in archive.infolist() if member.filename.endswith((".xml", ".rels")))
    if unpacked > _MAX_UNPACKED_BYTES:
        raise DataError(
            tr(
                "{name} is too large: a workbook may hold {megabytes} MB unpacked.",
                name=name,
                megabytes=_MAX_UNPACKED_BYTES // 1000000,
            )
        )


def _first_filled(sheets: list, name: str) -> tuple[Grid, tuple[str, ...]]:
    for sheet in sheets:
        # The stated size may be wrong, by mistake or on purpose; without it each row ends where it ends.
        sheet.reset_dimensions()
        grid = filled_rows(_texts(sheet), name=name)
        if grid:
            several = f"{name} has {len(sheets)} sheets; the first with content was read: {sheet.title}."
            return grid, (several,) if len(sheets) > 1 else ()
    return [], ()


def _texts(sheet) -> Iterator[list[str]]:
    for row in sheet.iter_rows(values_only=True):
        yield [_text(value) for value in row]


def _text(value: object) -> str:
    """A cell as people see it: whole numbers without a decimal point, days without a time."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value)
