"""Which file each row of a table is about, however its name is written."""

import time

import pytest

from covidlab.data.tables import Table, match_rows


def table(*rows) -> Table:
    columns = ("file", "patient_id")
    return Table(name="t.csv", columns=columns, rows=tuple(dict(zip(columns, row, strict=True)) for row in rows))


@pytest.mark.parametrize(
    ("listed", "file"),
    [
        ("covid/a.png", "covid/a.png"),
        ("covid\\a.png", "covid/a.png"),
        (".\\covid\\a.png", "covid/a.png"),
        ("/covid//./a.png", "covid/a.png"),
        ("D:\\x\\covid\\a.png", "covid/a.png"),
        ("https-less/host/normal/a.png", "normal/a.png"),
        ("Covid/A.PNG", "covid/a.png"),
        ("normal/a", "normal/a.png"),
        ("../tables/../covid/a.png", "covid/a.png"),
        ("elsewhere/only.png", "deep/er/only.png"),
        ("only", "deep/er/only.png"),
        ("only.dcm", "deep/er/only.png"),
        ("er/ONLY", "deep/er/only.png"),
        ("mu\u0308ller.png", "m\u00fcller.png"),
    ],
)
def test_match_rows_of_another_spelling_finds_the_file(listed, file):
    names = ["covid/a.png", "normal/a.png", "deep/er/only.png", "m\u00fcller.png"]
    matched = match_rows(table((listed, "p")), "file", names)

    assert (list(matched.rows), matched.absent, matched.ambiguous) == ([file], (), ())


def test_match_rows_of_decomposed_names_on_the_disk_finds_them_under_their_own_name():
    assert list(match_rows(table(("m\u00fcller.png", "p")), "file", ["mu\u0308ller.png"]).rows) == ["mu\u0308ller.png"]


def test_match_rows_tells_the_absent_from_the_ambiguous():
    rows = [("a.png", "1"), ("gone.png", "2"), ("", "3"), ("gone.png", "2"), ("x/b.png", "4")]
    matched = match_rows(table(*rows), "file", ["covid/a.png", "normal/a.png", "x/b.png"])

    assert (list(matched.rows), matched.absent, matched.ambiguous) == (["x/b.png"], ("gone.png",), ("a.png",))


def test_match_rows_of_a_table_in_a_folder_means_the_files_beside_it():
    names = ["one/images/1.png", "two/images/1.png", "2.png", "two/2.png"]
    matched = match_rows(table(("1.png", "p"), ("2.png", "q")), "file", names, above="two")

    assert list(matched.rows) == ["two/images/1.png", "two/2.png"]
    assert list(match_rows(table(("2.png", "q")), "file", names, above=".").rows) == ["2.png"]


def test_match_rows_of_a_part_of_a_set_gives_no_file_the_row_of_one_that_is_not_there():
    rows = [(f"CheXpert-v1.0/train/patient{n}/study1/view1.jpg", str(n)) for n in range(1, 6)]
    names = ["train/patient2/study1/view1.jpg", "train/patient4/study1/view1.jpg"]

    matched = match_rows(table(*rows), "file", names)
    assert {file: row["patient_id"] for file, row in matched.rows.items()} == {names[0]: "2", names[1]: "4"}
    assert (len(matched.absent), matched.ambiguous, matched.twice) == (3, (), ())

    alone = match_rows(table(*rows), "file", names[:1])
    assert (alone.rows[names[0]]["patient_id"], len(alone.absent), alone.twice) == ("2", 4, ())


def test_match_rows_of_a_file_listed_twice_keeps_the_first_and_says_so_where_they_differ():
    rows = [("a.png", "1"), ("./a.png", "1"), ("b.png", "1"), ("b.png", "2")]
    matched = match_rows(table(*rows), "file", ["a.png", "b.png"])

    assert matched.rows["b.png"]["patient_id"] == "1"
    assert (matched.twice, matched.absent) == (("b.png",), ())


def test_match_rows_of_a_large_table_is_quick():
    rows = [(f"/data/images_{n % 12:03d}/{n:08d}_000.png", str(n)) for n in range(20_000)]
    names = [f"images_{n % 12:03d}/{n:08d}_000.png" for n in range(0, 20_000, 5)]
    large = table(*rows)

    start = time.process_time()
    matched = match_rows(large, "file", names, above="images_001")
    assert time.process_time() - start < 1
    assert (len(matched.rows), len(matched.absent)) == (4000, 16_000)
