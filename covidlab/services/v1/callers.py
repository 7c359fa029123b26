"""Who asks over HTTP: a program with the token, somebody signed in, a page of this dashboard, or a program on this machine.

A request is from here where the other end of the connection is this machine, the address it was asked under is one of this machine,
and no proxy has passed it on. So a page elsewhere whose name was turned to this machine (DNS rebinding) is not from here,
and neither is what a proxy on this machine brings.
"""

import hashlib
import hmac
import ipaddress
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request

from covidlab.services.access import Act, Visitor, require
from covidlab.services.roles import Identity, load_roles, proxy_header, proxy_identity
from covidlab.services.v1.problems import Problem
from covidlab.services.v1.rates import Rate

TOKEN_SETTING = "COVIDLAB_API_TOKEN"
_FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "forwarded", "via")
_FROM_HERE = ("same-origin", "none")
WRONG_TOKENS_A_MINUTE = 30


class Callers:
    """Tells who asks.

    Parameters
    ----------
    signed_in : who has signed in with a provider in the browser that asks, None for nobody
    needs_sign_in : whether there is a provider
    """

    def __init__(
        self,
        *,
        signed_in: Callable[[Request], Identity | None] = lambda request: None,
        needs_sign_in: Callable[[], bool] = lambda: False,
    ) -> None:
        self._signed_in, self._has_provider = signed_in, needs_sign_in
        self._wrong_tokens = Rate(WRONG_TOKENS_A_MINUTE)

    def of_api(self, request: Request, act: Act) -> Visitor:
        """Return who asks for an act; raises Problem where nobody knows them, AccessError where their role does not allow it."""
        visitor = self._known(request)
        if visitor is None and self._needs_sign_in():
            raise _unauthorized("Sign in, or send the token of the API.")
        if visitor is None:
            visitor = self._unknown_program(request, act)
        require(visitor, act)
        return visitor

    def of_page(self, request: Request, *, reads_xrays: bool) -> Visitor:
        """Return who asks for what a page of the dashboard shows; raises as ``of_api`` does.

        Browsers send where a request comes from; who sends it without one must be a program that ``of_api`` would let in.
        """
        visitor = self._known(request)
        if visitor is None and is_from_own_page(request.headers) and not self._needs_sign_in():
            visitor = load_roles().unnamed(is_here=is_here(request.scope))
        if visitor is None:
            return self.of_api(request, Act.READ if reads_xrays else Act.LOOK)
        require(visitor, Act.LOOK)
        return visitor

    def check_session(self, request: Request) -> None:
        """Raise as ``of_api`` does where people sign in and nobody has: what is in the session of a page is for nobody else."""
        if not self._needs_sign_in():
            return
        visitor = self._known(request)
        if visitor is None:
            raise _unauthorized("Sign in first.")
        require(visitor, Act.LOOK)

    def _known(self, request: Request) -> Visitor | None:
        """Who proves to be somebody. Other sites may not ask in the name of a visitor of theirs."""
        if is_from_other_site(request.headers):
            raise Problem(403, "Only pages of this dashboard may ask.")
        if (sent := _sent_token(request)) and (token := _token()):
            if not _is_same(sent, token):
                # Nobody tries tokens one after another.
                self._wrong_tokens.count(request.client.host if request.client else "")
                raise _unauthorized("The token is not the one of this server.")
            return load_roles().program(is_named=self._needs_sign_in())
        identity = self._signed_in(request) or proxy_identity(request.headers)
        return load_roles().visitor(identity) if identity else None

    def _unknown_program(self, request: Request, act: Act) -> Visitor:
        here = is_here(request.scope)
        if _token() and not (here and act is Act.LOOK):
            raise _unauthorized("The token of the API is expected: Authorization: Bearer TOKEN.")
        if not here:
            raise Problem(
                403, f"The API answers programs on this machine only, until {TOKEN_SETTING} is set where it runs."
            )
        return load_roles().unnamed(is_here=True)

    def _needs_sign_in(self) -> bool:
        return bool(proxy_header()) or self._has_provider()


def is_here(scope: dict[str, Any]) -> bool:
    """Whether a request is from this machine: by its connection, the name it was asked under, and no proxy between."""
    headers, client = Headers(scope=scope), scope.get("client")
    if client is None or any(name in headers for name in _FORWARDED):
        return False
    return _is_loopback(client[0]) and _is_loopback(host_name(headers.get("host", "")))


def is_from_own_page(headers: Headers) -> bool:
    """Whether a browser says that a page of this dashboard asks."""
    if site := headers.get("sec-fetch-site"):
        return site in _FROM_HERE
    # Browsers send that header to safe addresses only, which http:// to another machine is not.
    where = headers.get("origin") or headers.get("referer") or ""
    return bool(where) and urlsplit(where).netloc == headers.get("host")


def is_from_other_site(headers: Headers) -> bool:
    """Whether a browser says that a page of another site asks."""
    if site := headers.get("sec-fetch-site"):
        return site not in _FROM_HERE
    origin = headers.get("origin")
    return bool(origin) and urlsplit(origin).netloc != headers.get("host")


def caller_name(request: Request, visitor: Visitor) -> str:
    """Return by what a caller is counted: who they are, else the address they ask from."""
    return visitor.token or (request.client.host if request.client else "")


def _sent_token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _token() -> str:
    return os.environ.get(TOKEN_SETTING, "").strip()


def _is_same(sent: str, token: str) -> bool:
    # Hashes have one length, so the time tells nothing of the token, its length included.
    return hmac.compare_digest(hashlib.sha256(sent.encode()).digest(), hashlib.sha256(token.encode()).digest())


def _unauthorized(sentence: str) -> Problem:
    return Problem(401, sentence, {"WWW-Authenticate": 'Bearer realm="covidlab"'})


def host_name(host: str) -> str:
    """Return the name in a Host header, in small letters and without the port; "" where it is none."""
    if any(mark in host for mark in "@/?#\\"):
        # More than a name, which no browser sends.
        return ""
    try:
        parts = urlsplit(f"//{host}")
        # To ask for the port is to check it.
        return (parts.hostname or "") if parts.port is None or parts.port else ""
    except ValueError:
        return ""


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
