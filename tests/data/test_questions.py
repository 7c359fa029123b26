"""What is asked of a person."""

from covidlab.data.folder_classes import FolderClasses
from covidlab.data.layouts import Answers, Ask
from covidlab.data.listed import Listed
from covidlab.data.patient_names import PatientPattern
from covidlab.data.questions import (
    ask_for_column,
    ask_for_labels,
    ask_for_level,
    ask_for_origin,
    ask_for_patients_in_names,
    ask_for_split,
)
from covidlab.data.table_classes import TableClasses

LEVELS = FolderClasses(levels=(("a", "b"), ("c", "d")), level=2)


def listed(**cells: str) -> Listed:
    return Listed(rows={picture: {"finding": cell} for picture, cell in cells.items()}, labels=("finding",))


def test_level_is_offered_where_one_is_plain_and_needed_where_none_is():
    (offered,) = ask_for_level(LEVELS, is_answered=False)
    assert (offered.answer, offered.is_needed) == ("2", False)
    (needed,) = ask_for_level(FolderClasses(levels=LEVELS.levels, is_level_open=True), is_answered=False)
    assert (needed.answer, needed.is_needed) == ("", True)
    assert needed.sentence() == (
        "Folders lie in folders. Which level names the class? 1: a, b; 2: c, d. Answer with --class-level."
    )


def test_level_of_folders_at_one_depth_is_not_asked_for():
    assert ask_for_level(FolderClasses(), is_answered=False) == ()


def test_origin_is_asked_for_only_where_labels_part_x_rays_otherwise():
    classes = {"1": "covid", "2": "covid", "3": "normal", "4": "normal"}
    same = listed(**{"1": "a", "2": "b", "3": "c", "4": "c"})
    other = listed(**{"1": "a", "2": "b", "3": "a", "4": "b"})
    assert ask_for_origin(same, classes, Answers()) == ()
    assert ask_for_origin(other, classes, Answers())[0].answer == "folders"
    assert ask_for_origin(other, {"1": "x", "2": "x", "3": "y", "4": "y"}, Answers())[0].answer == ""


def test_column_is_asked_for_with_its_commonest_values():
    (question,) = ask_for_column(listed(**{"1": "a", "2": "b", "3": "a"}), ("finding",), "")
    assert question.text == "Is the column finding of the table the class?"
    assert question.choices[0].text == "finding (a 2, b 1)"


def test_labels_are_asked_for_with_their_numbers_and_several_may_be_taken():
    (question,) = ask_for_labels(TableClasses(labels={"Mass": 3, "Hernia": 1}), "finding", Answers())
    assert [choice.text for choice in question.choices] == ["Mass (3)", "Hernia (1)"]
    assert question.several
    assert question.is_needed


def test_patients_in_names_are_not_taken_without_an_answer():
    pattern = PatientPattern("a/7_1.png", "7", {"a/7_1.png": "7", "a/7_2.png": "7"})
    question = ask_for_patients_in_names(pattern, accepted=False)
    assert question.about == Ask.PATIENTS_FROM_NAMES
    assert question.text == "a/7_1.png: is 7 the patient? Then the 2 X-rays named like this show 1 patient."
    assert question.answer == "no"


def test_split_of_one_part_is_none():
    assert ask_for_split({"a": "train", "b": "train"}, Answers()) == ()
    (question,) = ask_for_split({"a": "train", "b": "test"}, Answers(keep_split=True))
    assert "(train 1, test 1)" in question.text
    assert question.answer == "yes"
