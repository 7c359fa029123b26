"""Classes that the names of the files may state."""

import pytest

from covidlab.data.name_classes import classes_from_names


@pytest.mark.parametrize(
    ("names", "kinds"),
    [
        (("CHNCXR_0001_0.png", "CHNCXR_0002_0.png", "CHNCXR_0327_1.png", "CHNCXR_0328_1.png"), {"0", "1"}),
        (("covid_1.png", "covid_2.png", "normal_1.png", "normal_2.png"), {"covid", "normal"}),
        (("x/Viral Pneumonia (1).png", "x/Viral Pneumonia (2).png", "x/Normal (1).png", "x/Normal (2).png"), None),
        (("JPCLN001.png", "JPCLN002.png", "JPCNN001.png", "JPCNN002.png"), {"JPCLN", "JPCNN"}),
    ],
)
def test_classes_from_names_reads_what_tells_a_few_kinds_apart(names, kinds):
    assert set(classes_from_names(names).values()) == (kinds or {"Viral Pneumonia", "Normal"})


@pytest.mark.parametrize(
    "names",
    [
        (),
        ("1.png", "2.png", "3.png"),
        ("7_1.png", "7_2.png", "8_1.png", "8_2.png"),
        ("film1.png", "film2.png", "film3.png"),
        ("view1_frontal.jpg", "view2_lateral.jpg", "view1_lateral.jpg", "view2_frontal.jpg"),
        tuple(f"{letter}{letter}{number}.png" for letter in "abcdefghijkl" for number in (1, 2)),
        ("covid_1.png", "covid_2.png", "normal_1.png", "normal_2.png", "anna.png", "bert.png"),
    ],
)
def test_classes_from_names_that_tell_nothing_are_empty(names):
    assert classes_from_names(names) == {}
