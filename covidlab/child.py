"""A process that computes for the server: asked over a socket, ended at its limits, started again when it has died.

A message is a length, a JSON object, and the bytes of its parts. Nothing is pickled, so that a process which a hostile
file has taken over can answer with wrong values, but not with code.
"""

import json
import os
import re
import resource
import select
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from covidlab.paths import PROJECT_ROOT

IDLE_SECONDS = 15 * 60
MAX_MESSAGE_BYTES = 64 * 2**20

_LENGTH = struct.Struct("!I")
_DTYPES = ("uint8", "float32")
# What is handed to nobody who decodes strangers' files: credentials, by whatever program they are read, and where runs are kept.
_SECRET = re.compile("TOKEN|SECRET|PASSWORD|CREDENTIAL|KEY|CONNECTION_STRING|COVIDLAB_ARCHIVE", re.IGNORECASE)

Part = bytes | np.ndarray


@dataclass(frozen=True, eq=False)
class Message:
    """What goes over the socket: values that JSON knows, and parts by name (bytes, or arrays of uint8 or float32)."""

    values: dict[str, Any] = field(default_factory=dict)
    parts: Mapping[str, Part] = field(default_factory=dict)


class ChildDied(Exception):
    """The process ended without an answer; ``returncode`` is minus the signal that ended it, where one did."""

    def __init__(self, returncode: int | None) -> None:
        super().__init__(f"ended with {returncode}")
        self.returncode = returncode


class ChildTooSlow(Exception):
    """The process did not answer in time and was ended."""


class Child:
    """One process at the other end of a socket. It ends with this one, or when nobody asks for 15 minutes.

    Not for several threads at once: whoever shares one takes turns.

    Parameters
    ----------
    program : what Python runs, e.g. ("-m", "package.module"); the module calls ``serve``
    start_seconds : time to import what it needs; not part of the time that a request may take
    environment : variables set for it beside those of this process
    is_quiet : whether what it writes on standard error is dropped, since a library may quote a stranger's file there
    """

    def __init__(
        self,
        program: Sequence[str],
        *,
        start_seconds: float,
        environment: Mapping[str, str] | None = None,
        is_quiet: bool = True,
    ) -> None:
        self._program = tuple(program)
        self._start_seconds = start_seconds
        self._environment = dict(environment or {})
        self._is_quiet = is_quiet
        self._process: subprocess.Popen | None = None
        self._connection: socket.socket | None = None
        self._is_ready = False

    @property
    def pid(self) -> int | None:
        """Process id, None where none runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def is_alive(self) -> bool:
        """Whether the process runs; also while it still imports."""
        process = self._process
        return process is not None and process.poll() is None

    def start(self) -> None:
        """Begin to start the process where none runs; returns before it is ready. Raises ChildDied where none can be started."""
        if self.is_alive():
            return
        self.end()
        self._connection, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, *self._program, str(theirs.fileno())],
                    pass_fds=(theirs.fileno(),),
                    cwd=PROJECT_ROOT,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL if self._is_quiet else None,
                    # Ctrl-C in the server's terminal is for the server; the process sees the socket close.
                    start_new_session=True,
                    env=self._whole_environment(),
                )
            except OSError as error:
                self.end()
                raise ChildDied(None) from error

    def ask(self, message: Message, *, seconds: float) -> Message:
        """Return the answer to a message; the process is started first where none runs.

        Raises
        ------
        ChildTooSlow
            No answer within ``seconds``, or no start within its time. The process has been ended.
        ChildDied
            The process ended, or answered nonsense and was ended.
        """
        for is_last in (False, True):
            self.start()
            try:
                if not self._is_ready:
                    receive(self._connection, seconds=self._start_seconds)
                    self._is_ready = True
                until = time.monotonic() + seconds
                send(self._connection, message, seconds=seconds)
                return receive(self._connection, seconds=until - time.monotonic())
            except TimeoutError as error:
                self.end()
                raise ChildTooSlow from error
            except (OSError, EOFError, ValueError) as error:
                returncode = self._returncode()
                self.end()
                # It had ended by itself, idle, just when it was asked again: one more try with a new one.
                if is_last or returncode != 0:
                    raise ChildDied(returncode) from error
        raise AssertionError("unreachable")

    def kill(self) -> None:
        """End the process from another thread; who asks it at the moment is told as of any death."""
        if (process := self._process) is not None:
            process.kill()

    def end(self) -> None:
        """End the process, whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._connection is not None:
            self._connection.close()
        self._process = self._connection = None
        self._is_ready = False

    def _returncode(self) -> int | None:
        """How the process ended; None where it closed the socket and lives on."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(timeout=1)
        return None

    def _whole_environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not _SECRET.search(name)}
        return {**inherited, "PYTHONPATH": str(PROJECT_ROOT), **self._environment}


def serve(handle: Callable[[Message], Message], *, idle_seconds: float = IDLE_SECONDS) -> None:
    """Answer one message after another at the socket whose number is the last argument of this process.

    Returns when the other end closes or asks nothing for ``idle_seconds``. Where the other end closes while ``handle``
    is at work, the process ends at once. There are no core dumps, which would hold what was decoded.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with socket.socket(fileno=int(sys.argv[-1])) as connection:
        threading.Thread(target=_end_with_other, args=(connection.fileno(),), daemon=True).start()
        with suppress(EOFError, ConnectionError, TimeoutError):
            send(connection, Message({"ready": True}))
            while True:
                send(connection, handle(receive(connection, seconds=idle_seconds)))


