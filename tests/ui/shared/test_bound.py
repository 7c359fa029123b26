"""Choices bound to the address under names that are the same in every language."""

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.language import speaking, tr

KEY = "train_optimizer"


def page():
    import streamlit as st

    from covidlab.language import tr
    from covidlab.runs.settings_text import OPTIMIZER_NAMES
    from covidlab.ui.shared import languages  # noqa: F401 - lets the address name the language
    from covidlab.ui.shared.bound import draw_bound

    names = list(OPTIMIZER_NAMES)
    draw_bound(
        st.selectbox,
        "Optimizer",
        names,
        key="train_optimizer",
        default="adam",
        format_func=lambda name: tr(OPTIMIZER_NAMES[name]),
    )


def drawn(**query):
    app = AppTest.from_function(page, default_timeout=30)
    app.query_params.update({name: [value] for name, value in query.items()})
    return app.run()


def german():
    with speaking("de"):
        return tr("SGD with momentum")


@pytest.mark.parametrize("lang", ["en", "de"])
def test_bound_choice_stands_in_the_address_in_english_whatever_the_page_speaks(lang):
    app = drawn(lang=lang)
    app.selectbox(key=KEY).select_index(1).run()
    assert app.query_params[KEY] == "SGD with momentum"
    app.selectbox(key=KEY).select_index(0).run()
    assert KEY not in app.query_params


@pytest.mark.parametrize("name", ["SGD with momentum", german()])
@pytest.mark.parametrize("lang", ["en", "de", "fr"])
def test_bound_choice_of_an_address_is_understood_in_every_language(lang, name):
    app = drawn(lang=lang, **{KEY: name})
    assert app.selectbox(key=KEY).value == "sgd"
    assert app.query_params[KEY] == "SGD with momentum"


def test_bound_choice_that_nobody_knows_is_the_default():
    app = drawn(**{KEY: "rocket"})
    assert app.selectbox(key=KEY).value == "adam"
    assert KEY not in app.query_params


def test_bound_choice_that_somebody_sets_is_written_into_the_address():
    app = drawn()
    app.session_state[KEY] = "sgd"
    app.run()
    assert (app.selectbox(key=KEY).value, app.query_params[KEY]) == ("sgd", "SGD with momentum")


def test_bound_choice_follows_the_address_when_it_changes():
    app = drawn(**{KEY: "SGD with momentum"})
    del app.query_params[KEY]
    app.run()
    assert app.selectbox(key=KEY).value == "adam"
