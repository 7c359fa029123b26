"""Tables that Hypothesis makes: what was written is read, and what is damaged raises nothing but our own error."""

import csv
import io

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from covidlab.data.tables import find_roles, match_rows, parse_table
from covidlab.errors import DataError

# Letters that no file of cp1252 can be taken for UTF-8 with, and whose UTF-16 has a zero byte.
PLAIN = "abcXYZ019 äöüßéñ._-/\\'#"
ANY = st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")
QUICK = settings(
    max_examples=40, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@st.composite
def tables(draw) -> tuple[list[str], list[list[str]], str, dict]:
    """Header, rows, encoding and dialect of a table that a program may have written."""
    encoding = draw(st.sampled_from(ENCODINGS))
    dialect = {
        "delimiter": draw(st.sampled_from(",;\t|")),
        "quoting": draw(st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))),
        "lineterminator": draw(st.sampled_from(("\n", "\r\n", "\r"))),
    }
    letters = ANY if encoding in ("utf-8", "utf-8-sig", "utf-16") else st.sampled_from(PLAIN)
    # Python's writer quotes a line end in a cell only where it is its own.
    signs = st.sampled_from(f',;\t|"{dialect["lineterminator"]}')
    cell = st.text(letters | signs, max_size=6)
    name = st.text(st.sampled_from("abcdefg ÄÖ"), min_size=1, max_size=5).map(str.strip).filter(bool)
    header = draw(st.lists(name, min_size=2, max_size=5, unique_by=str.casefold))
    rows = draw(st.lists(st.lists(cell, min_size=len(header), max_size=len(header)), max_size=6))
    return header, rows, encoding, dialect


def as_bytes(header, rows, encoding, dialect) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, **dialect).writerows([header, *rows])
    return file.getvalue().encode(encoding)


@QUICK
@given(tables())
def test_parse_table_of_what_a_csv_writer_wrote_gives_it_back(made):
    header, rows, *_ = made

    read = parse_table(as_bytes(*made), name="metadata.csv")

    assert read.columns == tuple(header)
    stripped = [[cell.strip() for cell in row] for row in rows]
    assert [list(row.values()) for row in read.rows] == [row for row in stripped if any(row)]


@QUICK
@given(tables(), st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=3), st.integers(0, 3)), min_size=1, max_size=4))
def test_parse_table_of_damaged_bytes_raises_nothing_but_its_own_error(made, damages):
    data = as_bytes(*made)
    for place, inserted, removed in damages:
        start = int(place * len(data))
        data = data[:start] + inserted + data[start + removed :]

    assert_read_or_refused(data, "metadata.csv")


@QUICK
@given(st.binary(max_size=60) | st.text(st.sampled_from('a,;\t|"\r\n =sep.png'), max_size=40).map(str.encode))
def test_parse_table_of_any_bytes_raises_nothing_but_its_own_error(data):
    assert_read_or_refused(data, "train_list.txt")


def assert_read_or_refused(data: bytes, name: str) -> None:
    try:
        read = parse_table(data, name=name)
    except DataError as error:
        assert name in str(error)
        return
    assert all(set(row) == set(read.columns) for row in read.rows)
    for column in find_roles(read).file or read.columns:
        match_rows(read, column, ("covid/a.png", "b.png"))
