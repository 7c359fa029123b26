"""The language of a visitor: the address names it (``lang``), else the browser's; a choice at the end of the sidebar."""

import json
from functools import lru_cache
from urllib.parse import parse_qs

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from covidlab.language import ENGLISH, LANGUAGES, ask_language_of, is_right_to_left, language, tr
from covidlab.ui.shared.navigation import LANGUAGE, put_in_address

_CHOICE = "language_choice"
# Streamlit says these in English only, and lets nobody name them; what may be uploaded stands in the help beside it.
_UPLOADER = """<style>
[data-testid="stFileUploaderDropzone"] button [data-testid="stMarkdownContainer"] p {{ font-size: 0; }}
[data-testid="stFileUploaderDropzone"] button [data-testid="stMarkdownContainer"] p::after {{ content: {upload}; font-size: 0.875rem; }}
[data-testid="stFileUploaderDropzoneInstructions"] {{ display: none; }}
</style>"""
# Streamlit moves a sidebar that is closed to the left, which here is over the page; its width is none then.
_RIGHT_TO_LEFT = """<style>
[data-testid="stAppViewContainer"] { direction: rtl; }
[data-testid="stMarkdown"], [data-testid="stMarkdown"] > div, [data-testid="stHeading"], [data-testid="stHeading"] > div { text-align: start; }
[data-testid="stSidebar"] { overflow: hidden; }
</style>"""


def visitors_language() -> str:
    """Return what the address names, else the browser's language where there is a catalog of it, else English."""
    run = get_script_run_ctx(suppress_warning=True)
    if run is None:
        return ENGLISH
    return _named_in(run.query_string) or browsers_language()


def browsers_language() -> str:
    """Return the language that the visitor's browser asks for, "" where there is no catalog of it."""
    code = (st.context.locale or "").split("-")[0].lower()
    return code if code in LANGUAGES else ""


# Every sentence of a page asks, some hundreds: `st.query_params` would take a tenth of the time of a page turn.
@lru_cache(maxsize=256)
def _named_in(query_string: str) -> str:
    return parse_qs(query_string).get(LANGUAGE, [""])[-1]


def choose_language() -> None:
    """Draw the choice of the language; it stands in the address, and goes along on every way to another page."""
    st.session_state[_CHOICE] = language() if language() in LANGUAGES else ENGLISH
    st.selectbox(
        tr("Language"),
        list(LANGUAGES),
        format_func=LANGUAGES.get,
        key=_CHOICE,
        on_change=lambda: put_in_address(LANGUAGE, st.session_state[_CHOICE], default=browsers_language() or ENGLISH),
    )


def turn_the_page() -> None:
    """Let the page run from right to left where its language does."""
    if is_right_to_left():
        st.html(_RIGHT_TO_LEFT)


def say_for_streamlit() -> None:
    """Put words of the language where Streamlit has its own."""
    if language() != ENGLISH:
        st.html(_UPLOADER.format(upload=json.dumps(tr("Upload"), ensure_ascii=False)))


ask_language_of(visitors_language)