def send(connection: socket.socket, message: Message, *, seconds: float | None = None) -> None:
    """Send one message; raises TimeoutError where it is not taken within ``seconds``."""
    contents = {name: _content(part) for name, part in message.parts.items()}
    parts = [[name, len(contents[name]), *_kind(part)] for name, part in message.parts.items()]
    header = json.dumps([message.values, parts]).encode()
    connection.settimeout(None if seconds is None else max(seconds, 0.001))
    connection.sendall(_LENGTH.pack(len(header)) + header)
    for content in contents.values():
        connection.sendall(content)


def receive(connection: socket.socket, *, seconds: float | None = None) -> Message:
    """Return one message; raises TimeoutError, EOFError where the other end is gone, ValueError for nonsense."""
    until = None if seconds is None else time.monotonic() + seconds
    (length,) = _LENGTH.unpack(_receive_bytes(connection, _LENGTH.size, until))
    header = _receive_bytes(connection, length, until)
    # Whatever the bytes are, they end here as a ValueError: the other end may be in strange hands.
    try:
        values, parts = json.loads(header)
        if not isinstance(values, dict) or sum(part[1] for part in parts) > MAX_MESSAGE_BYTES:
            raise ValueError("an object and parts of bounded size are expected")
        return Message(
            values, {part[0]: _part(_receive_bytes(connection, part[1], until), *part[2:]) for part in parts}
        )
    except (TypeError, LookupError, RecursionError) as error:
        raise ValueError("an object and a list of parts are expected") from error


def _end_with_other(number: int) -> None:
    """End this process when the other end of its socket is closed."""
    poll = select.poll()
    poll.register(number, 0)
    poll.poll()
    os._exit(0)


def _content(part: Part) -> memoryview | bytes:
    return part if isinstance(part, bytes) else memoryview(np.ascontiguousarray(part)).cast("B")


def _kind(part: Part) -> tuple[str, list[int]]:
    """Name of the dtype and shape; "" for bytes."""
    return ("", []) if isinstance(part, bytes) else (part.dtype.name, list(part.shape))


def _part(content: bytearray, dtype: str, shape: list[int]) -> Part:
    if not dtype:
        return bytes(content)
    if dtype not in _DTYPES:
        raise ValueError(f"arrays of {_DTYPES} are expected, received {dtype}")
    return np.frombuffer(content, dtype).reshape(shape)


def _receive_bytes(connection: socket.socket, length: int, until: float | None) -> bytearray:
    if not 0 <= length <= MAX_MESSAGE_BYTES:
        raise ValueError(f"at most {MAX_MESSAGE_BYTES} bytes are expected, received {length}")
    content, at = bytearray(length), 0
    view = memoryview(content)
    while at < length:
        connection.settimeout(None if until is None else max(until - time.monotonic(), 0.001))
        received = connection.recv_into(view[at:])
        if received == 0:
            raise EOFError
        at += received
    return content
