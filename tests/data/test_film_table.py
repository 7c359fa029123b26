"""What tables say of an X-ray becomes one of a few words."""

import pytest

from covidlab.data.film_table import normal_age_group, normal_view_position


@pytest.mark.parametrize(
    ("text", "years", "group"),
    [
        ("child (1 to 5 years, as published for the whole set)", "", "child"),
        ("Adult", "", "adult"),
        ("not stated", "", "not stated"),
        ("", "17.5", "child"),
        ("", "18", "adult"),
        ("", "old", "not stated"),
        ("", "nan", "not stated"),
    ],
)
def test_normal_age_group_of_texts_and_years(text, years, group):
    assert normal_age_group(text, years) == group


@pytest.mark.parametrize(
    ("text", "view_position"),
    [
        ("AP (as published for the whole set)", "AP"),
        ("pa", "PA"),
        ("AP Supine", "AP"),
        ("L", "LATERAL"),
        ("Lateral", "LATERAL"),
        ("", "not stated"),
        ("panoramic", "not stated"),
        ("not stated", "not stated"),
    ],
)
def test_normal_view_position_of_texts(text, view_position):
    assert normal_view_position(text) == view_position
