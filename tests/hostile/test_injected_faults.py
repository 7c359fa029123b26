"""Five hundred faults between the bytes of an upload and the number: none of them gives a number.

The processes that decode and predict are stood in for: their code runs here, and what would end them is told as their
death. That real processes die, hang and are replaced is held by tests/test_child.py, tests/imaging/test_sandbox.py and
tests/services/test_reader.py.
"""

import copy
import math
import signal
import socket
import sys
import threading
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import FunctionType, ModuleType

import cv2
import numpy as np
import pytest

from covidlab.child import ChildDied, ChildTooSlow, Message, receive, send
from covidlab.errors import CovidLabError
from covidlab.imaging import sandbox as sandbox_module
from covidlab.imaging import sandbox_process
from covidlab.imaging.sandbox import Sandbox
from covidlab.intake.upload import visitor_film
from covidlab.prediction.loading import ModelFile
from covidlab.prediction.prediction import Prediction
from covidlab.prediction.serialize import prediction_values
from covidlab.services import reader as reader_module
from covidlab.services.reader import Reader
from tests.prediction.predictions import make_assessment, make_prediction

SEED = 500
NUM_IN_DECODING, NUM_IN_PICTURES, NUM_IN_ANSWERS, NUM_ON_THE_WAY = 296, 36, 108, 60
FILES = ("JPEG", "PNG, 16 bits", "WebP", "DICOM", "DICOM, RLE", "DICOM, JPEG 2000")
ERRORS = (
    MemoryError(),
    cv2.error("OpenCV: insufficient memory"),
    OSError(28, "No space left on device"),
    ValueError("a wrong value"),
    RecursionError("too deep"),
    np.linalg.LinAlgError("singular"),
    SystemExit(1),
)
# Where they cannot be read they count as not stated.
NO_PIXEL_DEPENDS_ON = ("PixelSpacing", "ImagerPixelSpacing")
DEATHS = (ChildDied(-signal.SIGKILL), ChildDied(-signal.SIGSEGV), ChildDied(1), ChildDied(None), ChildTooSlow())
BAD_VALUES = (math.nan, math.inf, -1.0, 2.0, None, "", "a word", [], {})
MODEL = ModelFile(path=Path("model.keras"), name="a model")


class LocalChild:
    """Stands in for a process: answers here; whatever is raised ends it. The answer goes through a real socket."""

    answer: Callable[[Message], Message]
    pid = 1
    # Called with the answer's bytes; may shorten them, or raise what the death of a process raises.
    on_the_way = staticmethod(lambda sent: sent)

    def __init__(self, *_, **__):
        pass

    def start(self):
        pass

    kill = end = start

    def ask(self, message: Message, *, seconds: float) -> Message:
        try:
            answer = type(self).answer(message)
        except (Exception, SystemExit) as error:
            raise ChildDied(1) from error
        try:
            return from_bytes(type(self).on_the_way(as_bytes(answer)))
        except (OSError, EOFError, ValueError) as error:
            raise ChildDied(None) from error


def as_bytes(message: Message) -> bytes:
    """What goes over the socket."""
    ours, theirs = socket.socketpair()
    received = bytearray()
    with ours:
        reading = threading.Thread(
            target=lambda: [received.extend(part) for part in iter(lambda: theirs.recv(2**20), b"")]
        )
        reading.start()
        send(ours, message)
    reading.join()
    theirs.close()
    return bytes(received)


def from_bytes(sent: bytes) -> Message:
    """What comes of it at the other end, which then closes."""
    ours, theirs = socket.socketpair()
    with ours:
        writing = threading.Thread(target=lambda: (theirs.sendall(sent), theirs.close()))
        writing.start()
        try:
            return receive(ours, seconds=5)
        finally:
            writing.join()


def good_prediction() -> Prediction:
    """A prediction with everything that belongs to it."""
    return make_prediction(assessment=make_assessment())


def good_answer(message: Message) -> Message:
    """What the process that predicts answers where nothing is wrong."""
    assert message.parts["area"].shape == (224, 224, 3)
    prediction = good_prediction()
    return Message(prediction_values(prediction), {"heatmap": prediction.heatmap})


