"""The files of a form, one after another, while the request still comes in: in memory, never on the disk.

Starlette's own way to a form writes files above 1 MB into the temporary folder, and holds all of them. Here one file is held;
the next is read once it has been used. Sizes are counted as bytes come.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from email.message import Message

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from covidlab.imaging.limits import MAX_BYTES
from covidlab.services.v1.body import chunks_of
from covidlab.services.v1.problems import Problem

MAX_FILES = 100
# Room for the lines between the files.
_OTHER_BYTES = 64 * 1024
_MAX_TOTAL = MAX_FILES * MAX_BYTES + _OTHER_BYTES
_MAX_NAME = 400


@dataclass(frozen=True, eq=False)
class SentFile:
    """A file of a form. name: as it was called, without folders. data: its bytes; of one above the limit only that it is."""

    name: str
    data: bytes


async def files_of(request: Request) -> AsyncIterator[SentFile]:
    """Yield the files of a form as each is there.

    Raises Problem: 415 where the request is no form, 400 where it is damaged, 413 where it holds too much, 408 where the rest of it
    does not come.
    """
    form = _Form(_boundary(request))
    _check_length(request)
    num_bytes = num_files = 0
    async for chunk in chunks_of(request):
        num_bytes += len(chunk)
        if num_bytes > _MAX_TOTAL:
            raise _too_much()
        for file in form.add(chunk):
            num_files += 1
            if num_files > MAX_FILES:
                raise Problem(413, f"Up to {MAX_FILES} X-rays are read in one request. Send the others in another one.")
            yield file
    form.end()


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise Problem(415, "X-rays are expected as files of a form (multipart/form-data).")
    return boundary


def _check_length(request: Request) -> None:
    """Refuse by what the request says of itself, before a byte of it is read."""
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > _MAX_TOTAL:
        raise _too_much()


def _too_much() -> Problem:
    return Problem(413, f"The request is too large: up to {MAX_FILES} X-rays of {MAX_BYTES // 2**20} MB each are read.")


class _Form:
    """A form that is parsed as it comes; holds the file that is under way."""

    def __init__(self, boundary: bytes) -> None:
        self._done: list[SentFile] = []
        self._data, self._header, self._value = bytearray(), bytearray(), bytearray()
        self._headers: dict[str, str] = {}
        self._name: str | None = None
        self._has_ended = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
                    "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._end_headers,
                    "on_part_data": self._add_data,
                    "on_part_end": self._end_part,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise _damaged() from error

    def add(self, chunk: bytes) -> Iterator[SentFile]:
        """Parse more of the form; yield the files that are whole by now."""
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise _damaged() from error
        while self._done:
            yield self._done.pop(0)

    def end(self) -> None:
        """Raise Problem 400 where the form is not whole."""
        if not self._has_ended:
            raise _damaged()

    def _begin(self) -> None:
        self._data, self._headers, self._name = bytearray(), {}, None

    def _end_header(self) -> None:
        self._headers[self._header.decode("latin-1").lower()] = self._value.decode("utf-8", "replace")
        self._header, self._value = bytearray(), bytearray()

    def _end_headers(self) -> None:
        # The library of the standard understands both forms in which names of files come (RFC 2231, RFC 7578).
        part = Message()
        part["content-disposition"] = self._headers.get("content-disposition", "").replace("\r", "").replace("\n", "")
        self._name = part.get_filename()

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._name is None:
            # A field that is no file is passed over.
            return
        # One byte beyond the limit tells that the file is above it.
        room = MAX_BYTES + 1 - len(self._data)
        self._data.extend(data[start : min(end, start + room)])

    def _end_part(self) -> None:
        if self._name is not None:
            self._done.append(SentFile(_own_name(self._name), bytes(self._data)))
        self._data = bytearray()

    def _end(self) -> None:
        self._has_ended = True


def _own_name(name: str) -> str:
    """The name without folders, as browsers and programs send some."""
    return name.replace("\\", "/").rsplit("/", maxsplit=1)[-1][:_MAX_NAME]


def _damaged() -> Problem:
    return Problem(400, "The form is damaged or not whole. Send it again.")
