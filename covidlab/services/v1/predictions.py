"""POST /predictions: X-rays are decoded in the sandbox and read by the process that predicts; the answer is that of ``predict --json``.

Nothing of a file is written anywhere: it is held until it is decoded, and its name goes into the answer alone.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from covidlab.errors import BusyError, ModelError, TemporaryError, UnreadableImage
from covidlab.imaging.limits import MAX_BYTES
from covidlab.imaging.prepared import Prepare, PreparedImage
from covidlab.imaging.sandbox import NUM_PROCESSES, shared_sandbox
from covidlab.intake.upload import UPLOAD_RECIPE
from covidlab.prediction.file_answer import FileAnswer, answer_of, refused, refused_before
from covidlab.prediction.loading import ModelFile
from covidlab.prediction.prediction import Prediction
from covidlab.runs.active_model import check_model_setting, model_in_use
from covidlab.runs.models import model_file
from covidlab.runs.store import Run
from covidlab.runs.verdicts import verdict_lines
from covidlab.services.access import Act, Visitor
from covidlab.services.acts import note_act
from covidlab.services.reader import WAIT_SECONDS, Reader, prediction_in, shared_reader
from covidlab.services.v1.multipart import SentFile, files_of
from covidlab.services.v1.problems import Problem, not_found
from covidlab.services.v1.turns import Turns

# Each holds a file that is decoded and the next one: with these at most four files of 32 MB.
AT_ONCE, WAITING, TURN_SECONDS = NUM_PROCESSES, 16, 60.0
LINES = "application/x-ndjson"
# Visitors of the page may fill the queue of the process; who can wait asks again.
_AGAIN_SECONDS, _TRIES = 0.5, 60

_Made = TypeVar("_Made")


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What a request asks for: the run of the model, its file, what an audit says of it, and whether refused X-rays get a number."""

    run: Run
    model: ModelFile
    audit: list[str]
    anyway: bool


class Predictions:
    """Reads X-rays for programs.

    Parameters
    ----------
    reader, prepare : how the process that predicts, and the sandbox, are reached
    turns : how many requests are worked on at once, and how many wait
    """

    def __init__(
        self,
        *,
        reader: Callable[[], Reader] = shared_reader,
        prepare: Callable[[], Prepare] = lambda: shared_sandbox().prepare,
        turns: Turns | None = None,
    ) -> None:
        self._reader, self._prepare = reader, prepare
        self._turns = turns or Turns(at_once=AT_ONCE, waiting=WAITING, wait_seconds=TURN_SECONDS)

    async def post(self, request: Request, visitor: Visitor) -> Response:
        """Answer with what is said of each file, in the order in which they were sent."""
        asked = await run_in_threadpool(_asked, request)
        async with self._turns.turn():
            answers = [answer async for answer in self._answers(request, asked)]
        if not answers:
            raise Problem(422, "At least one X-ray is expected, as a file of the form.")
        note_act(visitor, Act.READ, asked.run, num_xrays=len(answers))
        return _response(request, [answer.values for answer in answers])

    async def _answers(self, request: Request, asked: _Asked) -> AsyncIterator[FileAnswer]:
        async for file, is_last in _one_ahead(files_of(request)):
            work = self._answer(file, asked)
            # While more of the request comes, a client that goes is noticed by that.
            yield await (_unless_gone(request, work) if is_last else work)

    async def _answer(self, file: SentFile, asked: _Asked) -> FileAnswer:
        # Of a file above the limit a part is here only.
        sha256 = hashlib.sha256(file.data).hexdigest() if len(file.data) <= MAX_BYTES else ""
        try:
            image = await run_in_threadpool(self._prepare(), file.data, recipe=UPLOAD_RECIPE, name="This file")
        except UnreadableImage as error:
            return refused(file.name, str(error), sha256=sha256)
        if before := refused_before(file.name, image, sha256=sha256, anyway=asked.anyway):
            return before
        prediction = await self._read(image, asked.model, sha256=sha256)
        return answer_of(file.name, image, prediction, sha256=sha256, anyway=asked.anyway, audit=asked.audit)

    async def _read(self, image: PreparedImage, model: ModelFile, *, sha256: str) -> Prediction:
        """What the model says; the question leaves the queue where nobody waits for it any more."""
        for _ in range(_TRIES):
            try:
                future = self._reader().begin("predict", model, values={"sha256": sha256}, parts=image.inputs)
                break
            except BusyError:
                await asyncio.sleep(_AGAIN_SECONDS)
        else:
            raise BusyError("The model is busy. Try again in a moment.")
        try:
            answer = await asyncio.wait_for(asyncio.wrap_future(future), WAIT_SECONDS)
        except TimeoutError:
            raise TemporaryError("Reading the X-ray took too long. Try again.") from None
        return prediction_in(answer, notes=image.notes)


def _asked(request: Request) -> _Asked:
    run_id, anyway = request.query_params.get("model", ""), request.query_params.get("anyway", "false")
    if anyway not in ("true", "false"):
        raise Problem(422, f"anyway must be true or false. Received: {anyway[:40]}.")
    if not run_id:
        check_model_setting()
    run = model_in_use(run_id)
    if run is None:
        raise ModelError("There is no model here yet. Train one.")
    if run_id and run.id != run_id:
        raise not_found("There is no model of this name.")
    return _Asked(run=run, model=model_file(run), audit=verdict_lines(run), anyway=anyway == "true")


def _response(request: Request, values: list[dict[str, Any]]) -> Response:
    """One JSON object, or one for each X-ray on a line of its own, as who asks likes it."""
    kept = {"Cache-Control": "no-store"}
    if LINES in request.headers.get("accept", ""):
        return Response("".join(f"{json.dumps(each)}\n" for each in values), media_type=LINES, headers=kept)
    return JSONResponse({"predictions": values}, headers=kept)


async def _one_ahead(files: AsyncIterator[SentFile]) -> AsyncIterator[tuple[SentFile, bool]]:
    """Yield each file and whether it is the last, which is known once the request has ended."""
    before: SentFile | None = None
    async for file in files:
        if before is not None:
            yield before, False
        before = file
    if before is not None:
        yield before, True


async def _unless_gone(request: Request, work: Coroutine[Any, Any, _Made]) -> _Made:
    """The result of some work; it is cancelled where the client goes meanwhile. The request must have been read to its end."""
    working, gone = asyncio.ensure_future(work), asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait((working, gone), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        working.cancel()
        gone.cancel()
