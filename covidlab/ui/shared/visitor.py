"""What tells one visitor from another: a random token in a cookie of the browser's session, and a name where one is typed.

The token proves that a run is one's own. Its hash alone is written to the disk. A page that is loaded again gets a new session
of Streamlit; the cookie brings the token back, until the browser is closed. Where people sign in, who they are takes the place of
both.
"""

import re
import secrets

import streamlit as st

from covidlab.services.access import Visitor
from covidlab.services.guard import HERE_HEADER
from covidlab.services.roles import load_roles, proxy_header, proxy_identity
from covidlab.ui.shared.components.visitor_cookie import visitor_cookie
from covidlab.ui.shared.sign_in import has_provider, signed_in_on_page

COOKIE = "covidlab_visitor"
_TOKEN, _NAME, _TYPED = "visitor_token", "visitor_name", "visitor_name_typed"
_TOKEN_BYTES = 16
_IS_TOKEN = re.compile(r"[\w-]{20,64}")


def current_visitor() -> Visitor:
    """Return who draws this page and which role they have; raises SetupError where the file of roles cannot be read."""
    roles, headers = load_roles(), st.context.headers
    identity = signed_in_on_page() or proxy_identity(headers)
    if identity is not None:
        return roles.visitor(identity)
    if has_provider() or proxy_header():
        return Visitor(role=None)
    return roles.unnamed(is_here=HERE_HEADER in headers or not roles.is_there, token=_browser_token())


def _browser_token() -> str:
    if _TOKEN not in st.session_state:
        brought = str(st.context.cookies.get(COOKIE, ""))
        st.session_state[_TOKEN] = brought if _IS_TOKEN.fullmatch(brought) else secrets.token_urlsafe(_TOKEN_BYTES)
    return st.session_state[_TOKEN]


def keep_visitor() -> None:
    """Let the browser keep the token; to be drawn on each page whose buttons depend on it."""
    visitor_cookie(COOKIE, _browser_token())


def visitor_name(*, label: str, max_length: int, help: str) -> str:
    """Draw the field for a name and return what stands in it; remembered on all pages of a visit."""
    st.session_state.setdefault(_TYPED, typed_name())
    st.text_input(label, max_chars=max_length, key=_TYPED, help=help, on_change=_remember)
    return typed_name()


def typed_name() -> str:
    """Return the name this visitor has typed, "" where none was."""
    return st.session_state.get(_NAME, "")


def _remember() -> None:
    st.session_state[_NAME] = st.session_state[_TYPED].strip()
