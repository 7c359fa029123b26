"""Parts of a page with JavaScript of their own: three files of one name in this folder."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from covidlab.language import LazyText, language
from covidlab.services.api import API
from covidlab.services.languages import language_place
from covidlab.ui.shared.components.words import words_of

HERE = Path(__file__).parent
_CHARTS, _WORDS = "charts_library", "words_library"
# What a part's file exports is called by words_library.js, which makes its words known first.
_EXPORTED, _CALLED = "export default function (", "function drawPart("
_INCLUDED = re.compile(r"<!-- (\w+)\.html -->")


def page_component(
    name: str, *, with_charts: bool = False, with_scripts: Sequence[str] = (), with_styles: Sequence[str] = ()
) -> Callable:
    """Return the component made of ``name``.html, .css and .js; to be called once, when the module is imported.

    ``with_charts`` adds what draws Plotly's figures (charts_library.js and .css), ``with_scripts`` further files of
    JavaScript by their names, ``with_styles`` further style sheets. Where the HTML has a comment with the name of another file, e.g.
    ``<!-- alter_bar.html -->``, that file stands in its place.
    """
    html, css, js = (_read(name, kind) for kind in ("html", "css", "js"))
    included = _INCLUDED.findall(html)
    html = _INCLUDED.sub(lambda found: _read(found[1], "html"), html)
    scripts = [*with_scripts, *[_CHARTS] * with_charts]
    js = js.replace(_EXPORTED, _CALLED) + "".join(_read(script, "js") for script in [*scripts, _WORDS])
    css += "".join(_read(style, "css") for style in [*with_styles, *[_CHARTS] * with_charts])
    # In the page itself, whose colours and letters it takes and whose other parts its style may reach.
    mount = st.components.v2.component(f"covidlab_{name}", html=html, css=css, js=js, isolate_styles=False)
    paths = tuple(HERE / f"{part}.html" for part in [name, *included])
    paths += tuple(HERE / f"{script}.js" for script in [name, *scripts])

    def draw(*, data: Mapping[str, Any] | None = None, **options: Any) -> Any:
        """Draw the part with its words in the visitor's language."""
        told = {"language_of_part": language(), "words_of_part": words_of(paths)}
        return mount(data={**_said(data or {}), **told}, **options)

    return draw


def _said(value: Any) -> Any:
    """The data of a part with what is translated when it is drawn in the language of now; JSON would have its English."""
    if isinstance(value, LazyText):
        return str(value)
    if isinstance(value, Mapping):
        return {name: _said(each) for name, each in value.items()}
    # Numbers, of which there may be many, say nothing.
    if isinstance(value, list | tuple) and not (value and isinstance(value[0], int | float)):
        return [_said(each) for each in value]
    return value


def address(place: str, *, has_words: bool = True) -> str:
    """Return the address of a route, below the path at which the dashboard is served.

    has_words : whether its answer says something, in the visitor's language; a file is the same in all
    """
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return (f"/{base}" if base else "") + API + (language_place(language()) if has_words else "") + place


def _read(name: str, kind: str) -> str:
    return (HERE / f"{name}.{kind}").read_text(encoding="utf-8")