@pytest.fixture
def decoding(monkeypatch):
    """The process that decodes."""
    child = type("Decoding", (LocalChild,), {"answer": staticmethod(sandbox_process.answer)})
    # It would hold for the tests themselves.
    monkeypatch.setattr(sandbox_process, "_limit_processor_time", lambda seconds: None)
    monkeypatch.setattr(sandbox_module, "Child", child)
    return child


@pytest.fixture
def predicting(monkeypatch):
    """The process that predicts."""
    child = type("Predicting", (LocalChild,), {"answer": staticmethod(good_answer)})
    monkeypatch.setattr(reader_module, "Child", child)
    return child


@pytest.fixture
def number_of(decoding, predicting):
    """Return a function that goes the whole way from the bytes to the number; None where a sentence says why there is none."""
    sandbox, reader = Sandbox(num_processes=1), Reader()

    def number(data: bytes) -> float | None:
        film = visitor_film(data, name="x.bin", prepare=sandbox.prepare)
        if film.refusal:
            assert film.inputs == {} and film.picture == b""
            return None
        try:
            return reader.predict(film.inputs, MODEL, sha256=film.sha256).probability
        except CovidLabError as error:
            assert str(error).endswith((".", "starting."))
            return None

    yield number
    reader.close()


class Steps:
    """Counts the calls of all functions of covidlab.imaging and of OpenCV, and raises an error at one of them."""

    def __init__(self):
        self.begin()

    def begin(self, at: int = -1, error: BaseException | None = None) -> None:
        self.num_calls, self.at, self.error, self.failed = 0, at, error, ""

    def take(self, name: str, arguments: tuple) -> None:
        self.num_calls += 1
        if self.num_calls == self.at:
            self.failed = " ".join([name, *(word for word in arguments[1:2] if isinstance(word, str))])
            raise copy.copy(self.error)

    def wrapped(self, function):
        @wraps(function)
        def step(*arguments, **options):
            self.take(function.__name__, arguments)
            return function(*arguments, **options)

        return step


class SteppedModule(ModuleType):
    """A module whose functions are steps."""

    def __init__(self, module: ModuleType, steps: Steps):
        super().__init__(module.__name__)
        self._module, self._steps = module, steps

    def __getattr__(self, name: str):
        value = getattr(self._module, name)
        return self._steps.wrapped(value) if callable(value) and not isinstance(value, type) else value


@pytest.fixture
def steps(monkeypatch) -> Steps:
    """The steps of decoding, from the first look at the bytes to the last line of the receipt."""
    steps = Steps()
    for name, module in list(sys.modules.items()):
        if not name.startswith("covidlab.imaging.") or name.endswith((".sandbox", ".sandbox_process")):
            continue
        for attribute, value in list(vars(module).items()):
            if isinstance(value, FunctionType) and value.__module__.startswith("covidlab.imaging."):
                monkeypatch.setattr(module, attribute, steps.wrapped(value))
            elif value is cv2:
                monkeypatch.setattr(module, attribute, SteppedModule(cv2, steps))
    monkeypatch.setattr(sandbox_process, "prepare_image", sys.modules["covidlab.imaging.prepared"].prepare_image)
    return steps


def test_without_a_fault_there_is_a_number(number_of, valid_files):
    assert [number_of(valid_files[name]) for name in FILES] == [0.75] * len(FILES)


def test_error_at_any_step_of_decoding_gives_no_number(number_of, steps, valid_files):
    random, num_steps, given = np.random.default_rng(SEED), {}, []
    # Twice, since the first time fills caches.
    for name in (*FILES, *FILES):
        steps.begin()
        assert number_of(valid_files[name]) == 0.75
        num_steps[name] = steps.num_calls
    for fault in range(NUM_IN_DECODING):
        name, error = FILES[fault % len(FILES)], ERRORS[fault % len(ERRORS)]
        steps.begin(int(random.integers(1, num_steps[name] + 1)), error)
        number = number_of(valid_files[name])
        assert steps.failed
        if number is not None and not steps.failed.endswith(NO_PIXEL_DEPENDS_ON):
            given.append(f"{name}: {error!r} in {steps.failed}")
    assert given == []


def leaves(values, path=()):
    """Where the single values of a JSON object stand."""
    if isinstance(values, dict):
        return [leaf for name, value in values.items() for leaf in leaves(value, (*path, name))]
    if isinstance(values, list) and values:
        return [leaf for index, value in enumerate(values) for leaf in leaves(value, (*path, index))]
    return [path]


