"""What a person has chosen becomes ``Answers``."""

from covidlab.data.layouts import Answers, Ask
from covidlab.ui.curate.questions import answers_from


def test_answers_from_choices_have_their_types():
    given = {
        Ask.CLASSES_FROM: "table",
        Ask.CLASS_LEVEL: "2",
        Ask.CONTAINS: ("Pneumonia", "Mass"),
        Ask.PATIENTS_FROM_NAMES: "yes",
        Ask.KEEP_SPLIT: "no",
    }
    assert answers_from(given) == Answers(
        classes_from="table", class_level=2, contains=("Pneumonia", "Mass"), patients_from_names=True
    )


def test_answers_from_nothing_leave_all_to_what_is_unambiguous():
    assert answers_from({Ask.CLASS_COLUMN: "", Ask.CLASS_LEVEL: ""}) == Answers()
