"""The thread that copies runs to the archive once they have ended, so that no run waits for it.

It lives in the worker, and in the dispatcher of a cluster. Each run is tried once in the life of the process; where that fails,
the next process tries again.
"""

import queue
import sys
import threading
import traceback
from contextlib import suppress

from covidlab.errors import CovidLabError
from covidlab.runs.archive import archive_address, belongs_there, is_copied, open_archive, stamp_of
from covidlab.runs.store import Run


class Archiver:
    """Takes runs that have ended, one after another; nothing happens where COVIDLAB_ARCHIVE is not set."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[Run] = queue.Queue()
        self._seen: dict[str, str] = {}
        self._thread: threading.Thread | None = None

    @property
    def is_busy(self) -> bool:
        """Whether anything is copied or waits to be."""
        return self._waiting.unfinished_tasks > 0

    def offer(self, run: Run) -> None:
        """Copy a run that has ended, in the background, where its copy is not there yet; returns at once."""
        if not archive_address():
            return
        self._waiting.put(run)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="archiver", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            run = self._waiting.get()
            try:
                self._look_at(run)
            except Exception:  # the outermost frame of the thread: said in the log of the process, and not tried again
                traceback.print_exc()
            finally:
                self._waiting.task_done()

    def _look_at(self, run: Run) -> None:
        if not self._is_new(run):
            return
        try:
            archive = open_archive()
            if is_copied(run, archive.shown):
                return
            copied = archive.copy(run)
        except (CovidLabError, OSError) as error:
            _say(run, f"Not copied to the archive. {error} It is tried again when the trainer starts next.")
            self._pass_over_the_others()
            return
        if copied:
            _say(run, f"Copied to the archive ({copied.size_text}).")

    def _is_new(self, run: Run) -> bool:
        """Whether a run is one to copy, and was not looked at as its files are now."""
        if not belongs_there(run):
            return False
        stamp = stamp_of(run)
        is_new = self._seen.get(run.id) != stamp
        self._seen[run.id] = stamp
        return is_new

    def _pass_over_the_others(self) -> None:
        """Leave those that wait to the next process: a store that does not answer would take minutes for each."""
        with suppress(queue.Empty):
            while True:
                self._is_new(self._waiting.get_nowait())
                self._waiting.task_done()


def _say(run: Run, sentence: str) -> None:
    """One line in the log of the process, and one in that of the run."""
    print(f"{run.name} ({run.id}): {sentence}", file=sys.stderr, flush=True)
    # Somebody may have deleted it.
    with suppress(CovidLabError, OSError):
        run.log(sentence)
