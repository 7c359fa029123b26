"""The HTTP routes beside the pages: those of pages, below, and those for programs (services.v1). No Streamlit.

GET /api/v1/runs/{id}/events     server-sent events: "run" (status, history, steps so far), "change", "ended"
GET /api/v1/runs/{id}/figures    the charts of an ended run's report, by name, as Plotly's figures
GET /api/v1/status               which run is active, lines for the sidebar, the queue, the stamp of runs.speed; with an ETag, for who asks again and again
GET /api/v1/plotly/{name}        Plotly's script
and how a run learned, X-ray by X-ray (services.learning_routes)

The same below /api/v1/in/{language}, where sentences are in that language (services.languages)

Pages of this dashboard ask for these without a token; who else may is said in ``services.v1.callers``.
"""

import asyncio
import hashlib
import json
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from types import MappingProxyType

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from covidlab.errors import RunError
from covidlab.runs.speed import speed_stamp
from covidlab.runs.store import Run, RunStore
from covidlab.services.alteration_routes import alteration_routes
from covidlab.services.assets import plotly_gzipped, plotly_name, plotly_plain
from covidlab.services.at_once import send_at_once
from covidlab.services.languages import routes_in_languages
from covidlab.services.learning_routes import learning_routes
from covidlab.services.live import MAX_WATCHERS, RETRY_SECONDS, Drawing, Stream, Streams
from covidlab.services.memory import collect_now_and_then
from covidlab.services.overview import overview
from covidlab.services.preview_routes import preview_routes
from covidlab.services.queue import queue_rows
from covidlab.services.v1.callers import Callers
from covidlab.services.v1.predictions import Predictions
from covidlab.services.v1.problems import busy, not_found
from covidlab.services.v1.resource import NothingHere, for_pages
from covidlab.services.v1.routes import api_routes, last_route

API_ROOT = "/api"
API = f"{API_ROOT}/v1"
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
# A proxy that collects what it passes on would hold events back.
_AT_ONCE = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_NO_RATES: Mapping[str, int] = MappingProxyType({})


