"""One address of the API: who may do what there by which method, how often, and every answer that says why not in one form."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from covidlab.errors import CovidLabError
from covidlab.services.access import Act, Visitor
from covidlab.services.v1.callers import Callers, caller_name
from covidlab.services.v1.problems import problem, problem_of
from covidlab.services.v1.rates import Rate

Answer = Callable[[Request, Visitor], Awaitable[Response]]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What a method does. act: for which a role is needed. rate: how often one caller may ask."""

    answer: Answer
    act: Act
    rate: Rate


class Resource:
    """An ASGI application for one address.

    Parameters
    ----------
    callers : tells who asks
    operations : by method; HEAD goes where GET goes
    """

    def __init__(self, callers: Callers, operations: Mapping[str, Operation]) -> None:
        self._callers, self._operations = callers, dict(operations)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._response(request)
        except ClientDisconnect:
            # Nobody reads an answer.
            return
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        operation = self._operations.get(method)
        if operation is None:
            allowed = ", ".join(self._operations)
            return problem(405, f"{allowed} is expected here. Received: {request.method}.", {"Allow": allowed})
        try:
            visitor = self._callers.of_api(request, operation.act)
            operation.rate.count(caller_name(request, visitor))
            return await operation.answer(request, visitor)
        except CovidLabError as error:
            return problem_of(error)
        except ClientDisconnect:
            raise
        except Exception:  # the outermost frame of a request: who asks is told in the form of the API, the console why
            logging.getLogger(__name__).exception("A request to the API failed.")
            return problem(500, "The server has failed. What went wrong stands in its console.")


class PageResource:
    """An ASGI application for an address that pages of the dashboard ask: they, and whoever may use the API, get an answer.

    No page of another site may take in what it answers.
    """

    def __init__(
        self, endpoint: Callable[[Request], Awaitable[Response]], callers: Callers, *, reads_xrays: bool
    ) -> None:
        self._endpoint, self._callers, self._reads_xrays = endpoint, callers, reads_xrays

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._response(Request(scope, receive))
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return problem(405, f"GET is expected here. Received: {request.method}.", {"Allow": "GET, HEAD"})
        try:
            self._callers.of_page(request, reads_xrays=self._reads_xrays)
            return await self._endpoint(request)
        except CovidLabError as error:
            return problem_of(error)


def for_pages(routes: Iterable[Route], callers: Callers, *, reads_xrays: bool) -> list[Route]:
    """Return routes as those of pages; ``reads_xrays``: they show X-rays, or let a model read some."""
    return [Route(route.path, PageResource(route.endpoint, callers, reads_xrays=reads_xrays)) for route in routes]


class NothingHere:
    """An ASGI application for whatever else is asked below the API, by any method; else Streamlit would answer with a page."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = problem(404, "There is nothing at this address. What there is stands in openapi.json.")
        await answer(scope, receive, send)


class _RowConvertor(Convertor[int]):
    """The number of a row in an address. Python reads no number of thousands of digits, and no table has so many rows."""

    regex = "[0-9]{1,9}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


# To be used as {index:row}.
register_url_convertor("row", _RowConvertor())
