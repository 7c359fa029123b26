"""What holds for every request, pages and their parts included: which names the server answers to, headers that browsers obey,
whom a proxy may name, who may read the metrics, and where people sign in, that nobody else sends files to a session or gets any
of it. Wraps the whole application (``st.App(middleware=...)``).
"""

import ipaddress
import os
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from covidlab.errors import CovidLabError, SetupError
from covidlab.language import tr
from covidlab.services.access import Act
from covidlab.services.roles import PROXIES, proxy_header
from covidlab.services.v1.callers import Callers, host_name, is_here
from covidlab.services.v1.one_form import OneForm
from covidlab.services.v1.problems import Problem, problem_of
from covidlab.services.way_back import WayBack

# Tells pages that a visitor is at this machine; taken out of what comes from outside.
HERE_HEADER = "x-covidlab-here"
METRICS = "/_stcore/metrics"
# What was uploaded in the session of a page, and the pictures and files that a page has drawn.
OF_SESSIONS = ("/_stcore/upload_file", "/media")
# Streamlit styles elements one by one and compiles parts of its charts in the browser: hence 'unsafe-inline' and 'unsafe-eval'.
# What is left out of it: anything from another site, and other sites around this one.
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "media-src": "'self' data: blob:",
    "connect-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "frame-src": "'self' data: blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # Requests of own pages are told by it where browsers send nothing better (services.v1.callers).
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Guard:
    """An ASGI application around another one.

    Parameters
    ----------
    app : what is guarded
    hosts : names the server answers to, as ``server.allowedHosts`` has them; none: any
    origins : other sites whose pages may open this dashboard, as ``server.corsAllowedOrigins`` has them
    callers : tells who asks for the metrics
    base : path below which the dashboard is served, "" for none
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Sequence[str] = (),
        origins: Sequence[str] = (),
        callers: Callers | None = None,
        base: str = "",
    ) -> None:
        root = f"/{base.strip('/')}" if base.strip("/") else ""
        self._app = OneForm(WayBack(app, base=root), prefix=f"{root}/api")
        self._callers = callers or Callers()
        self._hosts = [host.strip().lower().rstrip(".").strip("[]") for host in hosts]
        self._origins = {origin.strip() for origin in origins}
        self._metrics, self._of_sessions = f"{root}{METRICS}", tuple(f"{root}{place}/" for place in OF_SESSIONS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            scope = {**scope, "headers": _trusted_headers(scope)}
            answer = self._of_websocket(scope) if scope["type"] == "websocket" else self._of_request(scope)
        except CovidLabError as error:
            answer = _refusal if scope["type"] == "websocket" else problem_of(error)
        await answer(scope, receive, _with_headers(send))

    def _of_websocket(self, scope: Scope) -> ASGIApp:
        headers = Headers(scope=scope)
        return self._app if self._is_host_allowed(headers) and self._is_origin_allowed(headers) else _refusal

    def _of_request(self, scope: Scope) -> ASGIApp:
        request = Request(scope)
        if not self._is_host_allowed(request.headers):
            raise Problem(421, tr("This server does not answer to the name it was asked under (server.allowedHosts)."))
        # Programs of this machine may read the metrics.
        if scope["path"].rstrip("/") == self._metrics and not is_here(scope):
            self._callers.of_api(request, Act.OPERATE)
        elif scope["path"].startswith(self._of_sessions) and request.method != "OPTIONS":
            self._callers.check_session(request)
        return self._app

    def _is_host_allowed(self, headers: Headers) -> bool:
        if not self._hosts or "*" in self._hosts:
            return True
        name = host_name(headers.get("host", "")).rstrip(".")
        return any(name == host or (host.startswith("*.") and name.endswith(host[1:])) for host in self._hosts)

    def _is_origin_allowed(self, headers: Headers) -> bool:
        """Whether a page of this dashboard opens the connection; programs say nothing of where they are from."""
        origin = headers.get("origin")
        return origin is None or urlsplit(origin).netloc == headers.get("host") or origin in self._origins


async def _refusal(scope: Scope, receive: Receive, send: Send) -> None:
    """Close a connection before it is open."""
    await send({"type": "websocket.close", "code": 1008})


def _trusted_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    """The headers without what only this server and its proxy may say, and whether the visitor is at this machine."""
    named, client = proxy_header().encode("latin-1"), scope.get("client")
    dropped = {HERE_HEADER.encode()}
    if named and not (client and is_trusted_proxy(client[0])):
        dropped.add(named)
    kept = [(name, value) for name, value in scope["headers"] if name.lower() not in dropped]
    return [*kept, (HERE_HEADER.encode(), b"1")] if is_here(scope) else kept


def is_trusted_proxy(address: str) -> bool:
    """Return whether a connection from this address is one of the proxy that may name people."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    return any(mapped in network for network in proxy_networks())


def proxy_networks() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return the addresses in COVIDLAB_PROXIES; raises SetupError where one is none."""
    named = (os.environ.get(PROXIES) or "").replace(",", " ").split()
    try:
        return [ipaddress.ip_network(each) for each in named]
    except ValueError as error:
        raise SetupError(
            tr(
                "{proxies} must hold addresses or networks, such as 10.0.0.5 or 10.0.0.0/24. Received: {named}.",
                proxies=PROXIES,
                named=" ".join(named),
            )
        ) from error


def _with_headers(send: Send, headers: Iterable[tuple[str, str]] = tuple(HEADERS.items())) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = MutableHeaders(scope=message)
            for name, value in headers:
                given.setdefault(name, value)
        await send(message)

    return send_with_headers