class Api:
    """The routes, and what they share.

    Parameters
    ----------
    draw : what the page draws of a moment of a run; it goes out with the events
    figures : the charts of a run's report as JSON, None where it has none
    describe : lines of the sidebar on what the server does, by name
    base : path below which the dashboard is served, "" for none
    callers : tells who asks
    predictions, rates : see ``services.v1.routes.api_routes``
    """

    def __init__(
        self,
        *,
        draw: Drawing = lambda moment: {},
        figures: Callable[[Run], bytes | None] = lambda run: None,
        describe: Callable[[], dict[str, str]] = dict,
        base: str = "",
        callers: Callers | None = None,
        predictions: Predictions | None = None,
        rates: Mapping[str, int] = _NO_RATES,
    ) -> None:
        self._streams, self._figures, self._describe = Streams(draw), figures, describe
        self._callers, self._predictions, self._rates = callers or Callers(), predictions, dict(rates)
        self._base = f"/{base.strip('/')}" if base.strip("/") else ""

    def routes(self) -> list[BaseRoute]:
        """Return the routes for ``st.App``."""
        prefix = f"{self._base}{API}"
        return [
            *api_routes(prefix, self._callers, predictions=self._predictions, **self._rates),
            *self._routes_of_pages(prefix),
            routes_in_languages(prefix, [*self._routes_of_pages(""), last_route("")]),
            # Also of other versions.
            last_route(f"{self._base}{API_ROOT}"),
            Route(f"{self._base}{API_ROOT}", NothingHere()),
        ]

    def _routes_of_pages(self, prefix: str) -> list[Route]:
        places = {
            "/runs/{run_id}/events": self._events,
            "/runs/{run_id}/figures": self._figures_of,
            "/status": self._status,
            "/plotly/{name}": self._plotly,
        }
        own = [Route(f"{prefix}{place}", endpoint) for place, endpoint in places.items()]
        with_xrays = [*alteration_routes(prefix), *learning_routes(prefix)]
        return [
            *for_pages([*own, *preview_routes(prefix)], self._callers, reads_xrays=False),
            *for_pages(with_xrays, self._callers, reads_xrays=True),
        ]

    @asynccontextmanager
    async def lifespan(self, _app: object) -> AsyncIterator[None]:
        """Collect garbage while the server runs; end the events when it is asked to end.

        It waits for every answer under way, and events have no end of their own.
        """
        loop = asyncio.get_running_loop()
        send_at_once()
        collecting = asyncio.create_task(collect_now_and_then())
        try:
            with _called_first(lambda: loop.call_soon_threadsafe(self._streams.close)):
                yield
        finally:
            collecting.cancel()

    async def _events(self, request: Request) -> Response:
        try:
            run = await run_in_threadpool(RunStore().get, request.path_params["run_id"])
        except RunError:
            raise not_found("There is no run of this name.") from None
        if request.method == "HEAD":
            # Nobody would end the stream.
            return Response(media_type=_Events.media_type, headers=_AT_ONCE)
        if self._streams.num_watchers() >= MAX_WATCHERS:
            raise busy("Too many visitors watch already. Try again later.", seconds=10)
        stream, last_event_id = self._streams.of(run), request.headers.get("last-event-id", "")
        if stream.has_told(last_event_id):
            # The one answer after which a browser does not ask again.
            return Response(status_code=204)
        return _Events(stream, last_event_id)

    async def _figures_of(self, request: Request) -> Response:
        try:
            run = await run_in_threadpool(RunStore().get, request.path_params["run_id"])
        except RunError:
            raise not_found("There is no run of this name.") from None
        content = await run_in_threadpool(self._figures, run)
        if content is None:
            raise not_found("This run has no report.")
        # A page names the version in the address; who asks without gets what is there now.
        kept = _FOR_EVER if "v" in request.query_params else _AT_ONCE
        return Response(content, media_type="application/json", headers=kept)

    async def _status(self, request: Request) -> Response:
        content = await run_in_threadpool(self._status_now)
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(content, media_type="application/json", headers=headers)

    def _status_now(self) -> bytes:
        runs = overview(RunStore())
        status = {"active": runs.active, "stamp": runs.stamp, "lines": self._describe(), "queue": queue_rows()}
        return json.dumps({**status, "speed": speed_stamp()}).encode()

    async def _plotly(self, request: Request) -> Response:
        if request.path_params["name"] != plotly_name():
            raise not_found("There is no such file.")
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(await run_in_threadpool(plotly_plain), media_type="text/javascript", headers=_FOR_EVER)
        content = await run_in_threadpool(plotly_gzipped)
        return Response(content, media_type="text/javascript", headers={**_FOR_EVER, "Content-Encoding": "gzip"})


class _Events(StreamingResponse):
    """The events of a run as an answer; the run is watched for as long as the answer lasts."""

    media_type = "text/event-stream"

    def __init__(self, stream: Stream, last_event_id: str) -> None:
        super().__init__(self._body(last_event_id), headers=_AT_ONCE)
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._stream.watched():
            await super().__call__(scope, receive, send)

    async def _body(self, last_event_id: str) -> AsyncIterator[bytes]:
        yield f"retry: {RETRY_SECONDS * 1000:.0f}\n\n".encode()
        async for encoded in self._stream.events(last_event_id):
            yield encoded


@contextmanager
def _called_first(act: Callable[[], object]) -> Iterator[None]:
    """Call ``act`` before the handlers of SIGINT and SIGTERM that are there; only the main thread may set handlers."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    earlier = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def handle(number: int, frame: object) -> None:
        act()
        if callable(earlier[number]):
            earlier[number](number, frame)

    for number in earlier:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in earlier.items():
            if signal.getsignal(number) is handle:
                signal.signal(number, handler)
