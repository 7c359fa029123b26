"""Answers of one person as files: without a name, and checked when they are read."""

import csv
import json

import pytest

from covidlab.errors import UsageError
from covidlab.evaluation.lesson import QUESTIONS, Sheet
from covidlab.evaluation.lesson_sheet import read_sheet, sheet_csv, sheet_json

SHEET = Sheet("0a1b", (0, None, 3, 1, 2), tuple(question.right for question in QUESTIONS))


def test_sheet_that_is_written_reads_the_same():
    assert read_sheet(sheet_json(SHEET).encode()) == SHEET
    assert json.loads(sheet_json(SHEET))["num_right_after"] == 5


def test_sheet_as_csv_has_a_line_a_question_with_what_was_right():
    rows = list(csv.DictReader(sheet_csv(SHEET).splitlines()))
    assert [row["right_after"] for row in rows] == ["True"] * 5
    assert (rows[1]["before"], rows[1]["right_before"]) == ("", "False")
    assert rows[0]["right"] == QUESTIONS[0].choices[QUESTIONS[0].right]


@pytest.mark.parametrize("text", ["", "[1]", '{"kind": "covidlab run card"}', b"\xff", "x" * 100_001, "[" * 50_000])
def test_file_that_is_no_sheet_is_refused(text):
    with pytest.raises(UsageError, match="JSON file that this lesson made"):
        read_sheet(text)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"questions": ["other"]}, "other questions"),
        ({"before": [0, 1]}, "has 5 answers before and after"),
        ({"after": [0, 0, 0, 0, 9]}, "counted from 0. Received: 9"),
        ({"after": ["0", 0, 0, 0, 0]}, "counted from 0"),
        ({"format": 9}, "newer version"),
    ],
)
def test_sheet_with_answers_that_cannot_be_is_refused(changes, words):
    with pytest.raises(UsageError, match=words):
        read_sheet(json.dumps(json.loads(sheet_json(SHEET)) | changes))
