"""The answers of one person to the questions of the lesson as JSON and CSV, without a name; a sheet that is read is checked."""

import csv
import io
import json
from typing import Any

from covidlab.errors import UsageError
from covidlab.evaluation.lesson import QUESTIONS, Sheet, num_right
from covidlab.files import newer_format
from covidlab.language import tr, tr_lazy
from covidlab.text import cell_text, one_line

FORMAT, KIND = 1, tr_lazy("covidlab lesson answers")
LARGEST_SHEET = 100_000
COLUMNS = ("question", "before", "after", "right", "right_before", "right_after")


def sheet_json(sheet: Sheet) -> str:
    """Return the answers of one person as JSON, without a name."""
    values = {
        "format": FORMAT,
        "kind": KIND,
        "code": sheet.code,
        "questions": [question.key for question in QUESTIONS],
        "before": list(sheet.before),
        "after": list(sheet.after),
        "right_choice": [question.right for question in QUESTIONS],
        "num_right_before": num_right(sheet.before),
        "num_right_after": num_right(sheet.after),
    }
    return json.dumps(values, indent=1) + "\n"


def sheet_csv(sheet: Sheet) -> str:
    """Return a line a question: what was answered before and after, what is right, and whether the answers were."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for question, before, after in zip(QUESTIONS, sheet.before, sheet.after, strict=True):
        said = ["" if answer is None else question.choices[answer] for answer in (before, after, question.right)]
        row = [question.text, *said, before == question.right, after == question.right]
        writer.writerow([cell_text(value) for value in row])
    return text.getvalue()


def read_sheet(text: str | bytes) -> Sheet:
    """Return the answers in ``text``; raises UsageError where it holds none of these questions."""
    try:
        values = json.loads(text) if len(text) <= LARGEST_SHEET else None
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict) or values.get("kind") != KIND:
        raise UsageError(tr("A file of answers is a JSON file that this lesson made. Received: another file."))
    if newer := newer_format(values, known=FORMAT):
        raise UsageError(tr("This file of answers cannot be read. {newer}", newer=newer))
    if values.get("questions") != [question.key for question in QUESTIONS]:
        raise UsageError(
            tr("The file answers other questions than this version asks. Use the same version for the whole class.")
        )
    return Sheet(one_line(values.get("code", "")), *(_answers(values.get(part)) for part in ("before", "after")))


def _answers(values: Any) -> tuple[int | None, ...]:
    if not isinstance(values, list) or len(values) != len(QUESTIONS):
        raise UsageError(
            tr(
                "A file of answers has {num_questions} answers before and after. Received: {values}.",
                num_questions=len(QUESTIONS),
                values=one_line(values),
            )
        )
    for value, question in zip(values, QUESTIONS, strict=True):
        if value is not None and (not isinstance(value, int) or not 0 <= value < len(question.choices)):
            raise UsageError(
                tr("An answer is the number of a choice, counted from 0. Received: {value}.", value=one_line(value))
            )
    return tuple(values)
