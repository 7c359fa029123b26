"""Results of a visit as JSON and CSV: an X-ray is its number and what the visitor typed, never a file, a hash or a tag.

Needs no TensorFlow. The sentences of the receipt are covidlab's own, and name nothing but what a header may safely state.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from covidlab.imaging.receipt import Check, Verdict
from covidlab.language import tr, tr_lazy
from covidlab.prediction.answer import answer_text, is_clear, no_number_text, of_the_set
from covidlab.prediction.assessment import Assessment
from covidlab.prediction.prediction import Prediction
from covidlab.prediction.serialize import REFUSED, prediction_values, refusal_values
from covidlab.text import cell_text, class_name

FORMAT = 1
NOT_READ, NOT_FOR = tr_lazy("not read"), "diagnosis"
COLUMNS = (
    *("number", "reference", "not_for", "answer", "of_the_set", "asked_anyway", "status"),
    *("resembles", "resembles_in_words", "positive_class", "positive_class_in_words", "probability"),
    *("calibrated", "low", "high", "num_models", "distance", "limit", "reasons", "limits"),
)

# What names a file: a data set of one's own may have patients in the names of its files.
_NAMES_OF_FILES = ("known_as", "nearly_known_as")


@dataclass(frozen=True, kw_only=True, eq=False)
class XrayResult:
    """What one X-ray of a visit gave.

    number: in the visit, from 1. reference: what the visitor typed. refusal: why its file is not read, "" where it is.
    checks: the whole receipt. prediction: None where the model has not read it. shows_number: whether the page shows one.
    has_content: whether the set in use has its content. limits: sentences that limit whatever the model says of it.
    """

    number: int
    reference: str = ""
    refusal: str = ""
    checks: Sequence[Check] = ()
    prediction: Prediction | None = None
    shows_number: bool = False
    has_content: bool = False
    limits: Sequence[str] = ()

    @property
    def against(self) -> list[str]:
        """What speaks against a number, one sentence each."""
        return [check.sentence for check in self.checks if check.verdict is Verdict.REFUSE]


def result_values(result: XrayResult) -> dict[str, Any]:
    """Return what JSON says of one X-ray; without the model's number where the page shows none.

    The keys are those of the command ``predict``, save for names: ``in_set`` and ``nearly_in_set`` say whether the set has
    the X-ray or one that looks nearly the same. ``reasons`` are what speaks against a number, also where one was asked for.
    ``answer`` is what the page says; where that is no class, ``resembles`` is null too.
    """
    values = _read_values(result)
    first = {
        "number": result.number,
        "reference": result.reference,
        "answer": _answer(result, values),
        "of_the_set": None if result.prediction is None else _of_the_set(result),
        "asked_anyway": bool(result.shows_number and result.against),
    }
    further = {"limits": list(result.limits), "checks": [check.to_dict() for check in result.checks]}
    return {**first, **{name: value for name, value in values.items() if name not in ("file", "answer")}, **further}


def results_json(results: Sequence[XrayResult], *, made_on: str, version: str, model: Mapping[str, Any]) -> str:
    """Return results as JSON.

    Parameters
    ----------
    made_on : date, e.g. "2026-11-26"
    version : of covidlab
    model : what is said of the model that read
    """
    values = {
        "format": FORMAT,
        "not_for": NOT_FOR,
        "covidlab": version,
        "made_on": made_on,
        "model": dict(model),
        "classes_in_words": _classes_in_words(results),
        "xrays": [result_values(result) for result in results],
    }
    return json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def results_csv(results: Sequence[XrayResult]) -> str:
    """Return a line an X-ray under the names in ``COLUMNS``; what is not known, or not shown, is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_row(result_values(result)) for result in results)
    return text.getvalue()


def _answer(result: XrayResult, values: Mapping[str, Any]) -> str:
    """What the page says of an X-ray, in a few words."""
    if result.prediction is None or not result.shows_number:
        return no_number_text(" ".join(values["reasons"]))
    return answer_text(result.prediction)


def _of_the_set(result: XrayResult) -> str:
    return str(of_the_set(result.prediction.assessment, has_content=result.has_content))


def _classes_in_words(results: Sequence[XrayResult]) -> dict[str, str]:
    """What people call the classes, by folder: the folder "normal" does not mean healthy."""
    read = [result.prediction for result in results if result.prediction]
    return {folder: class_name(folder) for prediction in read for folder in prediction.probabilities}


def _read_values(result: XrayResult) -> dict[str, Any]:
    """What the model says of an X-ray, or why it says nothing, with the keys of the command."""
    prediction = result.prediction
    if result.refusal:
        return refusal_values(result.refusal)
    if prediction is None:
        return {
            "file": "",
            "status": NOT_READ,
            "reasons": [tr("The model has not read this X-ray.")],
            "probability": None,
        }
    about = _without_names(prediction.assessment)
    if result.shows_number:
        return {
            **prediction_values(prediction),
            **_in_words(prediction),
            "reasons": result.against,
            "assessment": about,
        }
    values = {"file": "", "status": REFUSED, "reasons": result.against, "probability": None}
    return values | {"assessment": about and {**about, "calibrated": None}}


def _in_words(prediction: Prediction) -> dict[str, Any]:
    """The class that the X-ray resembles, None where there is no clear answer, and the positive class, for people."""
    resembles = prediction.resembles if is_clear(prediction) else None
    return {
        "resembles": resembles,
        "resembles_in_words": resembles and class_name(resembles),
        "positive_class_in_words": class_name(prediction.positive_class),
    }


def _without_names(assessment: Assessment | None) -> dict[str, Any] | None:
    if assessment is None:
        return None
    values = assessment.to_dict()
    kept = {name: value for name, value in values.items() if name not in _NAMES_OF_FILES}
    kept["in_set"], kept["nearly_in_set"] = (bool(values[name]) for name in _NAMES_OF_FILES)
    kept["neighbours"] = [{"class": each.class_folder, "distance": each.distance} for each in assessment.neighbours]
    return kept


def _row(values: Mapping[str, Any]) -> dict[str, Any]:
    about = values.get("assessment") or {}
    spread = about.get("calibrated") or {}
    cells = {
        **{name: values.get(name) for name in COLUMNS},
        "not_for": NOT_FOR,
        "asked_anyway": "yes" if values["asked_anyway"] else "no",
        "calibrated": spread.get("value"),
        **{name: spread.get(name) for name in ("low", "high", "num_models")},
        **{name: about.get(name) for name in ("distance", "limit")},
        **{name: " ".join(values[name]) for name in ("reasons", "limits")},
    }
    return {name: _cell(value) for name, value in cells.items()}


def _cell(value: object) -> object:
    """A value as it stands in a cell; four decimals are more than any model of fifty X-rays can mean."""
    if value is None:
        return ""
    return round(value, 4) if isinstance(value, float) else cell_text(value)
