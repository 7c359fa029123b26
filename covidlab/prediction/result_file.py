"""A file that grows by one JSON line for each X-ray, so that a batch which was interrupted goes on where it ended."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from covidlab.errors import StorageError, UsageError
from covidlab.files import append_line
from covidlab.language import tr

# Of each line that is written; a file that begins otherwise is somebody's own.
_BEGINNING = b'{"file": '


class ResultFile:
    """What stands in a file of results, and more of it.

    A line counts for a file while its content and the model are the same. A torn last line is skipped.

    Parameters
    ----------
    path : of the file; it need not be there yet
    model_sha256 : of the file of the model that reads

    Raises
    ------
    UsageError
        Where the file is there and holds something else.
    """

    def __init__(self, path: Path, *, model_sha256: str) -> None:
        self._path = path
        self._model_sha256 = model_sha256
        self._status = {
            (values["file"], values["sha256"]): str(values["status"])
            for values in _lines(path)
            if values.get("model_sha256") == model_sha256 and values.get("sha256")
        }

    def status_of(self, file: str, sha256: str) -> str:
        """Return the status ("read" or "refused") that stands there for this content of a file, "" for none."""
        return self._status.get((file, sha256), "")

    @property
    def statuses(self) -> dict[str, dict[str, str]]:
        """By file, the status by sha256 of its content, as they stood there in the beginning."""
        by_file: dict[str, dict[str, str]] = {}
        for (file, sha256), status in self._status.items():
            by_file.setdefault(file, {})[sha256] = status
        return by_file

    def append(self, values: dict[str, Any]) -> None:
        """Add a line; raises StorageError where it cannot be written."""
        append_line(self._path, json.dumps({**values, "model_sha256": self._model_sha256}))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Whole lines of the file, as objects."""
    if not path.exists():
        return
    try:
        with open(path, "rb") as file:
            if not _BEGINNING.startswith(file.read(len(_BEGINNING))):
                raise UsageError(
                    tr(
                        "A file is expected that --resume has written, or one that is not there yet. Received: {path}.",
                        path=path,
                    )
                )
            file.seek(0)
            yield from filter(None, map(_result, file))
    except OSError as error:
        raise StorageError(tr("{path} cannot be read: {strerror}.", path=path, strerror=error.strerror)) from error


def _result(line: bytes) -> dict[str, Any] | None:
    """The object in a line; None where it is torn or something else."""
    try:
        values = json.loads(line)
    except ValueError:
        return None
    return values if isinstance(values, dict) and {"file", "status"} <= values.keys() else None
