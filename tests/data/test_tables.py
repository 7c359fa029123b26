"""Tables of other programs: what is read, what its columns mean, and which X-ray each row is about."""

import codecs

import pytest

from covidlab.data.tables import Table, find_roles, is_table_name, match_rows, parse_table, split_labels
from covidlab.errors import DataError

FILES = ("covid/a.png", "covid/b.png", "normal/c.png")
PATIENTS = ("Patient 1 Müller", "Patient 1 Müller", "Patient 2 Ångström")


def written(rows, *, columns=("file", "patient_id"), separator=",", end="\r\n") -> str:
    return end.join(separator.join(row) for row in (columns, *rows)) + end


def of_fifty(*, above="", slash="/", **habits) -> str:
    """Text of a metadata.csv of three X-rays, as some program writes it."""
    files = [(above + file).replace("/", slash) for file in FILES]
    return written(zip(files, PATIENTS, strict=True), **habits)


def numbered(index: str, *, columns=("", "file", "patient_id")) -> str:
    """The same with an index before each row, as pandas writes it."""
    rows = zip(FILES, PATIENTS, strict=True)
    return written([(*index.split(",")[:-1], *row) for row in rows], columns=columns, end="\n")


def table(*rows, columns=("file", "patient_id"), name="metadata.csv") -> Table:
    return Table(name=name, columns=columns, rows=tuple(dict(zip(columns, row, strict=True)) for row in rows))


def values(read: Table) -> list[list[str]]:
    return [[row[column] for column in read.columns] for row in read.rows]


def parsed(text: str | bytes, name="metadata.csv") -> Table:
    return parse_table(text.encode() if isinstance(text, str) else text, name=name)


HABITS = {
    "as it should be": of_fifty().encode(),
    "lf": of_fifty(end="\n").encode(),
    "cr, as Excel for the Mac": of_fifty(end="\r").encode(),
    "excel_semicolon": of_fifty(separator=";").encode("cp1252"),
    "tabs": of_fifty(separator="\t").encode(),
    "pipes": of_fifty(separator="|").encode(),
    "spaces": of_fifty(separator=", ").encode(),
    "utf8bom": of_fifty().encode("utf-8-sig"),
    "two boms": codecs.BOM_UTF8 + of_fifty().encode("utf-8-sig"),
    "utf16, as Excel's Unicode text": of_fifty(separator="\t").encode("utf-16"),
    "utf-16 be": codecs.BOM_UTF16_BE + of_fifty().encode("utf-16-be"),
    "utf-16 le without a bom": of_fifty().encode("utf-16-le"),
    "utf-16 be without a bom": of_fifty().encode("utf-16-be"),
    "cp1252": of_fifty().encode("cp1252"),
    "cp1252 behind a bom": codecs.BOM_UTF8 + of_fifty().encode("cp1252"),
    "backslash": of_fifty(slash="\\").encode(),
    "capital": of_fifty(columns=("File", "Patient_ID")).encode(),
    "cohen_names": of_fifty(columns=("filename", "patientid")).encode(),
    "words apart": of_fifty(columns=("Image Index", "Patient ID")).encode(),
    "sep line": b"sep=;\r\n" + of_fifty(separator=";").encode(),
    "an end-of-file of DOS": of_fifty().encode() + b"\x1a",
    "trailing commas": of_fifty().replace("\r\n", ",,\r\n").encode(),
    "trailing commas below the header": of_fifty().replace("\r\ncovid", ",\r\ncovid").encode(),
    "blank rows": of_fifty().replace("\r\n", "\r\n\r\n,\r\n").encode(),
    "quotes": of_fifty(end='"\r\n"', separator='" ,"').join('""').encode().removesuffix(b'"'),
    "pandas' index": numbered("0,").encode(),
    "pandas' index, twice": numbered("0,1,", columns=("Unnamed: 0.1", "Unnamed: 0", "file", "patient_id")).encode(),
    "absolute paths": of_fifty(above="C:/Users/me/set/", slash="\\").encode(),
    "dot paths": of_fifty(above="./").encode(),
}


@pytest.mark.parametrize("habit", HABITS)
def test_parse_table_of_each_habit_names_the_patient_of_each_file(habit):
    read = parsed(HABITS[habit])

    roles = find_roles(read)
    matched = match_rows(read, *roles.file, FILES)

    assert {file: row[roles.patient[0]] for file, row in matched.rows.items()} == dict(
        zip(FILES, PATIENTS, strict=True)
    )
    assert matched[1:4] == ((), (), ())
    assert len(read.columns) == 2


@pytest.mark.parametrize(
    ("habit", "note"),
    [("cp1252", "read as Windows-1252"), ("utf-16 le without a bom", "read as UTF-16"), ("utf8bom", ""), ("lf", "")],
)
def test_parse_table_in_an_unusual_encoding_says_so(habit, note):
    notes = parsed(HABITS[habit]).notes

    assert len(notes) == bool(note) and note in "".join(notes)


