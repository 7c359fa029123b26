"""Where the class of X-rays is taken from."""

import pytest

from covidlab.data.choosing import NOT_UNDERSTOOD, choose_classes
from covidlab.data.folder_classes import FolderClasses
from covidlab.data.layouts import FROM_FOLDERS, FROM_TABLE, ONE_CLASS_AN_ARCHIVE, Answers
from covidlab.data.listed import Listed

NO_FOLDERS, NO_TABLE = FolderClasses(), Listed()
PICTURES = ("a.png", "b.png")
TWO = FolderClasses(classes={"a.png": "covid", "b.png": "normal"})
ONE = FolderClasses(classes=dict.fromkeys(PICTURES, "covid"))
TABLE = Listed(
    rows={"a.png": {"finding": "x"}, "b.png": {"finding": "y"}},
    labels=("finding",),
    names=("t.csv",),
    columns={"t.csv": ("finding",)},
)


def chosen(folders=NO_FOLDERS, listed=NO_TABLE, archive="", **answers):
    return choose_classes(PICTURES, listed, folders, Answers(**answers), archive)


@pytest.mark.parametrize(
    ("folders", "listed", "archive", "title"),
    [
        (TWO, TABLE, "flu", "one folder for each class"),
        (ONE, TABLE, "flu", "a table (t.csv) with the class in the column finding"),
        (ONE, Listed(), "flu", "one folder for each class"),
        (FolderClasses(), Listed(), "flu", ONE_CLASS_AN_ARCHIVE),
        (FolderClasses(), Listed(), "", NOT_UNDERSTOOD),
    ],
)
def test_choose_classes_takes_what_tells_x_rays_apart_then_what_gives_one_class(folders, listed, archive, title):
    assert chosen(folders, listed, archive).title == title


def test_choose_classes_takes_what_a_person_wants():
    assert chosen(TWO, TABLE, classes_from=FROM_TABLE).classes == {"a.png": "x", "b.png": "y"}
    assert chosen(TWO, TABLE, class_column="finding").classes == {"a.png": "x", "b.png": "y"}
    assert chosen(ONE, TABLE, classes_from=FROM_FOLDERS).classes == ONE.classes


def test_choose_classes_of_a_doubt_has_no_classes_before_it_is_answered():
    doubtful = FolderClasses(classes=dict.fromkeys(PICTURES, "thing"), doubt="It may be a place.")
    assert chosen(doubtful).classes == {}
    assert chosen(doubtful).is_open
    assert chosen(doubtful, classes_from=FROM_FOLDERS).num_classes == 1
