"""Answers of the HTTP routes that say why not: problem details as RFC 9457 describes them."""

import logging
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse, Response

from covidlab.errors import (
    AccessError,
    CovidLabError,
    DataError,
    ModelError,
    RunError,
    SetupError,
    TemporaryError,
    UsageError,
)

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5
_NOT_SET_UP = "The server is not set up as it should be, so it lets nobody in. Its console says why."
# Statuses of the errors that a person may see, the special before the general; a run that is not there is the one case that differs.
_STATUS = {
    AccessError: HTTPStatus.FORBIDDEN,
    SetupError: HTTPStatus.INTERNAL_SERVER_ERROR,
    UsageError: HTTPStatus.UNPROCESSABLE_ENTITY,
    DataError: HTTPStatus.CONFLICT,
    ModelError: HTTPStatus.CONFLICT,
    RunError: HTTPStatus.CONFLICT,
    TemporaryError: HTTPStatus.SERVICE_UNAVAILABLE,
}


class Problem(CovidLabError):
    """An answer that says why not, with its HTTP status and further headers."""

    def __init__(self, status: int, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status, self.headers = status, dict(headers or {})


def not_found(sentence: str) -> Problem:
    """Return the problem of what is not there."""
    return Problem(HTTPStatus.NOT_FOUND, sentence)


def busy(sentence: str, *, seconds: float = RETRY_SECONDS) -> Problem:
    """Return the problem of a server that has too much to do, with a time to try again."""
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, sentence, {"Retry-After": f"{max(1, round(seconds))}"})


def problem_values(status: int, sentence: str) -> dict[str, Any]:
    """Return a problem as JSON. ``error`` repeats the sentence for the pages of earlier versions."""
    title = HTTPStatus(status).phrase
    # What was received and is repeated may be no text that can be sent (half of a pair of UTF-16).
    sentence = str(sentence).encode(errors="replace").decode()
    return {"type": "about:blank", "title": title, "status": int(status), "detail": sentence, "error": sentence}


def problem(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer that says why not."""
    # What is refused now may be given a moment later.
    kept = {"Cache-Control": "no-store", **(headers or {})}
    return JSONResponse(problem_values(status, sentence), status_code=status, headers=kept, media_type=MEDIA_TYPE)


def problem_of(error: CovidLabError) -> Response:
    """Return the answer for an error that a person may see."""
    if isinstance(error, Problem):
        return problem(error.status, str(error), error.headers)
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)
    later = {"Retry-After": str(RETRY_SECONDS)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    if isinstance(error, SetupError):
        tell_console(str(error))
        return problem(status, _NOT_SET_UP)
    return problem(status, str(error), later)


@lru_cache(maxsize=16)
def tell_console(sentence: str) -> None:
    """Tell whoever runs the server, once; strangers learn neither places nor content of its files."""
    logging.getLogger(__name__).error(sentence)
