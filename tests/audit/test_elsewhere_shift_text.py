"""What differs between two hospitals is named, and so is what nobody stated."""

import pytest

from covidlab.audit.elsewhere_shift_text import about_differences, verdict_on
from tests.audit.elsewhere_found import elsewhere_found


@pytest.fixture
def found() -> dict:
    return elsewhere_found()


def test_confounders_that_differ_are_named_and_so_is_what_nobody_stated(found):
    said = about_differences(found)
    assert said[0].startswith("Between the other X-rays of the two sets age group and width in pixels differ (")
    assert said[-1] == "Not known, since too little is stated of the other X-rays: sex."
    assert [verdict_on(row) for row in found["differences"]] == [
        "differs",
        "differs",
        "not seen to differ",
        "not known",
    ]


def test_groups_in_which_nothing_differs_say_that_it_is_not_seen(found):
    for row in found["differences"]:
        row["differs"] = row["differs"] and False
    assert "none of the properties that are known differs" in about_differences(found)[0]
