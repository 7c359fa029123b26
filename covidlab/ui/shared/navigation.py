"""Links from page to page."""

from pathlib import Path
from urllib.parse import urlencode

import streamlit as st
from streamlit.errors import StreamlitAPIException


def page_link(
    page: str, *, label: str, icon: str, query_params: dict[str, str] | None = None, width: str = "content"
) -> None:
    """Draw a link to a page of the app; a plain address where a page runs without its app, as under a test."""
    try:
        st.page_link(page, label=label, icon=icon, query_params=query_params, width=width)
    except StreamlitAPIException:
        address = "/" if page == "app.py" else "/" + Path(page).stem.split("_", 1)[-1]
        st.markdown(f"[{label}]({address}?{urlencode(query_params or {})})")
