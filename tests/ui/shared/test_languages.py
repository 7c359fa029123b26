"""The language stands in the address, goes along on links and can be chosen; without it the browser's counts."""

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.language import ENGLISH, LANGUAGES, language
from covidlab.ui.shared import languages


def page():
    import streamlit as st

    from covidlab.language import language, tr
    from covidlab.ui.shared.languages import choose_language, turn_the_page
    from covidlab.ui.shared.navigation import TRAIN, address_of

    turn_the_page()
    st.text(language())
    st.caption(tr("Language"))
    st.code(address_of(TRAIN))
    choose_language()


@pytest.fixture
def app():
    return AppTest.from_function(page, default_timeout=30)


def browser(monkeypatch, locale):
    monkeypatch.setattr(languages.st, "context", SimpleNamespace(locale=locale))


@pytest.mark.parametrize(
    ("locale", "expected"),
    [("de-AT", "de"), ("fr", "fr"), ("pt-BR", "en"), ("", "en"), (None, "en"), ("EN-us", "en")],
)
def test_language_without_one_in_the_address_is_the_browsers(app, monkeypatch, locale, expected):
    browser(monkeypatch, locale)
    app.run()
    assert app.text[0].value == expected
    assert "lang" not in app.query_params


def test_language_in_the_address_counts_before_the_browsers_and_goes_along(app, monkeypatch):
    browser(monkeypatch, "de")
    app.query_params["lang"] = "es"
    app.run()
    assert (app.text[0].value, app.caption[0].value) == ("es", "Idioma")
    assert "'lang': 'es'" in app.code[0].value
    assert app.selectbox[0].value == "es"


def test_language_in_the_address_that_is_not_known_is_english(app, monkeypatch):
    browser(monkeypatch, "de")
    app.query_params["lang"] = "../de"
    app.run()
    assert (app.text[0].value, app.selectbox[0].value) == (ENGLISH, ENGLISH)


def test_choice_names_each_language_in_itself_and_stands_in_the_address(app, monkeypatch):
    browser(monkeypatch, "en-GB")
    app.run()
    assert app.selectbox[0].options == list(LANGUAGES.values())
    app.selectbox[0].set_value("fr").run()
    assert (app.query_params["lang"], app.text[0].value) == ("fr", "fr")


def test_choice_of_the_browsers_language_leaves_the_address_without_one(app, monkeypatch):
    browser(monkeypatch, "de")
    app.query_params["lang"] = "fr"
    app.run()
    app.selectbox[0].set_value("de").run()
    assert "lang" not in app.query_params
    assert app.text[0].value == "de"


@pytest.mark.parametrize(("code", "turned"), [("ar-XB", True), ("en-XA", False), ("de", False)])
def test_page_runs_from_right_to_left_where_its_language_does(app, code, turned):
    app.query_params["lang"] = code
    app.run()
    assert any("rtl" in each.proto.body for each in app.get("html")) is turned


def test_language_where_no_page_runs_is_english():
    assert language() == ENGLISH
