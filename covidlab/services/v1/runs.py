"""GET and POST /runs, GET /runs/{id}: what there is, what one found, and a new one."""

import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from covidlab.errors import RunError
from covidlab.metrics import METRICS
from covidlab.runs.estimate import estimate
from covidlab.runs.names import readable_name
from covidlab.runs.queue import asked_by
from covidlab.runs.status import State
from covidlab.runs.store import Run, RunStore
from covidlab.services.access import Visitor
from covidlab.services.actions import start_run
from covidlab.services.events import jsonable
from covidlab.services.v1.body import chunks_of
from covidlab.services.v1.configs import config_from, config_values
from covidlab.services.v1.problems import Problem, not_found

MOST_RUNS, RUNS_PER_PAGE = 500, 50
MAX_BODY = 64 * 1024
_KEPT = {"Cache-Control": "no-store"}
_OF_STATUS = ("state", "phase", "epoch", "epochs", "reason", "elapsed_seconds", "remaining_seconds")


async def list_runs(request: Request, visitor: Visitor) -> Response:
    """Answer with the runs, the newest first, a page at a time."""
    state, before = request.query_params.get("state"), request.query_params.get("before")
    if state is not None and state not in tuple(State):
        raise Problem(422, f"state must be one of {', '.join(State)}. Received: {state[:40]}.")
    limit = _limit(request.query_params.get("limit"))
    found, is_more = await run_in_threadpool(_page, state, before, limit)
    return JSONResponse({"runs": found, "next": found[-1]["id"] if is_more else None}, headers=_KEPT)


async def get_run(request: Request, visitor: Visitor) -> Response:
    """Answer with all that is known of a run, save X-rays and the names of their files."""
    return JSONResponse(await run_in_threadpool(_whole, find_run(request)), headers=_KEPT)


async def create_run(request: Request, visitor: Visitor) -> Response:
    """Start a training with the settings sent."""
    values = await _json_body(request)
    run = await run_in_threadpool(_start, visitor, values)
    where = f"{request.url.path.rstrip('/')}/{run.id}"
    return JSONResponse(await run_in_threadpool(_whole, run), status_code=201, headers={**_KEPT, "Location": where})


def find_run(request: Request) -> Run:
    """Return the run in the address; raises Problem 404 where there is none."""
    try:
        return RunStore().get(request.path_params["run_id"])
    except RunError:
        raise not_found("There is no run of this name.") from None


def _page(state: str | None, before: str | None, limit: int) -> tuple[list[dict[str, Any]], bool]:
    runs = RunStore().list()
    if before is not None:
        names = [run.id for run in runs]
        if before not in names:
            raise Problem(422, "before must be the id of a run, as next of the page before says it.")
        runs = runs[names.index(before) + 1 :]
    found: list[dict[str, Any]] = []
    for run in runs:
        if state is None or run.status().state == state:
            if len(found) == limit:
                return found, True
            found.append(_summary(run))
    return found, False


def _summary(run: Run) -> dict[str, Any]:
    facts, status = run.load_facts(), run.status()
    values = {name: getattr(status, name) for name in _OF_STATUS}
    return {
        "id": run.id,
        "number": run.number,
        "name": readable_name(run),
        "job": str(run.load_job()),
        "created": facts.get("created"),
        "made_by": asked_by(run),
        "has_model": run.model_path.exists(),
        **jsonable(values),
        "state": str(status.state),
    }


def _whole(run: Run) -> dict[str, Any]:
    is_readable, report = not run.is_damaged(), run.report() or {}
    crossed = report.get("cross_validation") or {}
    return {
        **_summary(run),
        "config": config_values(run.load_config()) if is_readable else None,
        "data": _data(run),
        "history": jsonable(run.history().to_dict("records")),
        "report": {
            "validation": {name: report[name] for name in METRICS if name in report},
            "cross_validation": {name: crossed[name] for name in METRICS if name in crossed},
        }
        if report
        else None,
    }


def _data(run: Run) -> dict[str, Any] | None:
    data = run.load_facts().get("data") or {}
    names = ("name", "fingerprint", "num_films", "num_patients", "num_training", "num_validation", "classes")
    return {name: data.get(name) for name in names} if data else None


def _start(visitor: Visitor, values: object) -> Run:
    config, catalog = config_from(values)
    expected = estimate(config, catalog).total
    return start_run(visitor, config, fingerprint=catalog.fingerprint, expected_seconds=expected)


def _limit(asked: str | None) -> int:
    if asked is None:
        return RUNS_PER_PAGE
    if not (asked.isascii() and asked.isdigit() and len(asked) < 10 and 1 <= int(asked) <= MOST_RUNS):
        raise Problem(422, f"limit must be a whole number from 1 to {MOST_RUNS}. Received: {asked[:40]}.")
    return int(asked)


async def _json_body(request: Request) -> object:
    """The JSON that a request brings, counted while it comes."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise Problem(415, "The settings of a run are expected as application/json.")
    body = bytearray()
    async for chunk in chunks_of(request):
        body += chunk
        if len(body) > MAX_BODY:
            raise Problem(413, f"The settings of a run are expected in up to {MAX_BODY // 1024} kB.")
    try:
        return json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Problem(400, "JSON is expected. This is none, or it is damaged.") from None


def _no_number(word: str) -> float:
    raise ValueError(f"a number is expected, received {word}")
