"""Whether the visitor of a page may do something, as arguments of a button; and the sign-in before anything is drawn."""

from functools import partial
from html import escape
from typing import Any

import streamlit as st

from covidlab.errors import SetupError
from covidlab.language import tr
from covidlab.runs.store import Run
from covidlab.services.access import Act, role_name, why_not
from covidlab.services.guard import HERE_HEADER
from covidlab.services.roles import proxy_header
from covidlab.services.v1.problems import tell_console
from covidlab.text import markdown_escaped, one_line, sentence_escaped
from covidlab.ui.shared.languages import choose_language
from covidlab.ui.shared.sign_in import has_provider, providers
from covidlab.ui.shared.visitor import current_visitor


def allowed(act: Act, run: Run | None = None, *, disabled: bool = False, help: str | None = None) -> dict[str, Any]:
    """Return ``disabled`` and ``help`` of a control: where the visitor may not, it is off and says why.

    ``disabled`` and ``help`` are those it has for who may.
    """
    why = why_not(current_visitor(), act, run)
    return {"disabled": disabled or bool(why), "help": why or help}


def say_why_not(act: Act) -> None:
    """Say in a line why controls are off, where the visitor's role does not allow what they do: a finger finds no help text."""
    if why := why_not(current_visitor(), act):
        st.caption(f":material/lock: {why}")


def may_here(act: Act, run: Run | None = None) -> bool:
    """Return whether the visitor of this page may do an act."""
    return not why_not(current_visitor(), act, run)


def require_sign_in() -> None:
    """End the page with a sign-in where the visitor may not even look at it."""
    try:
        visitor = current_visitor()
    except SetupError as error:
        # Nobody gets in by a mistake in a file. What it is, is for who sits at the machine and for its console.
        tell_console(str(error))
        st.error(
            sentence_escaped(error)
            if is_at_machine()
            else tr("The server is not set up as it should be, so it lets nobody in. Ask whoever runs it.")
        )
        st.stop()
    if not why_not(visitor, Act.LOOK):
        return
    if visitor.is_signed_in:
        st.info(
            tr(
                "You are signed in as {name} and have no role here. Ask whoever runs this server.",
                name=markdown_escaped(visitor.name),
            ),
            icon=":material/lock:",
        )
        _draw_sign_out()
    elif has_provider():
        _draw_sign_in()
    else:
        st.info(
            tr("The proxy of this server has not said who you are. Open it by its own address."), icon=":material/lock:"
        )
    st.stop()


def is_at_machine() -> bool:
    """Return whether the visitor of this page is at the machine of the server."""
    return HERE_HEADER in st.context.headers


def draw_visitor() -> None:
    """Draw who is signed in, with which role, and a way out; nothing where nobody must sign in and all are owners."""
    visitor = current_visitor()
    if not visitor.is_signed_in:
        return
    with st.container(key="visitor"):
        name, role = one_line(visitor.name, max_length=60), role_name(visitor.role)
        # Not as Markdown, which makes a link of an address of mail.
        st.html(f"<p><strong>{escape(tr('You'))}</strong><br>{escape(tr('{name}, {role}', name=name, role=role))}</p>")
        if has_provider() and not proxy_header():
            _draw_sign_out()


def _draw_sign_in() -> None:
    """Draw a button for each provider, what is noted of people, and the choice of the language."""
    st.info(tr("Sign in to see the X-rays and the runs of this server."), icon=":material/lock:")
    for provider in providers():
        label = (
            tr("Sign in") if provider is None else tr("Sign in with {provider}", provider=markdown_escaped(provider))
        )
        st.button(label, key=f"sign_in_{provider}", type="primary", on_click=partial(st.login, *_named(provider)))
    st.caption(
        tr(
            "The server notes, with your name, what you start, stop, change and delete, and how many X-rays a model reads for you."
        )
    )
    with st.container(width=240, key="sign_in_language"):
        choose_language()


def _draw_sign_out() -> None:
    st.button(tr("Sign out"), key="sign_out", icon=":material/logout:", type="tertiary", on_click=st.logout)


def _named(provider: str | None) -> tuple[str, ...]:
    return () if provider is None else (provider,)
