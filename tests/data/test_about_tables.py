"""Sentences on the tables beside X-rays."""

from covidlab.data.listed import Listed
from covidlab.data.tables import parse_table

PICTURES = [f"images/{at}.png" for at in range(20)]


def listed(*tables: str, pictures=PICTURES, names=()) -> Listed:
    names = names or [f"table{at}.csv" for at in range(len(tables))]
    return Listed.of(
        pictures, [parse_table(text.encode(), name=name) for name, text in zip(names, tables, strict=True)]
    )


def test_table_of_other_files_is_said_not_to_be_used():
    assert listed("file,finding\nother.png,a").sentences == (
        "table0.csv lists none of the X-rays here, so it is not used.",
    )


def test_table_of_studies_is_said_to_be_matched_by_them():
    found = listed("study_id,finding\n50001,a", pictures=["p10001/s50001/a.png"])
    assert "matched by these: table0.csv (column study_id)." in found.sentences[0]


def test_tables_that_name_no_files_are_one_sentence():
    found = listed(*["a,b\n1,2"] * 12)
    assert found.sentences == (
        "12 tables have no column that names files, so they are not used: table0.csv, table1.csv, table2.csv and 9 more.",
    )


def test_names_that_fit_several_files_are_said():
    found = listed("file,finding\n0.png,a", pictures=["x/0.png", "y/0.png"])
    assert "has 1 name that fits several files, so its row is not used: 0.png." in found.sentences[0]


def test_patients_named_alike_in_tables_of_different_x_rays_are_said():
    pictures = ["covid/a.png", "normal/b.png"]
    tables = ("file,patient_id\na.png,1", "file,patient_id\nb.png,1")
    found = listed(*tables, pictures=pictures, names=("covid/metadata.csv", "normal/metadata.csv"))
    assert found.sentences == (
        "Tables of different X-rays name 1 patient alike (1; covid/metadata.csv and normal/metadata.csv). They count as the "
        "same patient.",
    )
