"""The HTTP routes of X-rays with something changed: what a model says of them, and how they look. No Streamlit.

GET /api/v1/sets/{name}/altered/{index}           {"probabilities": [...]} of ?run=ID&change=box:14:10:6 (change may come again), ?quick=1
GET /api/v1/sets/{name}/altered/{index}/picture   the X-ray with ?change=, as small as a network takes it, JPEG

The set is one that a page has shown, the X-ray a row of it, the model that of a run in the store: no path comes from outside.
Each answer costs a pass through the network. ``v`` (``alteration_stamp``) lets a browser keep answers.
"""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from covidlab.data.catalog import Catalog
from covidlab.errors import CovidLabError, DataError, ModelError, TemporaryError, UsageError
from covidlab.language import tr
from covidlab.prediction.loading import ModelFile
from covidlab.runs.active_model import model_in_use
from covidlab.runs.models import model_file
from covidlab.services.alterations import altered_picture, altered_probabilities
from covidlab.services.learning import offered_set
from covidlab.services.v1.problems import Problem

_OWN = {"Cross-Origin-Resource-Policy": "same-origin"}
_KEPT = {**_OWN, "Cache-Control": "private, max-age=31536000, immutable"}
_NOT_KEPT = {**_OWN, "Cache-Control": "no-store"}
_STATUS = {DataError: 404, UsageError: 422, ModelError: 409, TemporaryError: 503}


def alteration_routes(prefix: str) -> list[Route]:
    """Return the routes below ``prefix``, the address of the API."""
    places = {
        "/sets/{name}/altered/{index:row}": _probabilities,
        "/sets/{name}/altered/{index:row}/picture": _picture,
    }
    return [Route(f"{prefix}{place}", _answering(find)) for place, find in places.items()]


def _answering(find: Callable[[Request], Response]) -> Callable:
    """An endpoint that works in a thread and answers in a sentence where it cannot."""

    async def endpoint(request: Request) -> Response:
        try:
            return await run_in_threadpool(find, request)
        except CovidLabError as error:
            status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)
            later = {"Retry-After": "1"} if status == 503 else {}
            raise Problem(status, str(error), {**_NOT_KEPT, **later}) from error

    return endpoint


def _probabilities(request: Request) -> Response:
    asked = request.query_params
    found = altered_probabilities(
        _set(request),
        request.path_params["index"],
        _model(asked.get("run", "")),
        asked.getlist("change"),
        quick=asked.get("quick") == "1",
    )
    return JSONResponse({"probabilities": found}, headers=_headers(request))


def _picture(request: Request) -> Response:
    content = altered_picture(_set(request), request.path_params["index"], request.query_params.get("change", ""))
    return Response(content, media_type="image/jpeg", headers=_headers(request))


def _headers(request: Request) -> dict[str, str]:
    return _KEPT if "v" in request.query_params else _NOT_KEPT


def _set(request: Request) -> Catalog:
    catalog = offered_set(request.path_params["name"])
    if catalog is None:
        raise DataError(tr("No page has shown a data set of this name."))
    return catalog


def _model(run_id: str) -> ModelFile:
    run = model_in_use(run_id)
    if run is None or run.id != run_id:
        raise DataError(tr("There is no model of this name."))
    return model_file(run)
