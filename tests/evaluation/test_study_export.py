"""A session as files: what is in them, and that names of files and patients are not."""

import csv
import io
import json

import pytest

from covidlab.evaluation.reader_study import Case, Mode, begin_study
from covidlab.evaluation.study_export import COLUMNS, answers_csv, study_json


@pytest.fixture
def study():
    cases = [Case(f"covid/Doe_Jane_{n}.png", "covid", "covid", patient=f"Doe {n}") for n in range(3)]
    study = begin_study(cases, ("covid", "normal"), mode=Mode.DRILL, seed=9)
    return study.answered("covid", 4, final_class="normal", seconds=7.26).answered("normal", 1)


def test_answers_csv_has_a_line_an_answer(study):
    rows = list(csv.DictReader(io.StringIO(answers_csv(study))))
    assert tuple(rows[0]) == COLUMNS
    assert [row["number"] for row in rows] == ["1", "2"]
    assert (rows[0]["first_class"], rows[0]["final_class"], rows[0]["seconds"]) == ("covid", "normal", "7.3")
    assert rows[1]["seconds"] == ""


def test_study_json_says_how_it_was_drawn_and_the_tally(study):
    values = json.loads(study_json(study, model="run 3"))
    assert (values["model"], values["mode"], values["seed"]) == ("run 3", "wrong-advice drill", 9)
    assert values["num_xrays"] == 3 and len(values["answers"]) == 2
    assert values["tally"]["reader_right"]["value"] == 0.5
    assert values["tally"]["followed_right_advice"]["n"] + values["tally"]["followed_wrong_advice"]["n"] <= 2


def test_study_json_of_no_answers_is_strict_json(study):
    empty = begin_study(study.cases, study.classes, mode=Mode.PLAIN, seed=0)
    assert json.loads(study_json(empty, model="run 3"))["tally"]["reader_right"]["value"] is None


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t"])
def test_answers_csv_gives_a_spreadsheet_no_formula(sign):
    name = f'{sign}HYPERLINK("there")'
    study = begin_study([Case("a", name, name)], (name,), mode=Mode.PLAIN, seed=0).answered(name, 3)
    (row,) = csv.DictReader(io.StringIO(answers_csv(study)))
    assert {row[column] for column in COLUMNS if column.endswith("class")} == {f"'{name}"}


def test_exports_say_each_class_in_words_beside_its_folder(study):
    first, second = csv.DictReader(io.StringIO(answers_csv(study)))
    assert (first["final_class"], first["final_class_in_words"]) == ("normal", "non-COVID")
    assert (second["first_class_in_words"], second["true_class_in_words"]) == ("non-COVID", "COVID-19")
    values = json.loads(study_json(study, model="run 3"))
    assert values["classes_in_words"] == {"covid": "COVID-19", "normal": "non-COVID"}
    assert values["answers"][0]["first_class_in_words"] == "COVID-19"


def test_every_line_of_the_csv_says_that_it_is_not_for_diagnosis(study):
    assert {row["not_for"] for row in csv.DictReader(io.StringIO(answers_csv(study)))} == {"diagnosis"}


def test_exports_name_no_file_and_no_patient(study):
    text = answers_csv(study) + study_json(study, model="run 3")
    assert "Doe" not in text and "png" not in text
