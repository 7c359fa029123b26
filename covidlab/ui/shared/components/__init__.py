"""Parts of a page with JavaScript of their own: three files of one name in this folder."""

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from covidlab.services.api import API

HERE = Path(__file__).parent
_CHARTS = "charts_library"


def page_component(
    name: str, *, with_charts: bool = False, with_scripts: Sequence[str] = (), with_styles: Sequence[str] = ()
) -> Callable:
    """Return the component made of ``name``.html, .css and .js; to be called once, when the module is imported.

    ``with_charts`` adds what draws Plotly's figures (charts_library.js and .css), ``with_scripts`` further files of
    JavaScript by their names, ``with_styles`` further style sheets.
    """
    html, css, js = (_read(name, kind) for kind in ("html", "css", "js"))
    js += "".join(_read(script, "js") for script in with_scripts)
    css += "".join(_read(style, "css") for style in with_styles)
    if with_charts:
        css, js = css + _read(_CHARTS, "css"), js + _read(_CHARTS, "js")
    # In the page itself, whose colours and letters it takes and whose other parts its style may reach.
    return st.components.v2.component(f"covidlab_{name}", html=html, css=css, js=js, isolate_styles=False)


def address(place: str) -> str:
    """Return the address of a route, below the path at which the dashboard is served."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return (f"/{base}" if base else "") + API + place


def _read(name: str, kind: str) -> str:
    return (HERE / f"{name}.{kind}").read_text(encoding="utf-8")
