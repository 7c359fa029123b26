"""A folder for copies that nothing stays of: not after an error, not after Ctrl-C or SIGTERM, and not for long after a kill."""

import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from covidlab.files import storage_errors

_PREFIX = ".copied-"
# Another process may have made its folder and not locked it yet.
_LEFT_AFTER_SECONDS = 60.0


@contextmanager
def folder_on_the_disk_of(place: Path) -> Iterator[Path]:
    """A hidden folder of this process's user only, on the disk of a folder that need not exist; it vanishes afterwards."""
    whole = Path(place).absolute()
    above = next(folder for folder in (whole, *whole.parents) if folder.is_dir())
    _remove_left(above)
    with storage_errors(above):
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=above))
    try:
        with FileLock(folder / "lock"):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_left(above: Path) -> None:
    """Remove what copies left whose process was killed."""
    for left in above.glob(f"{_PREFIX}*"):
        try:
            if time.time() - left.stat().st_mtime > _LEFT_AFTER_SECONDS:
                with FileLock(left / "lock").acquire(blocking=False):
                    shutil.rmtree(left, ignore_errors=True)
        except (Timeout, OSError):
            continue


@contextmanager
def ended_politely() -> Iterator[None]:
    """Let SIGTERM end this process as Ctrl-C does, so that nothing of a copy stays."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