def test_parse_table_with_quoted_separators_and_lines_keeps_them():
    read = parsed('file;"Age, years"; note\na.png;"1;5";"two\nlines, ""so"""\n')

    assert read.columns == ("file", "Age, years", "note")
    assert values(read) == [["a.png", "1;5", 'two\nlines, "so"']]


def test_parse_table_with_decimal_commas_is_told_apart_by_its_semicolons():
    assert values(parsed("file;a,b;dose\nx.png;1,5;2,5\ny.png;1,0;0,5\n")) == [
        ["x.png", "1,5", "2,5"],
        ["y.png", "1,0", "0,5"],
    ]


def test_parse_table_with_several_labels_in_a_cell_is_not_split_at_them():
    read = parsed("file\tfinding\nx.png\tMass|Effusion\ny.png\tMass|Nodule|Edema\n")

    assert [row["finding"] for row in read.rows] == ["Mass|Effusion", "Mass|Nodule|Edema"]


def test_parse_table_of_nih_drops_the_column_behind_its_last_comma():
    header = "Image Index,Finding Labels,Follow-up #,Patient ID,OriginalImage[Width,Height],"
    read = parsed(f"{header}\n00000001_000.png,Cardiomegaly|Mass,0,1,2682,2749,\n")

    assert read.columns == (*header.split(",")[:-1],)
    roles = find_roles(read)
    assert (roles.file, roles.label, roles.patient) == (("Image Index",), ("Finding Labels",), ("Patient ID",))
    assert roles.yes_no == ()


def test_parse_table_with_short_rows_fills_them_up():
    assert values(parsed("file,a,b\nx.png\ny.png,1\n")) == [["x.png", "", ""], ["y.png", "1", ""]]


def test_parse_table_of_one_column_is_a_table():
    assert values(parsed("file\nx.png\ny z.png\n")) == [["x.png"], ["y z.png"]]


def test_parse_table_with_a_header_alone_has_no_rows():
    read = parsed("file,patient_id\n")

    assert (read.columns, read.rows) == (("file", "patient_id"), ())
    assert find_roles(read).file == ("file",)


def test_parse_table_whose_index_names_the_files_keeps_it():
    read = parsed(",label\ncovid/a.png,covid\nnormal/c.png,normal\n")

    assert read.columns == ("file", "label")
    assert read.notes == ("The first column of metadata.csv has no name; it holds names of files.",)


def test_parse_table_whose_first_column_has_no_name_and_words_says_that_it_is_left_out():
    read = parsed("Unnamed: 0,file\nfirst,a.png\n")

    assert (read.columns, len(read.notes)) == (("file",), 1)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("1 a.jpg COVID-19 cohen\n2 b.png normal rsna\n", ("patientid", "filename", "class", "source")),
        ("1 a.jpg COVID-19\r\n2 b.png normal\r\n\r\n", ("patientid", "filename", "class")),
        ("patientid filename class\n1 a.jpg COVID-19\n2 b.png normal\n", ("patientid", "filename", "class")),
        ("a.jpg\nb.png\n", ("filename",)),
    ],
)
def test_parse_table_of_a_list_without_a_header_names_its_columns(text, columns):
    read = parsed(text, name="labels/train_split.txt")

    assert read.columns == columns
    assert [row["filename"] for row in read.rows] == ["a.jpg", "b.png"]
    assert read.notes == (f"labels/train_split.txt was read as a list with the columns {', '.join(columns)}.",)


def test_parse_table_of_a_text_with_a_header_is_read_by_it():
    assert parsed("filename label\n", name="list.txt").columns == ("filename label",)
    assert parsed("filename,label\na b.png,covid\n", name="list.txt").columns == ("filename", "label")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "metadata.csv is empty"),
        (b"\xef\xbb\xbf\r\n , \r\n", "metadata.csv is empty"),
        (b"file,patient_id\na.png,\x00\x01\n", "something else than text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "something else than text"),
        (b"file\n\x81\x8d\n", "something else than text"),
        (codecs.BOM_UTF16_LE + b"a\x00b", "something else than text"),
        (b"file,File \na,b\n", r"has the column File twice; .* Received: file, File\."),
        (b"file,a,,a\n1,2,3,4\n", r"has the column a twice|column without a name"),
        (b"file,a,\nx,1,2\n", r"a column without a name; .* Received: file, a\."),
        (b"file,a\nx.png,1,2\n", r"more values than columns; .* Received: file, a\. The row: x.png, 1, 2\."),
        (b'file,a\nx.png,"1\ny.png,2\n', "a quote that is not closed"),
        (b'file,a\nx.png,"' + b"1" * 200_000, "more than 131,072 letters, or a quote that is not closed"),
    ],
)
def test_parse_table_of_something_else_says_what_is_wrong(data, sentence):
    with pytest.raises(DataError, match=sentence):
        parsed(data)