def changed(answer: Message, path: tuple, value) -> Message:
    """The answer with another value at one place; without it where the value is ``...``."""
    values = copy.deepcopy(answer.values)
    *above, last = path
    place = values
    for name in above:
        place = place[name]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return Message(values, answer.parts)


def wrong_answers() -> list[Message]:
    """Answers of the process that predicts that are not whole, or whose numbers are none."""
    answer = good_answer(Message(parts={"area": np.zeros((224, 224, 3), np.uint8)}))
    numbers = [("probability",), ("threshold",), ("probabilities", "covid"), ("probabilities", "normal")]
    numbers += [("assessment", "calibrated", name) for name in ("value", "low", "high")]
    needed = [path for path in leaves(answer.values) if path[-1] not in ("is_far", "answer", "file", "status")]
    wrong = [changed(answer, path, value) for path in numbers for value in BAD_VALUES]
    wrong += [changed(answer, path, ...) for path in needed]
    for path in (("positive_class",), ("resembles",), ("probabilities",), ("assessment",)):
        wrong += [changed(answer, path, value) for value in (7, [1], {"a": None}, "another")]
    maps = (np.full((7, 7), np.nan, np.float32), np.ones(49, np.float32), np.ones((1, 7, 7), np.float32), b"map")
    wrong += [Message(answer.values, {"heatmap": heatmap}) for heatmap in maps]
    return [*wrong, Message(answer.values), Message({}, answer.parts), Message({"status": "read"}, answer.parts)]


def test_answer_that_is_not_whole_gives_no_number(number_of, predicting, valid_files):
    wrong, given = wrong_answers(), []
    assert len(wrong) == NUM_IN_ANSWERS
    for answer in wrong:
        predicting.answer = staticmethod(lambda message, answer=answer: answer)
        if number_of(valid_files["PNG"]) is not None:
            given.append((answer.values, {name: np.shape(part) for name, part in answer.parts.items()}))
    assert given == []


def wrong_pictures(answer: Message) -> list[Message]:
    """Answers of the process that decodes whose parts are not what was asked for."""
    area = answer.parts["input area"]
    others = (
        area[:100],
        area[..., :1],
        area[None],
        area.astype(np.float32),
        np.full_like(area, np.nan, np.float32),
        b"",
    )
    kinds = [name for name in answer.parts if name.startswith("input ")]
    wrong = [{**answer.parts, kind: other} for kind in kinds for other in others]
    wrong += [{name: part for name, part in answer.parts.items() if name != left_out} for left_out in answer.parts]
    wrong += [{**answer.parts, "picture": other} for other in (area, b"", b"<svg onload=alert(1)>")]
    messages = [Message(answer.values, parts) for parts in wrong]
    return messages + [changed(answer, (name,), value) for name in answer.values for value in (..., [1])]


def test_picture_that_is_not_whole_gives_no_number(number_of, decoding, valid_files):
    answers = []
    decoding.answer = staticmethod(lambda message: answers.append(sandbox_process.answer(message)) or answers[-1])
    assert number_of(valid_files["PNG"]) == 0.75
    wrong, given = wrong_pictures(answers[0]), []
    assert len(wrong) == NUM_IN_PICTURES
    for answer in wrong:
        decoding.answer = staticmethod(lambda message, answer=answer: answer)
        if number_of(valid_files["PNG"]) is not None:
            given.append((answer.values, {name: np.shape(part) for name, part in answer.parts.items()}))
    assert given == []


@pytest.mark.parametrize("end", ["decoding", "predicting"])
def test_answer_cut_short_or_death_gives_no_number(number_of, valid_files, request, end):
    child, random = request.getfixturevalue(end), np.random.default_rng(SEED)
    given = []
    for fault in range(NUM_ON_THE_WAY // 2):
        death, share = DEATHS[fault // 2 % len(DEATHS)], random.random()
        if fault % 2:
            child.on_the_way = staticmethod(lambda sent, share=share: sent[: int(share * len(sent))])
        else:
            child.on_the_way = staticmethod(lambda sent, death=death: raise_error(death))
        if number_of(valid_files["PNG"]) is not None:
            given.append(fault)
    assert given == []


def raise_error(error: Exception):
    raise error
