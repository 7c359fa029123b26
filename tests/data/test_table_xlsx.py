"""Tables in Excel workbooks: which sheet and texts are read, and what is refused."""

import io
import sys
import zipfile

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from covidlab.data.tables import Table, find_roles, match_rows, parse_table
from covidlab.errors import DataError


def parsed(data: bytes, name="a.xlsx") -> Table:
    return parse_table(data, name=name)


def workbook(*sheets) -> bytes:
    """Content of an .xlsx with sheets of rows."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Sheet{number + 1}")
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_parse_table_of_a_workbook_gives_its_texts():
    cells = [["FILE NAME", "FORMAT", "Size", "ok", None], ["COVID-1", "PNG", 256.0, True, None], [None] * 5]
    read = parsed(workbook([], [*cells, ["COVID-2", None, 0.5, 7]]), name="COVID.metadata.xlsx")

    assert read.columns == ("FILE NAME", "FORMAT", "Size", "ok")
    assert [list(row.values()) for row in read.rows] == [["COVID-1", "PNG", "256", "True"], ["COVID-2", "", "0.5", "7"]]
    assert read.notes == ("COVID.metadata.xlsx has 2 sheets; the first with content was read: Sheet2.",)
    assert set(match_rows(read, *find_roles(read).file, ["COVID/images/COVID-1.png"]).rows) == {
        "COVID/images/COVID-1.png"
    }


def test_parse_table_of_a_workbook_without_cells_or_damaged_says_so():
    with pytest.raises(DataError, match=r"a\.xlsx is empty"):
        parsed(workbook([]), name="a.xlsx")
    for data in (b"PK\x03\x04" + b"\0" * 50, b"file,patient_id\n", workbook([["file"]])[:-200]):
        with pytest.raises(DataError, match=r"a\.xlsx is no Excel workbook that can be read"):
            parsed(data, name="a.xlsx")


def test_parse_table_of_a_workbook_that_grows_on_unpacking_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 120_000_001, compresslevel=1)
    with pytest.raises(DataError, match="may hold 120 MB unpacked"):
        parsed(file.getvalue(), name="a.xlsx")


def test_parse_table_of_a_workbook_with_one_cell_far_away_is_read_soon():
    openpyxl = pytest.importorskip("openpyxl")
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active.cell(1_048_576, 16_384, "x")
    book.save(file)

    assert parsed(file.getvalue(), name="a.xlsx").columns == ("x",)


def test_parse_table_of_a_workbook_without_openpyxl_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(DataError, match=r"Reading a\.xlsx needs openpyxl: pip install openpyxl"):
        parsed(b"PK\x03\x04", name="a.xlsx")


@settings(max_examples=25, deadline=None, database=None, derandomize=True)
@given(st.floats(0, 1), st.sampled_from((b"", b"<", b"9999999", b'"', b"\xff", b"</c>")), st.integers(0, 6))
def test_parse_table_of_a_workbook_damaged_inside_raises_nothing_but_its_own_error(place, inserted, removed):
    assume(inserted or removed)
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([["file", "n"], ["a.png", 1.0]]))) as whole:
        contents = {name: whole.read(name) for name in whole.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in contents.items():
            start = int(place * len(content))
            archive.writestr(name, content[:start] + inserted + content[start + removed :])

    try:
        read = parsed(file.getvalue())
    except DataError as error:
        assert "a.xlsx" in str(error)
    else:
        assert all(set(row) == set(read.columns) for row in read.rows)
