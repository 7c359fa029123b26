"""Lesson: the questions, the gain of a class and its best runs, each in a tab of its own."""

import pytest

PAGE = "pages/8_Lesson.py"


@pytest.mark.usefixtures("covidlab_home")
def test_lesson_begins_with_the_first_round_of_five_questions(draw):
    app = draw(PAGE)
    assert [tab.label for tab in app.main.tabs] == ["Questions", "Gain of a class", "Best runs of a class"]
    assert len(app.main.radio) == 5
    assert app.main.subheader[0].value == "Before the lesson"


@pytest.mark.usefixtures("covidlab_home")
@pytest.mark.parametrize("tab", ["Gain of a class", "Best runs of a class"])
def test_lesson_tab_of_a_class_asks_for_its_files(draw, tab):
    app = draw(PAGE, lesson_tab=tab)
    assert not app.main.radio
    assert app.main.get("file_uploader")
