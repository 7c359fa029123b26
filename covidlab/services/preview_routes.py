"""HTTP routes of previews (runs.previews): what there is, asked for again and again, and each result, kept by the browser.

GET /api/v1/previews/{key}           names and stamps of the results, and what goes on; with an ETag
GET /api/v1/previews/{key}/{name}    one result; for ever, where its stamp is named (?v=)
"""

import hashlib
import json

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from covidlab.language import tr
from covidlab.runs.previews import describe_previews, load_result
from covidlab.services.v1.problems import not_found

_FOR_EVER = "public, max-age=31536000, immutable"


async def previews_of(request: Request) -> Response:
    """Answer which results there are for a key."""
    found = await run_in_threadpool(describe_previews, request.path_params["key"])
    if found is None:
        raise not_found(tr("Nobody has asked for this preview."))
    # The trainer wrote it, in English.
    found["failure"] = tr(found["failure"])
    content = json.dumps(found).encode()
    headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()[:16]}"', "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)


async def preview_result(request: Request) -> Response:
    """Answer with one result."""
    found = await run_in_threadpool(load_result, request.path_params["key"], request.path_params["name"])
    if found is None:
        raise not_found(tr("There is no such preview."))
    kept = _FOR_EVER if "v" in request.query_params else "no-store"
    return JSONResponse(found, headers={"Cache-Control": kept})


def preview_routes(prefix: str) -> list[Route]:
    """Return the routes, below the address of the API."""
    places = {"/previews/{key}": previews_of, "/previews/{key}/{name}": preview_result}
    return [Route(f"{prefix}{place}", endpoint) for place, endpoint in places.items()]
