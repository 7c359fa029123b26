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
from covidlab.prediction.assessment import Assessment
from covidlab.prediction.prediction import Prediction
from covidlab.prediction.serialize import REFUSED, prediction_values, refusal_values
from covidlab.text import cell_text

FORMAT = 1
NOT_READ = "not read"
COLUMNS = (
    *("number", "reference", "status", "resembles", "positive_class", "probability"),
    *("calibrated", "low", "high", "num_models", "distance", "limit", "reasons"),
)

# What names a file: a data set of one's own may have patients in the names of its files.
_NAMES_OF_FILES = ("known_as", "nearly_known_as")


@dataclass(frozen=True, kw_only=True, eq=False)
class XrayResult:
    """What one X-ray of a visit gave.

    number: in the visit, from 1. reference: what the visitor typed. refusal: why its file is not read, "" where it is.
    checks: the whole receipt. prediction: None where the model has not read it. shows_number: whether the page shows one.
    """

    number: int
    reference: str = ""
    refusal: str = ""
    checks: Sequence[Check] = ()
    prediction: Prediction | None = None
    shows_number: bool = False


def result_values(result: XrayResult) -> dict[str, Any]:
    """Return what JSON says of one X-ray; without the model's number where the page shows none.

    The keys are those of the command ``predict``, save for names: ``in_set`` and ``nearly_in_set`` say whether the set has
    the X-ray or one that looks nearly the same. ``reasons`` are what speaks against a number, also where one was asked for.
    """
    values = _answer(result)
    del values["file"]
    named = {"number": result.number, "reference": result.reference}
    return {**named, **values, "checks": [check.to_dict() for check in result.checks]}


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
        "not_for": "diagnosis",
        "covidlab": version,
        "made_on": made_on,
        "model": dict(model),
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


def _answer(result: XrayResult) -> dict[str, Any]:
    prediction = result.prediction
    if result.refusal:
        return refusal_values(result.refusal)
    if prediction is None:
        return {"file": "", "status": NOT_READ, "reasons": ["The model has not read this X-ray."], "probability": None}
    against = [check.sentence for check in result.checks if check.verdict is Verdict.REFUSE]
    about = _without_names(prediction.assessment)
    if result.shows_number:
        return {**prediction_values(prediction), "reasons": against, "assessment": about}
    values = {"file": "", "status": REFUSED, "reasons": against, "probability": None}
    return values | {"assessment": about and {**about, "calibrated": None}}


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
        **{name: values.get(name) for name in ("number", "reference", "status", "resembles", "positive_class")},
        "probability": values["probability"],
        "calibrated": spread.get("value"),
        **{name: spread.get(name) for name in ("low", "high", "num_models")},
        **{name: about.get(name) for name in ("distance", "limit")},
        "reasons": " ".join(values["reasons"]),
    }
    return {name: _cell(value) for name, value in cells.items()}


def _cell(value: object) -> object:
    """A value as it stands in a cell; four decimals are more than any model of fifty X-rays can mean."""
    if value is None:
        return ""
    return round(value, 4) if isinstance(value, float) else cell_text(value)
