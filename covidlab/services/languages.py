"""Addresses of sentences in a language: what pages ask for, below /in/{language}, answered by the same handlers. No Streamlit.

The language is part of the address, so each copy that a browser or a proxy keeps is of one language.
"""

from collections.abc import Iterable

from starlette.routing import BaseRoute, Mount, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from covidlab.language import ENGLISH, LANGUAGES, PSEUDO_LANGUAGES, speaking
from covidlab.services.v1.resource import NothingHere


def language_place(code: str) -> str:
    """Return where the routes of a language are, below the address of the API; "" for English."""
    return "" if code == ENGLISH else f"/in/{code}"


def routes_in_languages(prefix: str, routes: Iterable[BaseRoute]) -> Mount:
    """Return the routes for every language, below ``prefix``, the address of the API."""
    return Mount(f"{prefix}/in/{{language}}", app=_Speaking(Router(list(routes))))


class _Speaking:
    """Answers in the language that the address names; a language that is not known is an address where there is nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        code = scope["path_params"]["language"]
        if code not in LANGUAGES and code not in PSEUDO_LANGUAGES:
            await NothingHere()(scope, receive, send)
            return
        with speaking(code):
            await self._app(scope, receive, send)
