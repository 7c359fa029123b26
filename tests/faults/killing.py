"""Kills this process, for real (SIGKILL), at the n-th change that it makes to files below a folder.

A change is half of what is written, the whole of it, a flush to the disk, a rename before or after it is done. So a process that
is started again and again with the next number is killed at every write once. Used by tests and by benchmarks/faults.py.
"""

import builtins
import io
import os
import signal
import zipfile
from pathlib import Path


class Killer:
    """Counts changes below ``folder``; ``at``: the number, from 1, of the one at which this process is killed, 0 for none."""

    def __init__(self, folder: Path, *, at: int = 0):
        self.folder, self.at, self.num_changes = os.path.realpath(folder), at, 0

    def install(self) -> None:
        """See every change of files from now on; this process is not used for anything else afterwards."""
        self._open, self._replace, self._fsync = builtins.open, os.replace, os.fsync
        os.replace, os.fsync = self._replaced, self._flushed
        for place in (builtins, io):
            place.open = self._opened
        zipfile.io.open = self._opened

    def changed(self) -> None:
        """Count one change."""
        self.num_changes += 1
        if self.num_changes == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def _opened(self, file, mode="r", *arguments, **options):
        is_watched = isinstance(file, str | os.PathLike) and os.path.realpath(file).startswith(self.folder)
        if not is_watched or not set(mode) & set("wax+"):
            return self._open(file, mode, *arguments, **options)
        raw = KillingFile(self, os.fspath(file), mode.replace("b", "").replace("t", ""))
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding="utf-8", newline=options.get("newline"))

    def _replaced(self, source, target, **options) -> None:
        self.changed()
        self._replace(source, target, **options)
        self.changed()

    def _flushed(self, handle) -> None:
        self._fsync(handle)
        self.changed()


class KillingFile(io.FileIO):
    """A file that is written in two halves, each a change."""

    def __init__(self, killer: Killer, path: str, mode: str):
        super().__init__(path, mode)
        self._killer = killer

    def write(self, data) -> int:
        """Write all of ``data``."""
        whole = memoryview(data).cast("B")
        half = len(whole) // 2
        written = super().write(whole[:half])
        self._killer.changed()
        written += super().write(whole[half:])
        self._killer.changed()
        return written
