"""The way back after a sign-in: who came to a page by its address gets to it again. Streamlit itself leads to Home.

Browsers say which page of this dashboard sends them to the sign-in (``Referrer-Policy: same-origin``). Its path is kept in a cookie
until the provider sends them back.
"""

from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "covidlab_way_back"
LOGIN, CALLBACK = "/auth/login", "/oauth2callback"
# Long enough for a password, a second factor, and a wrong password before.
_SECONDS = 15 * 60
# What browsers keep of a cookie.
_MAX_LENGTH = 3500


class WayBack:
    """An ASGI application around another one, which signs people in.

    Parameters
    ----------
    app : what signs in and draws the pages
    base : path below which the dashboard is served, "" for none
    """

    def __init__(self, app: ASGIApp, *, base: str = "") -> None:
        self._app, self._base = app, base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # The beginning and the end of the server have no path.
        place = scope.get("path", "") if scope["type"] == "http" else ""
        changed = {f"{self._base}{LOGIN}": self._keep, f"{self._base}{CALLBACK}": self._lead_back}.get(place)
        if changed is None:
            await self._app(scope, receive, send)
            return

        async def send_changed(message: Message) -> None:
            if message["type"] == "http.response.start":
                changed(Request(scope), MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, send_changed)

    def _keep(self, request: Request, answer: MutableHeaders) -> None:
        """Keep where the browser comes from."""
        if place := self._place_in(request.headers):
            answer.append("Set-Cookie", self._cookie(quote(place, safe="/"), seconds=_SECONDS))

    def _lead_back(self, request: Request, answer: MutableHeaders) -> None:
        """Lead there, once."""
        if (kept := request.cookies.get(COOKIE)) is None:
            return
        answer.append("Set-Cookie", self._cookie("", seconds=0))
        if "location" in answer and (place := self._checked(unquote(kept))):
            answer["Location"] = quote(place, safe="/?&=%:,;+-_.~!*'()@$")

    def _place_in(self, headers: Headers) -> str:
        """Path and settings of the page of this dashboard that sends the browser, "" where there is none."""
        try:
            came_from = urlsplit(headers.get("referer", ""))
        except ValueError:
            return ""
        if came_from.netloc != headers.get("host"):
            return ""
        return self._checked(f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path)

    def _checked(self, place: str) -> str:
        """The place where it is one of this dashboard, else "": with two slashes at its start it would be another site."""
        is_here = place.startswith(f"{self._base}/") and place[1:2] not in ("/", "\\")
        return place if is_here and len(quote(place, safe="/")) <= _MAX_LENGTH else ""

    def _cookie(self, value: str, *, seconds: int) -> str:
        made = Response()
        made.set_cookie(COOKIE, value, max_age=seconds, path=f"{self._base}/", httponly=True, samesite="lax")
        return made.headers["set-cookie"]
