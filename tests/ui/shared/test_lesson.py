"""A lesson link: what it hides and asks, and that nothing in an address is trusted."""

import cv2
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from covidlab.paths import PROJECT_ROOT
from covidlab.ui.shared.lesson import (
    HIDEABLE,
    LONGEST_QUESTION,
    Lesson,
    hiding_style,
    lesson_query,
    lesson_url,
    parse_lesson,
    qr_png,
)


def page() -> None:
    import streamlit as st

    from covidlab.ui.shared.lesson import draw_lesson_maker, draw_lesson_question, is_hidden

    draw_lesson_question()
    st.text(f"hidden: {is_hidden('train_seed')}")
    draw_lesson_maker()


def test_lesson_without_its_parameters_is_none():
    assert parse_lesson({"train_seed": "7"}) is None
    assert parse_lesson({"lesson_hide": "", "lesson_question": " \n"}) is None


def test_lesson_hides_known_controls_only():
    lesson = parse_lesson(
        {"lesson_hide": "train_seed,not_for_diagnosis,train_seed,}*{display:none", "lesson_question": "Why?"}
    )
    assert lesson == Lesson("Why?", ("train_seed",))


def test_lesson_question_is_one_line_without_control_characters_and_cut():
    (question,) = [parse_lesson({"lesson_question": "a\n\u202eb" + "c" * 9999}).question]
    assert question.startswith("a bccc")
    assert len(question) == LONGEST_QUESTION


def test_hiding_style_names_nothing_that_is_not_known():
    style = hiding_style(["train_seed", "stMain", "train_preset"])
    assert (
        style
        == ".st-key-train_seed, .st-key-train_preset, .st-key-train_preset + .stElementContainer { display: none !important; }"
    )
    assert hiding_style(["advanced"]).startswith(".stExpander:has(.st-key-train_preset) {")
    assert hiding_style(["stMain"]) == ""


def test_every_key_that_may_be_hidden_is_drawn_by_train():
    sources = "".join(path.read_text(encoding="utf-8") for path in (PROJECT_ROOT / "covidlab/ui/train").glob("*.py"))
    assert [key for key in HIDEABLE if f'key="{key}"' not in sources and key != "advanced"] == []


def test_lesson_query_takes_settings_and_data_set_and_leaves_what_is_shown():
    query = {"train_epochs": "7", "data_set": "fifty", "run": "0001-abcd", "lesson_question": "old"}
    made = lesson_query(query, ["train_seed"], "What happens?")
    assert made == {
        "train_epochs": "7",
        "data_set": "fifty",
        "lesson_hide": "train_seed",
        "lesson_question": "What happens?",
        "afresh": "1",
    }


@pytest.mark.parametrize(
    ("base", "begins"),
    [
        ("http://host:8501/Train", "http://host:8501/Train?a=b+c"),
        ("https://host/lab/Train", "https://host/lab/Train?a=b+c"),
        ("http://host:8501/", "http://host:8501/Train?a=b+c"),
        ("", "/Train?a=b+c"),
    ],
)
def test_lesson_url_leads_to_train_wherever_the_dashboard_is(base, begins):
    assert lesson_url(base, {"a": "b c"}) == begins


def test_qr_code_says_the_address():
    url = lesson_url("http://host:8501/Train", lesson_query({"train_epochs": "7"}, list(HIDEABLE), "Was lernt es? é"))
    picture = cv2.imdecode(np.frombuffer(qr_png(url), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == url


def test_qr_code_of_too_long_an_address_is_none():
    assert qr_png("x" * 5000) is None


def test_lesson_question_is_escaped_said_to_be_the_links_and_can_be_ended():
    app = AppTest.from_function(page, default_timeout=30)
    app.query_params["lesson_question"] = "**Bold** <b>?"
    app.query_params["lesson_hide"] = "train_seed"
    app.run()
    assert "\\*\\*Bold\\*\\* \\<b\\>\\?" in app.markdown[0].value
    assert "not from covidlab. It hides: Seed." in app.caption[0].value
    assert app.text[0].value == "hidden: True"
    app.button(key="lesson_end").click().run()
    assert app.text[0].value == "hidden: False"
    assert "lesson_question" not in app.query_params


def test_lesson_maker_shows_the_address_of_what_is_chosen():
    app = AppTest.from_function(page, default_timeout=30).run()
    app.multiselect(key="lesson_maker_hide").set_value(["train_seed"])
    app.text_input(key="lesson_maker_question").set_value("What does it learn?").run()
    assert not app.exception
    assert "lesson_hide=train_seed&lesson_question=What+does+it+learn%3F" in app.code[0].value
