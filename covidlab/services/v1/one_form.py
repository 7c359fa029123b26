"""Every error below the API in one form (RFC 9457): also of what lies around the routes, and what nobody has foreseen."""

import logging
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from covidlab.services.v1.problems import MEDIA_TYPE, problem

_SAID = {
    400: "The address or a header of the request is not as the server expects it.",
    404: "There is nothing at this address. What there is stands in openapi.json.",
    405: "This method is not expected here.",
    500: "The server has failed. What went wrong stands in its console.",
}
_KEPT = ("allow", "retry-after", "www-authenticate")


class OneForm:
    """An ASGI application around another one.

    Parameters
    ----------
    app : what answers
    prefix : the address below which errors are problem details
    """

    def __init__(self, app: ASGIApp, *, prefix: str) -> None:
        self._app, self._prefix = app, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not f"{scope['path']}/".startswith(f"{self._prefix}/"):
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, receive, send)
        try:
            await self._app(scope, receive, answer.send)
        except Exception:  # the outermost frame below this address: who asks is told in one form, the console why
            if answer.has_begun:
                raise
            logging.getLogger(__name__).exception("A request to the API failed.")
            await problem(500, _SAID[500])(scope, receive, send)


class _Answer:
    """An answer on its way; an error in another form is replaced."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self.has_begun = self._is_replaced = False

    async def send(self, message: Message) -> None:
        """Send a part of it, or the whole of another one at its start."""
        if message["type"] == "http.response.start":
            self.has_begun = True
            self._is_replaced = _is_error_in_another_form(message)
            if self._is_replaced:
                await _in_form(message)(self._scope, self._receive, self._send)
        if not self._is_replaced:
            await self._send(message)


def _is_error_in_another_form(message: Message) -> bool:
    return message["status"] >= 400 and Headers(raw=message["headers"]).get("content-type") != MEDIA_TYPE


def _in_form(message: Message) -> ASGIApp:
    status, headers = message["status"], Headers(raw=message["headers"])
    kept = {name.title(): headers[name] for name in _KEPT if name in headers}
    return problem(status, _SAID.get(status, f"{HTTPStatus(status).phrase}."), kept)
