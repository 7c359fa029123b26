"""The OpenAPI document of the API, kept by hand beside the routes; a test lets Schemathesis hold the routes against it."""

import json
from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

import covidlab
from covidlab.imaging.limits import MAX_BYTES
from covidlab.runs.status import State
from covidlab.services.access import Visitor
from covidlab.services.v1.multipart import MAX_FILES
from covidlab.services.v1.runs import MOST_RUNS, RUNS_PER_PAGE
from covidlab.services.v1.schemas import TEXT, YES_NO, listed, refer, schemas

_SAID = {
    400: "The request is damaged.",
    401: "A token or a sign-in is missing, or the token is another one.",
    403: "The role does not allow it, or a page of another site asks.",
    404: "There is nothing of this name.",
    408: "The rest of the request did not come.",
    409: "The data set or the model cannot be used.",
    413: "The request is too large.",
    415: "The content is of another kind.",
    422: "A value cannot be used; the detail says what is expected.",
    429: "Too many requests; Retry-After says how long to wait.",
    503: "The server is busy; Retry-After says how long to wait.",
}
_ALWAYS = (401, 403, 429, 500)
_RUN_ID = {"name": "run_id", "in": "path", "required": True, "schema": TEXT}


async def get_document(request: Request, visitor: Visitor) -> Response:
    """Answer with the document."""
    base = request.url.path.removesuffix("/openapi.json")
    content = json.dumps({**document(), "servers": [{"url": base}]})
    return Response(content, media_type="application/json", headers={"Cache-Control": "no-cache"})


@cache
def document() -> dict[str, Any]:
    """Return the document; the paths are those below the address of the API."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "covidlab",
            "version": covidlab.__version__,
            "description": "What VGG16 can and cannot learn from chest X-rays. Not a medical device, not for diagnosis.",
            "license": {"name": "See the file LICENSE of the project."},
        },
        "paths": {
            "/predictions": {"post": _predict()},
            "/runs": {"get": _list(), "post": _create()},
            "/runs/{run_id}": {"get": _get()},
            "/runs/{run_id}/events": {"get": _events()},
            "/models/{run_id}/card": {"get": _card()},
            "/openapi.json": {"get": _own()},
        },
        "components": {
            "schemas": schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        # On the machine of the server no token is needed where none is set.
        "security": [{"token": []}, {}],
    }


def _predict() -> dict[str, Any]:
    form = {
        "type": "object",
        "required": ["files"],
        "properties": {"files": {**listed({**TEXT, "format": "binary"}), "minItems": 1, "maxItems": MAX_FILES}},
    }
    return {
        "operationId": "readXRays",
        "summary": "Let a model read X-rays",
        "description": (
            f"JPEG, PNG, TIFF, BMP, WebP or DICOM, up to {MAX_BYTES // 2**20} MB each and {MAX_FILES} in one request. They are held in "
            "memory until they are decoded, and kept nowhere. With Accept: application/x-ndjson each answer stands on a line."
        ),
        "parameters": [
            _query("model", TEXT, "Run whose model reads; by default the model in use."),
            _query("anyway", YES_NO, "Give the number also where a check speaks against it."),
        ],
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}},
        "responses": {
            "200": {
                "description": "What is said of each file, in the order in which they were sent.",
                "content": {
                    "application/json": {"schema": refer("Predictions")},
                    "application/x-ndjson": {"schema": TEXT},
                },
            },
            **_problems(400, 404, 408, 409, 413, 415, 422, 503),
        },
    }


def _list() -> dict[str, Any]:
    limit = {"type": "integer", "minimum": 1, "maximum": MOST_RUNS, "default": RUNS_PER_PAGE}
    return {
        "operationId": "listRuns",
        "summary": "List runs, the newest first",
        "parameters": [
            _query("state", {**TEXT, "enum": [*map(str, State)]}, "Only runs in this state."),
            _query("limit", limit, "How many at most."),
            _query("before", TEXT, "Only runs older than this one: next of the page before."),
        ],
        "responses": {"200": _json("A page of runs.", "Runs"), **_problems(422)},
    }


def _create() -> dict[str, Any]:
    return {
        "operationId": "startRun",
        "summary": "Start a training",
        "requestBody": {"required": True, "content": {"application/json": {"schema": refer("Settings")}}},
        "responses": {
            "201": {
                **_json("The run, which waits or has begun.", "WholeRun"),
                "headers": {"Location": {"description": "Address of the run.", "schema": TEXT}},
                "links": {"run": {"operationId": "getRun", "parameters": {"run_id": "$response.body#/id"}}},
            },
            **_problems(400, 408, 409, 413, 415, 422),
        },
    }


def _get() -> dict[str, Any]:
    return {
        "operationId": "getRun",
        "summary": "What is known of a run",
        "parameters": [_RUN_ID],
        "responses": {"200": _json("The run.", "WholeRun"), **_problems(404)},
    }


def _events() -> dict[str, Any]:
    return {
        "operationId": "watchRun",
        "summary": "Follow a run as server-sent events: run, change, ended",
        "parameters": [_RUN_ID],
        "responses": {
            "200": {"description": "The events.", "content": {"text/event-stream": {"schema": TEXT}}},
            "204": {"description": "The run has ended and the client knows all of it."},
            **_problems(404, 503),
        },
    }


def _card() -> dict[str, Any]:
    answer = _json("The card.", "ModelCard")
    answer["content"]["text/markdown"] = {"schema": TEXT}
    return {
        "operationId": "getModelCard",
        "summary": "The model card of a run, or of default_model",
        "parameters": [_RUN_ID],
        "responses": {"200": answer, **_problems(404, 409)},
    }


def _own() -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}}}
    return {
        "operationId": "getOpenApi",
        "summary": "This document",
        "responses": {"200": {"description": "The document.", "content": content}, **_problems()},
    }


def _query(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


def _json(description: str, schema: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": refer(schema)}}}


def _problems(*statuses: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": refer("Problem")}}
    return {
        str(status): {"description": _SAID.get(status, "The server has failed."), "content": content}
        for status in sorted({*statuses, *_ALWAYS})
    }
