"""The HTTP routes of how a run learned: its JSON and the pictures of its X-rays. No Streamlit.

GET /api/v1/runs/{id}/learning        films, epochs, probabilities, curves (services.learning); with an ETag, for who asks again
GET /api/v1/runs/{id}/sprite          a small picture of each X-ray in one JPEG; with an ETag
GET /api/v1/runs/{id}/xrays/{index}   one X-ray as JPEG, in the order of films.csv
GET /api/v1/sets/{name}/learning, /sprite, /xrays/{index}   the same of a data set that a page has shown, before any run
"""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from covidlab.data.catalog import Catalog
from covidlab.errors import RunError
from covidlab.language import tr
from covidlab.runs.store import Run, RunStore
from covidlab.services.learning import learning_answer, offered_set, set_answer, xrays_of_run, xrays_of_set
from covidlab.services.v1.problems import not_found
from covidlab.services.xray_pictures import Sprites, XRays, large_picture

# The browser asks whether what it has still holds; no other site may take an X-ray into its page.
_ASKED_AGAIN = {"Cache-Control": "private, no-cache", "Cross-Origin-Resource-Policy": "same-origin"}

_sprites = Sprites()


def learning_routes(prefix: str) -> list[Route]:
    """Return the routes below ``prefix``, the address of the API."""
    places: dict[str, Callable] = {
        "/runs/{run_id}/learning": _learning_of_run,
        "/runs/{run_id}/sprite": _sprite_of_run,
        "/runs/{run_id}/xrays/{index:row}": _xray_of_run,
        "/sets/{name}/learning": _learning_of_set,
        "/sets/{name}/sprite": _sprite_of_set,
        "/sets/{name}/xrays/{index:row}": _xray_of_set,
    }
    return [Route(f"{prefix}{place}", _answering(find)) for place, find in places.items()]


def _answering(find: Callable[[Request, str], Response]) -> Callable:
    """An endpoint that looks in a thread."""

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(find, request, request.headers.get("if-none-match", ""))

    return endpoint


def _learning_of_run(request: Request, known: str) -> Response:
    tag, content = learning_answer(_run(request))
    return _tagged(tag, known, lambda: content, "application/json")


def _sprite_of_run(request: Request, known: str) -> Response:
    return _sprite(xrays_of_run(_run(request)), known)


def _xray_of_run(request: Request, known: str) -> Response:
    return _xray(xrays_of_run(_run(request)), request, known)


def _learning_of_set(request: Request, known: str) -> Response:
    # The name changes with the content of the set.
    catalog = _set(request)
    return _tagged(request.path_params["name"], known, lambda: set_answer(catalog), "application/json")


def _sprite_of_set(request: Request, known: str) -> Response:
    return _sprite(xrays_of_set(_set(request)), known)


def _xray_of_set(request: Request, known: str) -> Response:
    return _xray(xrays_of_set(_set(request)), request, known)


def _run(request: Request) -> Run:
    try:
        return RunStore().get(request.path_params["run_id"])
    except RunError as error:
        raise not_found(tr("There is no run of this name.")) from error


def _set(request: Request) -> Catalog:
    catalog = offered_set(request.path_params["name"])
    if catalog is None:
        raise not_found(tr("No page has shown a data set of this name."))
    return catalog


def _sprite(xrays: XRays, known: str) -> Response:
    if not xrays.num_in_sprite:
        raise not_found(tr("There are no small pictures of these X-rays."))
    return _tagged(xrays.stamp(), known, lambda: _sprites.of(xrays), "image/jpeg")


def _xray(xrays: XRays, request: Request, known: str) -> Response:
    index = request.path_params["index"]
    return _tagged(xrays.stamp(index), known, lambda: large_picture(xrays, index), "image/jpeg")


def _tagged(stamp: str, known: str, content: Callable[[], bytes | None], media_type: str) -> Response:
    """The content, or 304 where who asks has it already."""
    headers = {**_ASKED_AGAIN, "ETag": f'"{stamp}"'}
    if known == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    body = content()
    if body is None:
        raise not_found(tr("There is no such X-ray, or it cannot be read."))
    return Response(body, media_type=media_type, headers=headers)
