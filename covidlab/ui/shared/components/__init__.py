"""Parts of a page with JavaScript of their own: three files of one name in this folder."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent


def page_component(name: str) -> Callable:
    """Return the component made of ``name``.html, .css and .js; to be called once, when the module is imported."""
    html, css, js = ((HERE / f"{name}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
    # In the page itself, whose colours and letters it takes and whose other parts its style may reach.
    return st.components.v2.component(f"covidlab_{name}", html=html, css=css, js=js, isolate_styles=False)
