"""Results of a visit as JSON and CSV: no number where none is shown, and nothing that names a file or a patient."""

import csv
import io
import json
import math

import pytest

from covidlab.imaging.receipt import Check, Verdict
from covidlab.prediction.gate import receipt
from covidlab.prediction.result_export import COLUMNS, XrayResult, result_values, results_csv, results_json
from tests.ui.predict.visit import CANARY, FAR, NEAR, prediction

BLURRED = Check("blur", Verdict.WARN, "It is blurred.")


def result(assessment=NEAR, **changes) -> XrayResult:
    values = {
        "number": 1,
        "reference": "case 7",
        "checks": receipt([BLURRED], assessment),
        "prediction": prediction(assessment),
        "shows_number": True,
    }
    return XrayResult(**{**values, **changes})


def as_json(*results: XrayResult) -> str:
    return results_json(results, made_on="2026-11-26", version="0.2.0", model={"name": "run 12"})


def rows(*results: XrayResult) -> list[dict]:
    return list(csv.DictReader(io.StringIO(results_csv(results))))


def test_result_values_hold_number_checks_and_assessment():
    values = result_values(result())
    assert (values["number"], values["reference"], values["status"]) == (1, "case 7", "read")
    assert (values["probability"], values["resembles"], values["reasons"]) == (0.8372, "covid", [])
    assert [check["name"] for check in values["checks"]] == ["blur", "known", "distance"]
    assert values["assessment"]["calibrated"]["low"] == 0.62
    assert values["assessment"]["neighbours"][0] == {"class": "covid", "distance": 0.31}
    assert (values["assessment"]["in_set"], values["assessment"]["nearly_in_set"]) == (False, True)


@pytest.mark.parametrize("export", [as_json, lambda each: results_csv([each])])
def test_files_name_no_file_and_no_patient(export):
    assert CANARY not in export(result())
    assert "sha256" not in export(result())


@pytest.mark.parametrize("export", [as_json, lambda each: results_csv([each])])
@pytest.mark.parametrize("assessment", [FAR, None])
def test_files_without_a_number_hold_none(export, assessment):
    text = export(result(assessment, shows_number=False))
    assert not [number for number in ("0.8372", "0.1628", "0.81", "0.62", "0.93") if number in text]
    assert "refused" in text


def test_number_that_was_asked_for_anyway_stands_beside_the_reason():
    values = result_values(result(FAR))
    assert values["probability"] == 0.8372
    assert "Too unlike" in values["reasons"][0]


def test_results_json_is_whole_and_numbered():
    values = json.loads(as_json(result(), XrayResult(number=2, refusal="This file is empty."), XrayResult(number=3)))
    assert [xray["status"] for xray in values["xrays"]] == ["read", "refused", "not read"]
    assert [xray["number"] for xray in values["xrays"]] == [1, 2, 3]
    assert (values["not_for"], values["model"], values["made_on"]) == ("diagnosis", {"name": "run 12"}, "2026-11-26")


def test_results_csv_has_a_line_an_x_ray_and_empty_cells_for_what_is_not_shown():
    read, refused = rows(result(), XrayResult(number=2, refusal="This file is empty."))
    assert tuple(read) == COLUMNS
    assert (read["probability"], read["low"], read["high"], read["distance"]) == ("0.8372", "0.62", "0.93", "0.4")
    assert (refused["status"], refused["probability"], refused["reasons"]) == ("refused", "", "This file is empty.")


def test_results_csv_holds_no_formula_and_no_nan():
    (row,) = rows(result(FAR, reference="=1+1"))
    assert row["reference"] == "'=1+1"
    unknown = prediction(FAR.__class__(**{**vars(FAR), "distance": math.nan}))
    assert rows(result(FAR, prediction=unknown))[0]["distance"] == ""
