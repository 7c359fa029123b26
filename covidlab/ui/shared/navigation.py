"""Every way from page to page, and what of the address goes along.

Streamlit refuses to switch from a page while a bound widget (``bind="query-params"``) stands in its address, and drops bound
parameters with the page they are bound on. So every link and every switch of the app goes through this module:

- The data set, the positive class and the language hold on every page and go along. They are not bound but kept by ``choose_in_address``.
- What a visitor has set on one page (sliders, filters) leaves the address with that page; Streamlit puts it back when the same
  visitor comes again. A way that names settings of a run begins afresh: the others have their defaults.
- The model a visitor has chosen stands in the address of Predict, so that a reload keeps it.
- What a page shows (a film, a run, a page of films) stays behind, except where a link names it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st
from streamlit.errors import StreamlitAPIException

from covidlab.language import tr

DATA_SET, POSITIVE_CLASS, LANGUAGE = "data_set", "positive_class", "lang"
GO_ALONG = (DATA_SET, POSITIVE_CLASS, LANGUAGE)
TRAIN, PREDICT, AUDIT = "pages/2_Train.py", "pages/4_Predict.py", "pages/5_Audit.py"
AFRESH = "afresh"

_SETTING = "train_"
_BROUGHT = "brought_to_pages"


def address_of(page: str, named: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what the address holds after the way to ``page``: what goes along, and what the way names itself.

    Parameters
    ----------
    page : file of a page, e.g. "pages/2_Train.py"
    named : parameters of this way; where these are settings of a run, those that are not named begin from their defaults
    """
    along = {name: st.query_params[name] for name in GO_ALONG if name in st.query_params}
    brought = st.session_state.get(_BROUGHT, {}).get(page, {})
    afresh = {AFRESH: "1"} if any(name.startswith(_SETTING) for name in named or {}) else {}
    return along | brought | dict(named or {}) | afresh


def bring(page: str, query: Mapping[str, str]) -> None:
    """Let every way of this visitor to ``page`` carry ``query``, in place of what it carried before."""
    st.session_state.setdefault(_BROUGHT, {})[page] = dict(query)


def begin_afresh_if_asked() -> None:
    """Forget the settings of a run that this visitor left earlier, where the way to this page asks for it."""
    if st.query_params.pop(AFRESH, None):
        for key in [key for key in st.session_state if str(key).startswith(_SETTING)]:
            del st.session_state[key]


def page_link(
    page: str, *, label: str, icon: str, named: Mapping[str, str] | None = None, width: str = "content"
) -> None:
    """Draw a link to a page of the app; a plain address where a page runs without its app, as under a test."""
    query = address_of(page, named)
    try:
        st.page_link(page, label=label, icon=icon, query_params=query, width=width)
    except StreamlitAPIException:
        address = "/" if page == "app.py" else "/" + Path(page).stem.split("_", 1)[-1]
        st.markdown(f"[{label}]({address}?{urlencode(query)})")


def switch_page(page: str, named: Mapping[str, str] | None = None) -> None:
    """Go to a page of the app, as a click on its link would; the script ends here."""
    # Without query_params Streamlit would clear the address, and refuse while a widget is bound to it.
    st.switch_page(page, query_params=address_of(page, named))


def choose_in_address(label: str, options: Sequence[str], *, key: str, default: str | None, help: str) -> None:
    """Draw a choice whose answer stands in the address, and goes along on every way to another page.

    The answer is ``st.session_state[key]``. An address without it means the default; None: nothing is chosen yet.
    """
    asked = st.query_params.get(key)
    # The address has the say, also after the browser's Back. Nothing is taken out of it: a set may come back.
    st.session_state[key] = asked if asked in options else default
    st.selectbox(
        label,
        options,
        index=None if default is None else 0,
        placeholder=tr("Choose one"),
        key=key,
        on_change=lambda: put_in_address(key, st.session_state[key], default=default),
        help=help,
    )


def put_in_address(key: str, answer: str | None, *, default: str | None = None) -> None:
    """Write the answer of ``choose_in_address`` into the address, where it holds from the next drawing on."""
    if answer in (None, default):
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = answer
