"""The class of each picture as a table states it."""

from covidlab.data import table_classes
from covidlab.data.table_classes import classes_from_table


def rows(**cells):
    return {picture: {"finding": cell} for picture, cell in cells.items()}


def test_classes_from_table_are_the_cells_of_the_column():
    found = classes_from_table("abc", rows(a="COVID-19", b="No Finding", c="COVID-19"), "finding")
    assert found.classes == {"a": "COVID-19", "b": "No Finding", "c": "COVID-19"}


def test_classes_from_table_name_what_is_not_listed_and_what_has_no_class():
    found = classes_from_table("abc", rows(a="COVID-19", b=""), "finding")
    assert found.left_out == {table_classes.NO_CLASS: ("b",), table_classes.NOT_LISTED: ("c",)}


def test_classes_from_table_that_differ_in_case_only_are_one():
    found = classes_from_table("abc", rows(a="Covid", b="covid", c="Covid"), "finding")
    assert set(found.classes.values()) == {"Covid"}
    assert "one class" in found.sentences[0]


def test_classes_from_table_with_several_labels_a_cell_are_asked_for():
    found = classes_from_table("abc", rows(a="Mass|Effusion", b="No Finding", c="Mass"), "finding")
    assert found.classes == {}
    assert found.labels == {"Mass": 2, "Effusion": 1, "No Finding": 1}


def test_classes_from_table_that_contain_one_label_part_it_from_the_others():
    found = classes_from_table("abc", rows(a="Mass|Effusion", b="No Finding", c="Mass"), "finding", contains=("Mass",))
    assert found.classes == {"a": "Mass", "b": "without Mass", "c": "Mass"}


def test_classes_from_table_that_contain_two_labels_leave_out_both_and_neither():
    cells = rows(a="Mass|Effusion", b="No Finding", c="mass", d="Effusion")
    found = classes_from_table("abcd", cells, "finding", contains=("Mass", "Effusion"))
    assert found.classes == {"c": "Mass", "d": "Effusion"}
    assert found.left_out == {table_classes.SEVERAL: ("a",), table_classes.NEITHER: ("b",)}


def test_classes_from_table_of_yes_and_no_name_the_uncertain():
    found = classes_from_table("abcd", rows(a="1.0", b="0.0", c="-1.0", d=""), "finding", yes_no=True)
    assert found.classes == {"a": "finding", "b": "without finding"}
    assert found.left_out == {table_classes.UNCERTAIN: ("c",), table_classes.NO_CLASS: ("d",)}
