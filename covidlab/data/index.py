"""What the films of a folder measure, kept in a file of ``home()/index``, so that an unchanged film is read once only."""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from covidlab.errors import StorageError, UnreadableImage
from covidlab.files import append_line, replacing
from covidlab.imaging.decode import decode, is_dicom, read_bytes, read_header, seems_whole
from covidlab.language import tr, tr_lazy
from covidlab.paths import home

Progress = Callable[[int, int], None]

# A kill loses what was measured since the last of these, a fraction of a second.
FILMS_A_BLOCK = 32
# Its header names the patient, and a set keeps pictures only.
MUST_BE_ADDED = tr_lazy(
    "is DICOM, which is added to a data set first, without its header: `python -m covidlab dataset "
    "add SRC --dataset DIR`."
)
_NUM_THREADS = 4
_LINES_AT_ONCE = 10_000
_NUMBERS = frozenset((int,))


class FileState(NamedTuple):
    """A film's file as it was measured: path relative to the data set (posix), bytes, modification time."""

    file: str
    size: int
    mtime_ns: int


class Measures(NamedTuple):
    """What a film measures: SHA-256 of its content (hex), width and height in pixels, channels."""

    sha256: str
    width: int
    height: int
    channels: int


def measure_films(
    root: Path, files: Iterable[str], *, progress: Progress | None = None
) -> tuple[dict[FileState, Measures], dict[str, str]]:
    """Measure the films ``files`` (relative to the data set ``root``); what the index knows is not read again.

    The index grows while films are measured: whoever is killed continues where it was.

    Parameters
    ----------
    progress : called with the number of films known and of all, each time some more are measured

    Returns
    -------
    what each film measures, by file; and file -> why, of those that cannot be read as a film
    """
    index_path = home() / "index" / f"{hashlib.sha256(os.fsencode(root)).hexdigest()[:16]}.jsonl"
    states, refused = _states(root, files)
    index, num_lines = _read_index(index_path)
    known = {state: index[state] for state in states if state in index}
    for block in _measured_blocks(root, [state for state in states if state not in known]):
        measured = {state: found for state, found in block if isinstance(found, Measures)}
        refused |= {state.file: str(found) for state, found in block if not isinstance(found, Measures)}
        # A full or read-only disk costs time at the next start, nothing else.
        with suppress(StorageError, OSError):
            index_path.parent.mkdir(parents=True, exist_ok=True)
            if measured:
                append_line(index_path, "\n".join(_as_line(*row) for row in measured.items()))
            num_lines += len(measured)
        known.update(measured)
        if progress:
            progress(len(known) + len(refused), len(states) + len(refused))
    if num_lines != len(known):
        _write_index(index_path, known)
    return {state: known[state] for state in states if state in known}, refused


def _states(root: Path, files: Iterable[str]) -> tuple[list[FileState], dict[str, str]]:
    states, refused, folder = [], {}, os.fspath(root)
    for file in sorted(files):
        try:
            facts = os.stat(f"{folder}/{file}")
        except OSError as error:
            refused[file] = tr("{file} cannot be opened: {strerror}.", file=file, strerror=error.strerror)
        else:
            states.append(FileState(file, facts.st_size, facts.st_mtime_ns))
    return states, refused


def _measured_blocks(
    root: Path, states: list[FileState]
) -> Iterator[list[tuple[FileState, Measures | UnreadableImage]]]:
    with ThreadPoolExecutor(max_workers=_NUM_THREADS) as pool:
        for start in range(0, len(states), FILMS_A_BLOCK):
            block = states[start : start + FILMS_A_BLOCK]
            yield list(zip(block, pool.map(lambda state: _measure(root, state.file), block), strict=True))


def _measure(root: Path, file: str) -> Measures | UnreadableImage:
    try:
        data = read_bytes(root / file, name=file)
        if is_dicom(data):
            return UnreadableImage(f"{file} {MUST_BE_ADDED}")
        header = read_header(data, name=file)
        if not seems_whole(data):
            # Only its pixels can tell whether it is.
            decode(data, name=file)
    except UnreadableImage as refusal:
        return refusal
    return Measures(hashlib.sha256(data).hexdigest(), header.width, header.height, header.channels)


def _read_index(path: Path) -> tuple[dict[FileState, Measures], int]:
    """Rows of the index, and how many lines it has; what is damaged is left out, to be measured again."""
    index, num_lines = {}, 0
    with suppress(OSError), open(path, "rb") as file:
        while lines := list(islice(file, _LINES_AT_ONCE)):
            num_lines += len(lines)
            for values in _values(lines):
                # A dict has no slices: TypeError, since Python 3.12 KeyError.
                with suppress(TypeError, KeyError):
                    state, measures = FileState(*values[:3]), Measures(*values[3:7])
                    if _is_row(state, measures):
                        index[state] = measures
    return index, num_lines


def _values(lines: list[bytes]) -> Iterator[Any]:
    """What the lines hold; together where all are whole, which takes a third of the time."""
    with suppress(ValueError):
        return iter(json.loads(b"[" + b",".join(lines) + b"]"))
    return _whole_values(lines)


def _whole_values(lines: list[bytes]) -> Iterator[Any]:
    for line in lines:
        with suppress(ValueError):
            yield json.loads(line)


def _is_row(state: FileState, measures: Measures) -> bool:
    return (
        type(state.file) is type(measures.sha256) is str
        and len(measures.sha256) == 64
        and _NUMBERS.issuperset(map(type, numbers := (*state[1:], *measures[1:])))
        and min(numbers) >= 0
    )


def _as_line(state: FileState, measures: Measures) -> str:
    return json.dumps([*state, *measures])


def _write_index(path: Path, rows: dict[FileState, Measures]) -> None:
    with suppress(StorageError, OSError), replacing(path, durable=False) as temporary:
        temporary.write_text("".join(f"{_as_line(*row)}\n" for row in rows.items()), encoding="ascii")
