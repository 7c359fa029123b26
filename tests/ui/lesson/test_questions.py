"""The five questions on a page: two rounds without a hint between them, then scores and files."""

from streamlit.testing.v1 import AppTest

from covidlab.evaluation.lesson import QUESTIONS, Sheet
from covidlab.ui.lesson.questions import describe_score


def page() -> None:
    from covidlab.ui.lesson.questions import draw_questions

    draw_questions()


def hand_in(app: AppTest, answers) -> None:
    for radio, answer in zip(app.radio, answers, strict=True):
        if answer is not None:
            radio.set_value(answer)
    app.button[0].click().run()
    assert not app.exception


def texts(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.markdown, *app.caption, *app.subheader))


def test_questions_are_answered_twice_and_what_is_right_comes_at_the_end():
    right = [question.right for question in QUESTIONS]
    app = AppTest.from_function(page, default_timeout=30).run()
    hand_in(app, [right[0], None, None, None, None])
    assert "first answers are in" in texts(app)
    assert QUESTIONS[0].why not in texts(app)
    app.button(key="questions_again").click().run()
    assert [radio.value for radio in app.radio] == [None] * 5
    hand_in(app, right)
    assert "1 of 5 right before, 5 of 5 after" in texts(app)
    assert all(question.why in texts(app) for question in QUESTIONS)


def test_begin_again_forgets_all_answers():
    app = AppTest.from_function(page, default_timeout=30).run()
    hand_in(app, [0] * 5)
    app.button(key="questions_again").click().run()
    hand_in(app, [0] * 5)
    app.button(key="questions_begin").click().run()
    assert "Before the lesson" in texts(app)
    assert [radio.value for radio in app.radio] == [None] * 5


def test_score_says_how_little_five_questions_tell():
    sheet = Sheet("a", (None,) * 5, tuple(question.right for question in QUESTIONS))
    assert "0 of 5 right before, 5 of 5 after" in describe_score(sheet)
    assert "5 of 5 has a 95 % interval of 0.57 to 1.00 (n = 5)" in describe_score(sheet)
