"""Tabs that stand in the address: named in the visitor's language, found by their name in any language."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from covidlab.language import LANGUAGES, LazyText, speaking, tr


def draw_tabs(labels: Sequence[LazyText], *, key: str) -> Sequence[DeltaGenerator]:
    """Draw tabs of which one is drawn at a time (``open``); the address says which, and so does the session state at ``key``.

    An address that was passed on, or kept, names a tab in the language of whoever was there before.
    """
    shown = [tr(label) for label in labels]
    asked = st.session_state.get(key, st.query_params.get(key))
    if asked and asked not in shown and (found := _place_of(asked, labels)) is not None:
        st.session_state[key] = shown[found]
    return st.tabs(shown, key=key, on_change="rerun", bind="query-params")


def _place_of(asked: str, labels: Sequence[LazyText]) -> int | None:
    """Which tab is called so in one of the languages."""
    for code in LANGUAGES:
        with speaking(code):
            names = [tr(label) for label in labels]
        if asked in names:
            return names.index(asked)
    return None
