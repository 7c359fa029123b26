"""Results of a visit as JSON and CSV: no number where none is shown, and nothing that names a file or a patient."""

import csv
import io
import json
import math
from dataclasses import replace

import pytest

from covidlab.imaging.receipt import Check, Verdict
from covidlab.prediction.assessment import Spread
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


def unclear(**changes) -> XrayResult:
    """On the side of "normal" by the model alone, while the models of the folds lie on both sides."""
    split = replace(NEAR, calibrated=Spread(0.5, 0.3, 0.7, 50), nearly_known_as="")
    said = replace(prediction(split), probability=0.4, probabilities={"covid": 0.4, "normal": 0.6}, resembles="normal")
    return result(split, prediction=said, **changes)


def test_files_say_no_clear_answer_where_the_page_does_and_name_no_class():
    values, (row,) = result_values(unclear()), rows(unclear())
    assert (values["answer"], values["resembles"], values["resembles_in_words"]) == ("no clear answer", None, None)
    assert (row["answer"], row["resembles"], row["resembles_in_words"]) == ("no clear answer", "", "")


def test_files_say_the_class_in_words_beside_the_folder():
    low = replace(NEAR, calibrated=Spread(0.2, 0.1, 0.3, 50))
    said = replace(prediction(low), probability=0.2, resembles="normal")
    (row,) = rows(result(low, prediction=said))
    assert (row["answer"], row["resembles"], row["resembles_in_words"]) == (
        "resembles non-COVID",
        "normal",
        "non-COVID",
    )
    assert (row["positive_class"], row["positive_class_in_words"]) == ("covid", "COVID-19")
    values = json.loads(as_json(result()))
    assert values["classes_in_words"] == {"covid": "COVID-19", "normal": "non-COVID"}


@pytest.mark.parametrize(
    ("known", "nearly", "has_content", "said"),
    [
        ("a.png", "", False, "yes"),
        ("", "a.png", False, "nearly the same"),
        ("", "", True, "yes"),
        ("", "", False, "no"),
    ],
)
def test_files_say_whether_the_x_ray_is_of_the_set(known, nearly, has_content, said):
    about = replace(NEAR, known_as=known, nearly_known_as=nearly)
    (row,) = rows(result(about, has_content=has_content, limits=["This X-ray is not of the set."]))
    assert (row["of_the_set"], row["limits"]) == (said, "This X-ray is not of the set.")


@pytest.mark.parametrize(("assessment", "asked"), [(NEAR, "no"), (FAR, "yes")])
def test_files_say_which_number_was_asked_for_anyway(assessment, asked):
    assert rows(result(assessment))[0]["asked_anyway"] == asked
    assert result_values(result(assessment))["asked_anyway"] is (asked == "yes")
    assert result_values(result(assessment, shows_number=False))["asked_anyway"] is False


def test_files_give_the_reason_where_there_is_no_number():
    empty = XrayResult(number=2, refusal="This file is empty.")
    far, refused, unread = rows(result(FAR, shows_number=False), empty, XrayResult(number=3))
    assert far["answer"].startswith("no number: Too unlike the 50 X-rays")
    assert refused["answer"] == "no number: This file is empty."
    assert (unread["answer"], unread["of_the_set"]) == ("no number: The model has not read this X-ray.", "")


def test_every_line_of_the_csv_says_that_it_is_not_for_diagnosis():
    assert [row["not_for"] for row in rows(result(), XrayResult(number=2))] == ["diagnosis"] * 2
