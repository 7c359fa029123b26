"""Tabs that the address remembers by their English names, whatever the language they are drawn in."""

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st
from streamlit.elements.lib.mutable_tab_container import TabContainer

from covidlab.language import LazyText, tr
from covidlab.ui.shared.navigation import put_in_address


def tabs_in_address(names: Sequence[LazyText], *, key: str) -> Sequence[TabContainer]:
    """Draw tabs; ``key`` of the address has the English name of the open one, nothing for the first.

    Streamlit's own ``bind`` would write the translated label, which another visitor's page does not have.
    """
    labels = {tr(name): name for name in names}
    asked, shown = st.query_params.get(key), f"{key}_shown"
    st.session_state[shown] = next((label for label, name in labels.items() if name == asked), next(iter(labels)))
    return st.tabs(list(labels), key=shown, on_change=partial(_remember, key, labels))


def _remember(key: str, labels: Mapping[str, LazyText]) -> None:
    first, *_ = labels.values()
    opened = labels.get(st.session_state[f"{key}_shown"], first)
    # Plain strings, which stay English.
    put_in_address(key, "".join(opened), default="".join(first))
