"""The report of an audit in words."""

import pytest

from covidlab.runs.audit_text import OF_ANOTHER_VERSION, audit_lines, sentences_of


def test_lines_begin_with_the_verdict_and_name_each_part():
    report = {
        "verdict": {"sentence": "It does not need them.", "not_established": "What it does not establish: why."},
        "parts": {"leaks": {"error": "There are no X-rays."}},
    }
    assert audit_lines(report) == [
        "It does not need them.",
        "What it does not establish: why.",
        "",
        "Duplicates and leaks:",
        "  There are no X-rays.",
    ]


@pytest.mark.parametrize("name", ["ladder", "folds", "attributes", "calibration"])
def test_part_with_values_of_another_version_says_so(name):
    assert sentences_of(name, {"of": "another version"}) == [OF_ANOTHER_VERSION]


def test_part_that_only_a_later_version_has_is_named_alone():
    assert audit_lines({"parts": {"later": {"of": "it"}}}) == ["Later:"]
