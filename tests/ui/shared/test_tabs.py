"""Tabs stand in the address: one that was passed on in another language opens the same tab."""

import pytest
from streamlit.testing.v1 import AppTest


def page():
    import streamlit as st

    from covidlab.language import tr_lazy
    from covidlab.ui.shared.tabs import draw_tabs

    names = (tr_lazy("Questions"), tr_lazy("Gain of a class"))
    for tab, name in zip(draw_tabs(names, key="lesson_tab"), ("first", "second"), strict=True):
        if tab.open:
            tab.text(name)
    st.caption(st.session_state["lesson_tab"])


def drawn(asked="") -> AppTest:
    app = AppTest.from_function(page, default_timeout=30)
    if asked:
        app.query_params["lesson_tab"] = asked
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize("asked", ["Gain of a class", "Zugewinn einer Klasse"])
def test_tab_that_the_address_names_in_any_language_is_open(asked):
    app = drawn(asked)
    assert [text.value for text in app.text] == ["second"]
    assert app.caption[0].value == "Gain of a class"


@pytest.mark.parametrize("asked", ["", "No such tab"])
def test_tab_that_the_address_does_not_name_is_the_first(asked):
    assert [text.value for text in drawn(asked).text] == ["first"]
