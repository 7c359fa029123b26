"""Strangers' files are decoded in processes with limits: memory, processor time, wall time, no writing to disk.

A file that takes too much, or makes a decoder crash, costs its own answer and a process that is replaced; the server and
the next file see nothing of it. Two processes wait, warm. Their limit of memory needs Linux; the other limits do not.
"""

import atexit
import queue
import signal
from collections.abc import Sequence
from functools import cache

import numpy as np

from covidlab.child import Child, ChildDied, ChildTooSlow, Message, Part
from covidlab.config import IMAGE_SIDE
from covidlab.errors import OtherPicture, TemporaryError, UnreadableImage
from covidlab.imaging.limits import MAX_BYTES, MAX_PIXELS
from covidlab.imaging.prepared import PreparedImage, Recipe
from covidlab.imaging.readers.base import Tags
from covidlab.imaging.receipt import Check
from covidlab.language import tr, tr_lazy
from covidlab.spoken import packed, unpacked
from covidlab.text import decimal_text

PROGRAM = ("-m", "covidlab.imaging.sandbox_process")
NUM_PROCESSES = 2
WALL_SECONDS = 5.0
# Longer than any file before it may take: who waits longer is told so.
QUEUE_SECONDS = 30.0

_START_SECONDS = 60.0
_JPEG = b"\xff\xd8"
_ENVIRONMENT = {
    # Read by OpenCV when it is imported. Threads of its own would only take memory from the limit.
    "OPENCV_IO_MAX_IMAGE_PIXELS": str(MAX_PIXELS),
    "OPENCV_FOR_THREADS_NUM": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


class Sandbox:
    """Processes that decode, shared by all threads of the server.

    Parameters
    ----------
    program : what Python runs in each process
    num_processes : how many files are decoded side by side
    wall_seconds : what one file may take
    """

    def __init__(
        self,
        *,
        program: Sequence[str] = PROGRAM,
        num_processes: int = NUM_PROCESSES,
        wall_seconds: float = WALL_SECONDS,
    ) -> None:
        self._wall_seconds = wall_seconds
        self._children = [
            Child(program, start_seconds=_START_SECONDS, environment=_ENVIRONMENT) for _ in range(num_processes)
        ]
        self._free: queue.Queue[Child] = queue.Queue()
        for child in self._children:
            self._free.put(child)

    def warm_up(self) -> None:
        """Begin to start the processes that are free; does not wait."""
        for _ in self._children:
            try:
                child = self._free.get_nowait()
            except queue.Empty:
                return
            self._put_back(child)

    def prepare(self, data: bytes, *, recipe: Recipe, name: str = "the file") -> PreparedImage:
        """Return what ``recipe`` makes of the bytes of a file, decoded in another process.

        Raises
        ------
        UnreadableImage
            What ``prepare_image`` refuses, and a file that takes too much time or memory or makes the process end.
        TemporaryError
            Other files took all processes for half a minute.
        """
        try:
            child = self._free.get(timeout=QUEUE_SECONDS)
        except queue.Empty:
            raise TemporaryError(tr("Many files are being decoded at the moment. Try again in a minute.")) from None
        values = {"recipe": vars(recipe), "name": packed(name), "cpu_seconds": self._wall_seconds}
        try:
            # A file above the limit is refused by its size, so the rest of it need not travel.
            answer = child.ask(Message(values, {"data": data[: MAX_BYTES + 1]}), seconds=self._wall_seconds)
            if refusal := answer.values.get("refusal"):
                raise (OtherPicture if answer.values.get("is_other") is True else UnreadableImage)(unpacked(refusal))
            return _prepared(answer, recipe)
        except ChildTooSlow as error:
            raise UnreadableImage(self._too_slow(name)) from error
        except ChildDied as error:
            if error.returncode == -signal.SIGXCPU:
                raise UnreadableImage(self._too_slow(name)) from error
            raise UnreadableImage(_crashed(name)) from error
        except (KeyError, TypeError, ValueError) as error:
            # Not what the process was asked for: it is no longer trusted.
            child.end()
            raise UnreadableImage(_crashed(name)) from error
        finally:
            self._put_back(child)

    def close(self) -> None:
        """End the processes."""
        for child in self._children:
            child.end()

    def _put_back(self, child: Child) -> None:
        # Started before it is needed; where that fails now, the next file tries again and is told.
        try:
            child.start()
        except ChildDied:
            pass
        finally:
            self._free.put(child)

    def _too_slow(self, name: str) -> str:
        return tr_lazy(
            "{name} cannot be read: decoding it takes longer than {decimal_text} seconds.",
            name=name,
            decimal_text=decimal_text(self._wall_seconds),
        )


def _crashed(name: str) -> str:
    return tr_lazy("{name} cannot be read: the decoder crashed. The file is damaged or harmful.", name=name)


@cache
def shared_sandbox() -> Sandbox:
    """The sandbox of this process."""
    sandbox = Sandbox()
    atexit.register(sandbox.close)
    return sandbox


def _prepared(answer: Message, recipe: Recipe) -> PreparedImage:
    """What was asked for; raises ValueError, TypeError or KeyError for anything else."""
    values, parts = answer.values, answer.parts
    if not parts["picture"][:2] == _JPEG:
        raise ValueError(tr("a JPEG is expected"))
    return PreparedImage(
        sha256=_text(values["sha256"]),
        format=_text(values["format"]),
        mode=_text(values["mode"]),
        width=int(values["width"]),
        height=int(values["height"]),
        notes=tuple(map(unpacked, values["notes"])),
        picture=parts["picture"],
        inputs={kind: _model_input(parts[f"input {kind}"]) for kind in recipe.resizes},
        likeness=parts.get("likeness"),
        tags=_tags(values["tags"]),
        checks=tuple(Check.from_dict({**check, "sentence": unpacked(check["sentence"])}) for check in values["checks"]),
        plain=parts.get("plain", b""),
        patient=_text(values["patient"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(tr("text is expected, received {name}", name=type(value).__name__))
    return value


def _model_input(part: Part) -> np.ndarray:
    if not (isinstance(part, np.ndarray) and part.shape == (IMAGE_SIDE, IMAGE_SIDE, 3) and part.dtype == np.uint8):
        raise ValueError(tr("a picture of the side that models take is expected"))
    return part


def _tags(values: dict | None) -> Tags | None:
    if values is None:
        return None
    # JSON knows lists only.
    spacing = values["pixel_spacing"]
    return Tags(**{**values, "pixel_spacing": spacing and tuple(map(float, spacing))})
