"""Folders as a tree: each with its number and its role, harmless whatever the names are."""

import re

from covidlab.data.layouts import Branch
from covidlab.ui.shared.folder_tree import MOST_ROWS, branches_html

RADIOGRAPHY = (
    Branch(folder="Set/COVID/images", number=12, role="class COVID"),
    Branch(folder="Set/COVID/masks", number=12, role="masks"),
    Branch(folder="Set/Normal", number=6, role="class Normal"),
)


def rows(html) -> list[str]:
    return [re.sub(r"<[^>]*>", " ", row).split() for row in html.split("<li")[1:]]


def test_branches_html_has_a_row_for_each_folder_with_its_number_and_role():
    assert [" ".join(row[1:]) for row in rows(branches_html(RADIOGRAPHY).replace("<li>", "<li> > "))] == [
        "> Set/ 30",
        "> COVID/ 24",
        "> images/ 12 class COVID",
        "> masks/ 12 masks, left out",
        "> Normal/ 6 class Normal",
    ]


def test_branches_html_bars_are_shares_of_the_largest_folder():
    assert re.findall(r"width:(\d+)%", branches_html(RADIOGRAPHY)) == ["100", "100", "50"]


def test_branches_html_escapes_names():
    assert "<b>" not in branches_html([Branch(folder="<b>", number=1, role="class <b>")])


def test_branches_html_of_a_folder_without_folders_says_so():
    assert "in no folder" in branches_html([Branch(folder="", number=3, role="in no folder that names a class")])


def test_branches_html_of_many_folders_ends_with_their_number():
    branches = [Branch(folder=f"p{number}", number=2, role="class a") for number in range(MOST_ROWS + 3)]
    assert "and 3 more folders with 6 pictures" in branches_html(branches)
