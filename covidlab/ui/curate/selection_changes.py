"""Changes of a selection, made where the visitor may; one that fails is said when the page is drawn next."""

from collections.abc import Callable

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.services.access import Act
from covidlab.services.actions import perform
from covidlab.text import sentence_escaped
from covidlab.ui.shared.visitor import current_visitor

_MESSAGE = "curate_message"


def try_to_change(step: Callable[[], object], *, act: Act = Act.TRAIN) -> None:
    """Do what changes a selection, where the visitor may; a message for the page where that fails."""
    try:
        perform(current_visitor(), act, step)
    except CovidLabError as error:
        st.session_state[_MESSAGE] = str(error)


def draw_failure() -> None:
    """Say why the last change failed, where it did."""
    if message := st.session_state.pop(_MESSAGE, None):
        st.error(sentence_escaped(message))
