"""The catalog of a data set, read once for all visitors in a thread of the server, while each sees how far it is."""

import hashlib
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from covidlab.data.catalog import Catalog, load_catalog
from covidlab.data.layouts import Layout
from covidlab.data.listing import read_layout
from covidlab.data.selections import SELECTIONS_FOLDER
from covidlab.text import about_seconds

# A folder is looked through again when the last look has cost at most this share of the time since.
_SHARE_OF_LOOKING = 0.05
# A longer look is taken once the page is drawn; what it finds, the next page shows.
_LONG_LOOK_SECONDS = 0.02
_AFTER_THE_PAGE_SECONDS = 0.5
_BAR_AFTER_SECONDS = 0.3
_BAR_STEP_SECONDS = 0.2


class _Reading:
    """One reading of a data set; a visitor who leaves does not end it."""

    def __init__(self, root: Path, positive_class: str | None) -> None:
        self.num_known, self.num_films, self._num_known_before = 0, 0, 0
        self._catalog: Catalog | None = None
        self._error: Exception | None = None
        self._done = threading.Event()
        self._started = time.monotonic()
        # A daemon, since the index keeps what is measured: Ctrl-C need not wait for ten thousand films.
        threading.Thread(target=self._read, args=(root, positive_class), name="read catalog", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Wait for the end of the reading; return whether it has come."""
        return self._done.wait(seconds)

    def result(self) -> Catalog:
        """The catalog, once the reading has ended; raises what the reading raised."""
        if self._error:
            raise self._error
        return self._catalog

    def describe(self) -> str:
        """How far the reading is, as Markdown."""
        if not self.num_films:
            return "Reading the X-rays"
        text = f"Reading the X-rays, once for all visitors: {self.num_known:,} of {self.num_films:,}"
        seconds, num_left = time.monotonic() - self._started, self.num_films - self.num_known
        num_read = self.num_known - self._num_known_before
        return f"{text} · {about_seconds(seconds / num_read * num_left)} left" if num_read else text

    def _read(self, root: Path, positive_class: str | None) -> None:
        try:
            self._catalog = load_catalog(root, positive_class=positive_class, progress=self._note)
        except Exception as error:
            self._error = error
        finally:
            self._done.set()

    def _note(self, num_known: int, num_films: int) -> None:
        if not self.num_films:
            # What an earlier reading left in the index says nothing of the speed.
            self._num_known_before = num_known
        self.num_known, self.num_films = num_known, num_films


def read_catalog(root: Path, *, positive_class: str | None) -> Catalog:
    """The catalog of ``root`` as its files are now, the same object until one of them changes; not to be changed.

    Draws a progress bar where the films are not measured yet. Raises what ``load_catalog`` raises.
    """
    root = root.absolute()
    asked = (str(root), _recent_stamp(root), positive_class)
    reading = _readings(*asked)
    if not reading.wait(_BAR_AFTER_SECONDS):
        bar = st.progress(0.0, text=reading.describe())
        while not reading.wait(_BAR_STEP_SECONDS):
            bar.progress(reading.num_known / max(1, reading.num_films), text=reading.describe())
        bar.empty()
    try:
        return reading.result()
    except Exception:
        # Rights and disks are mended without a trace in the stamp.
        _readings.clear(*asked)
        raise


def known_layout(root: Path) -> Layout:
    """What ``root`` was understood to be, as its files are now, without reading an X-ray; raises what ``read_layout`` raises."""
    root = root.absolute()
    return _layouts(str(root), _recent_stamp(root))


def invalidate() -> None:
    """Look through the folders anew at the next question: the caller has changed films."""
    _looks.clear()


def folder_stamp(root: Path) -> str:
    """A short text that changes whenever a file of the data set is added, removed or written, at any depth."""
    digest = hashlib.sha256()
    _add_to_stamp(digest, os.fspath(root))
    return digest.hexdigest()[:16]


def _add_to_stamp(digest: "hashlib._Hash", folder: str) -> None:
    below = []
    with suppress(OSError):
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            # A decision on Curate changes its file, not the films.
            if entry.name == SELECTIONS_FOLDER:
                continue
            with suppress(OSError):
                facts = entry.stat()
                digest.update(f"{entry.name}/{facts.st_size}/{facts.st_mtime_ns}\n".encode(errors="surrogateescape"))
            if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                below.append(entry.path)
    for inner in below:
        digest.update(b"/")
        _add_to_stamp(digest, inner)


@st.cache_resource(max_entries=4, show_spinner=False)
def _readings(root: str, stamp: str, positive_class: str | None) -> _Reading:
    return _Reading(Path(root), positive_class)


@st.cache_resource(max_entries=4, show_spinner=False)
def _layouts(root: str, stamp: str) -> Layout:
    return read_layout(Path(root))


class _Look(NamedTuple):
    """What a look through a folder gave, how long it took, and until when (monotonic) it is believed."""

    stamp: str
    seconds: float
    good_until: float


_looks: dict[Path, _Look] = {}


def _recent_stamp(root: Path) -> str:
    """``folder_stamp``; a large folder, where a look costs time, is looked through the less often, and with nobody waiting."""
    look = _looks.get(root)
    if look is not None and time.monotonic() < look.good_until:
        return look.stamp
    if look is None or look.seconds <= _LONG_LOOK_SECONDS:
        look = _looks[root] = _look(root)
        return look.stamp
    # Believed for as long again, so that one look is under way at a time.
    look = _looks[root] = look._replace(good_until=_good_until(look.seconds))
    timer = threading.Timer(_AFTER_THE_PAGE_SECONDS, _look_behind, (root, look))
    timer.daemon = True
    timer.start()
    return look.stamp


def _look_behind(root: Path, last: _Look) -> None:
    look = _look(root)
    # Whoever has called invalidate meanwhile has changed films that this look may have missed.
    if _looks.get(root) is last:
        _looks[root] = look


def _look(root: Path) -> _Look:
    started = time.monotonic()
    stamp = folder_stamp(root)
    seconds = time.monotonic() - started
    return _Look(stamp, seconds, _good_until(seconds))


def _good_until(seconds: float) -> float:
    return time.monotonic() + seconds / _SHARE_OF_LOOKING
