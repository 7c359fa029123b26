"""The server's side of the process that predicts: a queue, a time limit, a new process where one has died.

The server never loads TensorFlow. It sends prepared X-rays (224 x 224) and a model's path over a socket and gets numbers
back, one after another, since a forward pass takes every core.
"""

import atexit
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from covidlab.child import Child, ChildDied, ChildTooSlow, Message, Part
from covidlab.errors import BusyError, ModelError, TemporaryError
from covidlab.language import language, speaking, tr
from covidlab.prediction.loading import ModelFile
from covidlab.prediction.prediction import Prediction
from covidlab.prediction.serialize import REFUSED, prediction_from_values
from covidlab.services.reader_messages import model_values, warm_from_values

PROGRAM = ("-m", "covidlab.services.reader_process")
MAX_WAITING = 8

# Importing TensorFlow takes seconds, beside a training on every core much longer.
START_SECONDS = 180.0
ANSWER_SECONDS = 60.0
# What a visitor waits at most, the turns of others included.
WAIT_SECONDS = 240.0
# A model that is in use is asked for again after this time, so that the process does not end itself as idle.
STAY_SECONDS = 60.0


class Reader:
    """Predicts in another process; shared by all threads of the server.

    Parameters
    ----------
    program : what Python runs in the process
    max_waiting : requests that may wait; one more is turned away
    answer_seconds : what one request may take once the process is ready
    wait_seconds : how long who asks waits for an answer
    """

    def __init__(
        self,
        *,
        program: Sequence[str] = PROGRAM,
        max_waiting: int = MAX_WAITING,
        answer_seconds: float = ANSWER_SECONDS,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        environment = {"TF_CPP_MIN_LOG_LEVEL": "3"}
        self._child = Child(program, start_seconds=START_SECONDS, environment=environment, is_quiet=False)
        self._answer_seconds = answer_seconds
        self._wait_seconds = wait_seconds
        self._waiting: queue.Queue[_Request | None] = queue.Queue(max_waiting)
        self._lock = threading.Lock()
        self._models: dict[ModelFile, _Known] = {}
        self._warm: tuple[int | None, frozenset[ModelFile]] = None, frozenset()
        self._thread: threading.Thread | None = None
        self._is_closing = False

    @property
    def pid(self) -> int | None:
        """Process id of the process that predicts, None where none runs."""
        return self._child.pid

    def predict(
        self, inputs: Mapping[str, np.ndarray], model: ModelFile, *, notes: tuple[str, ...] = (), sha256: str = ""
    ) -> Prediction:
        """Return what a model says of one prepared X-ray.

        Parameters
        ----------
        inputs : "area" and "linear" -> (224, 224, 3) uint8; the model takes the one it learned from
        model : the file to predict with
        notes : of the decoding; they become those of the prediction
        sha256 : of the X-ray's file, by which it is found where it is one of the set

        Raises
        ------
        ModelError
            The model cannot be used, or TensorFlow cannot be imported.
        TemporaryError
            Too many wait, it took too long, or the process ended meanwhile, or answered nonsense.
        """
        return prediction_in(self.ask("predict", model, values={"sha256": sha256}, parts=inputs), notes=notes)

    def ask(
        self,
        do: str,
        model: ModelFile,
        *,
        values: Mapping[str, Any] | None = None,
        parts: Mapping[str, Part] | None = None,
    ) -> Message:
        """Return the answer to one of the tasks of ``reader_tasks``; raises ModelError and TemporaryError as ``predict`` does."""
        future = self.begin(do, model, values=values, parts=parts)
        try:
            answer = future.result(timeout=self._wait_seconds)
        except TimeoutError as error:
            future.cancel()
            raise TemporaryError(tr("Reading the X-ray took too long. Try again.")) from error
        self._note(model, None)
        return answer

    def begin(
        self,
        do: str,
        model: ModelFile,
        *,
        values: Mapping[str, Any] | None = None,
        parts: Mapping[str, Part] | None = None,
    ) -> "Future[Message]":
        """Put a question into the queue without waiting for its answer; who cancels it in time spares the process the work.

        Raises BusyError where too many wait.
        """
        request = _Request(
            Message({"do": do, "model": model_values(model), "language": language(), **(values or {})}, parts or {})
        )
        self._put(request)
        return request.future

    def warm_up(self, model: ModelFile) -> None:
        """Begin to load a model where it is not warm, and keep it warm where it is; never waits."""
        with self._lock:
            known = self._models.setdefault(model, _Known())
            is_fresh = self.is_warm(model) and time.monotonic() - known.asked < STAY_SECONDS
            if known.is_loading or is_fresh:
                return
            known.is_loading = True
        request = _Request(Message({"do": "load", "model": model_values(model)}))
        request.future.add_done_callback(lambda future: self._note(model, future.exception()))
        try:
            self._put(request)
        except TemporaryError as error:
            # Others keep it busy, and so awake.
            request.future.set_exception(error)

    def is_warm(self, model: ModelFile) -> bool:
        """Whether an answer with this model will come without loading first."""
        pid, models = self._warm
        return model in models and pid == self._child.pid

    def failure(self, model: ModelFile) -> ModelError | None:
        """Why the model could not be loaded at the last try."""
        known = self._models.get(model)
        return known.failure if known else None

    def close(self) -> None:
        """End the process; who still waits is told."""
        with self._lock:
            self._is_closing, thread = True, self._thread
        if thread is not None:
            self._child.kill()
            self._waiting.put(None)
            thread.join()
        self._child.end()

    def _put(self, request: "_Request") -> None:
        try:
            self._waiting.put_nowait(request)
        except queue.Full:
            raise BusyError(
                tr(
                    "The model is busy: {maxsize} X-rays wait already. Try again in a moment.",
                    maxsize=self._waiting.maxsize,
                )
            ) from None
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="covidlab reader", daemon=True)
                self._thread.start()

    def _serve(self) -> None:
        # A function of its own for each, so that no X-ray stays here while the next one is waited for.
        while self._serve_next():
            pass

    def _serve_next(self) -> bool:
        """Answer the next request; False where there will be none."""
        request = self._waiting.get()
        if request is None:
            return False
        if request.future.set_running_or_notify_cancel():
            try:
                with speaking(request.language):
                    request.future.set_result(self._answer(request))
            except (
                Exception
            ) as error:  # the outermost frame of the thread: whoever asked is told, the next one is served
                request.future.set_exception(error)
        return True

    def _answer(self, request: "_Request") -> Message:
        if self._is_closing:
            raise TemporaryError(tr("The server is ending."))
        try:
            answer = self._child.ask(request.message, seconds=self._answer_seconds)
        except (ChildTooSlow, ChildDied) as error:
            self._start_again()
            what = tr("took too long and was ended") if isinstance(error, ChildTooSlow) else tr("ended unexpectedly")
            raise TemporaryError(
                tr("The process that reads X-rays {what}; a new one is starting.", what=what)
            ) from error
        # The process keeps few models, and each request may have put one in the place of another.
        self._warm = self._child.pid, warm_from_values(answer.values)
        if answer.values.get("status") == REFUSED:
            raise ModelError(str(answer.values["reasons"][0]))
        return answer

    def _start_again(self) -> None:
        if not self._is_closing:
            with suppress(ChildDied):
                self._child.start()

    def _note(self, model: ModelFile, error: BaseException | None) -> None:
        """Remember that a model was asked for, and whether it could be used."""
        with self._lock:
            known = self._models.setdefault(model, _Known())
            known.is_loading = False
            known.failure = error if isinstance(error, ModelError) else None
            known.asked = time.monotonic()


def prediction_in(answer: Message, *, notes: tuple[str, ...] = ()) -> Prediction:
    """Return the prediction in an answer; raises TemporaryError where it is none, so that never a number comes from it."""
    try:
        prediction = prediction_from_values(answer.values, answer.parts["heatmap"])
    except (LookupError, TypeError, ValueError) as error:
        raise no_whole_answer() from error
    return replace(prediction, notes=notes)


def no_whole_answer() -> TemporaryError:
    """The error of an answer that lacks something, or has what it should not."""
    return TemporaryError(tr("The process that reads X-rays gave no whole answer. Try again."))


@cache
def shared_reader() -> Reader:
    """The reader of this process."""
    reader = Reader()
    atexit.register(reader.close)
    return reader


class _Request:
    def __init__(self, message: Message) -> None:
        self.message = message
        # Of who asks: the thread that answers serves everybody.
        self.language = str(message.values.get("language", ""))
        self.future: Future[Message] = Future()


@dataclass
class _Known:
    """What is known of a model: when it was last asked for, and why it could not be loaded."""

    is_loading: bool = False
    asked: float = 0.0
    failure: ModelError | None = None
