"""A reading session as CSV and JSON, without file names and patients: an X-ray is its number in the session.

A class is the name of its folder, and beside it in words: the folder "normal" does not mean healthy.
"""

import csv
import io
import json

from covidlab.evaluation.reader_study import Answer, Study, tally
from covidlab.text import cell_text, class_name

FORMAT, NOT_FOR = 1, "diagnosis"
IN_WORDS = "_in_words"
CLASS_COLUMNS = ("true_class", "model_class", "first_class", "shown_class", "final_class")
COLUMNS = (
    *("number", "true_class", "model_class", "first_class", "first_confidence"),
    *("shown_class", "advice_is_wrong", "wrong_on_purpose", "final_class", "seconds"),
    *(f"{name}{IN_WORDS}" for name in CLASS_COLUMNS),
    "not_for",
)


def answers_csv(study: Study) -> str:
    """Return a line an answer, in the order of the session, under the names in ``COLUMNS``."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    rows = ({**row, "not_for": NOT_FOR} for row in _rows(study))
    writer.writerows({name: cell_text(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def study_json(study: Study, *, model: str) -> str:
    """Return the session as JSON: how it was drawn, the answers, the tally with intervals (null where undefined).

    ``model``: name of the model that answered.
    """
    values = {
        "format": FORMAT,
        "not_for": NOT_FOR,
        "model": model,
        "mode": study.mode,
        "seed": study.seed,
        "classes": study.classes,
        "classes_in_words": {folder: class_name(folder) for folder in study.classes},
        "num_xrays": len(study.cases),
        "answers": _rows(study),
        "tally": {name: figure.to_dict() for name, figure in tally(study).items()},
    }
    return json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _rows(study: Study) -> list[dict]:
    return [_row(number, answer) for number, answer in enumerate(study.answers, start=1)]


def _row(number: int, answer: Answer) -> dict:
    row = {
        "number": number,
        "true_class": answer.case.true_class,
        "model_class": answer.case.model_class,
        "first_class": answer.first_class,
        "first_confidence": answer.first_confidence,
        "shown_class": answer.shown_class,
        "advice_is_wrong": answer.advice_is_wrong,
        "wrong_on_purpose": answer.is_wrong_on_purpose,
        "final_class": answer.final_class,
        "seconds": None if answer.seconds is None else round(answer.seconds, 1),
    }
    return row | {f"{name}{IN_WORDS}": class_name(row[name]) for name in CLASS_COLUMNS}