def test_parse_table_above_its_limits_is_refused(monkeypatch):
    with pytest.raises(DataError, match=r"at most 50 MB\. Received: 50\.0 MB"):
        parsed(b"a" * 50_000_001)
    monkeypatch.setattr("covidlab.data.table_text.MAX_CELLS", 20)
    with pytest.raises(DataError, match="is too large: a table may have"):
        parsed("a\n" * 30)


def test_parse_table_with_wide_header_does_not_fill_up_short_rows_without_end():
    with pytest.raises(DataError, match="a table may have 10,000,000 cells"):
        parsed(",".join(f"c{n}" for n in range(4000)) + "\nx" * 4000)


@pytest.mark.parametrize(
    ("name", "is_table"),
    [
        ("metadata.csv", True),
        ("a/B.TSV", True),
        ("COVID.metadata.xlsx", True),
        ("train_split_v3.txt", True),
        ("test_list.txt", True),
        ("filelist.txt", True),
        ("README.md.txt", False),
        ("latest.txt", False),
        ("notes.txt", False),
        ("._metadata.csv", False),
        ("~$metadata.xlsx", False),
        ("a.png", False),
    ],
)
def test_is_table_name_tells_tables_from_other_files(name, is_table):
    assert is_table_name(name) is is_table


def test_find_roles_of_cohens_table_names_each():
    columns = ("patientid", "offset", "sex", "age", "finding", "view", "folder", "filename")
    roles = find_roles(table(("co0", "0", "M", "50", "Pneumonia/Viral", "PA", "images", "a.jpg"), columns=columns))

    assert (roles.file, roles.label, roles.patient, roles.view) == (
        ("filename",),
        ("finding",),
        ("patientid",),
        ("view",),
    )
    assert roles.yes_no == ()


def test_find_roles_of_chexpert_names_the_findings_as_yes_and_no():
    columns = ("Path", "Sex", "Age", "Frontal/Lateral", "AP/PA", "No Finding", "Edema", "Support Devices")
    rows = [
        ("CheXpert/train/p1/v1.jpg", "0", "68", "Frontal", "AP", "1.0", "", ""),
        ("CheXpert/train/p2/v1.jpg", "1", "1", "Lateral", "", "", "-1.0", ""),
    ]
    roles = find_roles(table(*rows, columns=columns))

    assert (roles.file, roles.view) == (("Path",), ("Frontal/Lateral", "AP/PA"))
    assert roles.yes_no == ("No Finding", "Edema")


@pytest.mark.parametrize(
    ("columns", "row", "files"),
    [
        (("image", "file"), ("a.png", "x/a.png"), ("file",)),
        (("image", "file"), ("a.png", "17"), ("image", "file")),
        (("image_id", "path"), ("17", "x/a.png"), ("path", "image_id")),
        (("imageId", "label"), ("17", "a.png"), ("imageId",)),
        (("scan", "label"), ("a.png", "covid"), ("scan",)),
        (("scan", "label"), ("17", "covid"), ()),
    ],
)
def test_find_roles_of_several_columns_of_files_puts_those_first_that_look_so(columns, row, files):
    assert find_roles(table(row, columns=columns)).file == files


def test_find_roles_of_a_table_as_covidlab_asks_for_it_is_no_question():
    roles = find_roles(table(("17", "1", "a.png", "p"), columns=("file", "subject", "image", "patient_id")))

    assert (roles.file, roles.patient, roles.yes_no) == (("file",), ("patient_id",), ())


def test_find_roles_of_two_labels_leaves_the_choice_open():
    assert find_roles(table(("a.png", "x", "y"), columns=("file", "Class", "Diagnosis"))).label == (
        "Class",
        "Diagnosis",
    )


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        ("Cardiomegaly|Effusion", ("Cardiomegaly", "Effusion")),
        ("Edema; Mass ,Mass", ("Edema", "Mass")),
        ("Pneumonia/Viral/COVID-19", ("Pneumonia/Viral/COVID-19",)),
        ("No Finding", ("No Finding",)),
        ("['pleural effusion', 'mass']", ("pleural effusion", "mass")),
        (" | ", ()),
    ],
)
def test_split_labels_splits_at_the_usual_signs(cell, labels):
    assert split_labels(cell) == labels


@pytest.mark.parametrize(
    ("name", "text"), [("t.csv", "a.png,covid\nb.png,normal\n"), ("train.txt", "x/a.png 0\nx/b.png 1\n")]
)
def test_parse_table_without_column_names_calls_them_by_their_places_and_loses_no_row(name, text):
    read = parse_table(text.encode(), name=name)
    assert read.columns in (("file", "value 2"), ("filename", "value 2"))
    assert len(read.rows) == 2
    assert "columns" in read.notes[0]
