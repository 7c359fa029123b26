"""The catalog of a data set, read once for all visitors in a thread of the server, while each sees how far it is."""

import threading
import time
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from covidlab.data.catalog import Catalog, load_catalog
from covidlab.data.kept import known_classes, known_stamp
from covidlab.data.layouts import Branch, Layout
from covidlab.data.listing import read_layout
from covidlab.data.stamps import folder_stamp
from covidlab.language import keeping_messages, tr, tr_lazy
from covidlab.text import about_seconds

# A folder is looked through again when the last look has cost at most this share of the time since.
_SHARE_OF_LOOKING = 0.05
# A longer look is taken once the page is drawn; what it finds, the next page shows.
_LONG_LOOK_SECONDS = 0.02
_AFTER_THE_PAGE_SECONDS = 0.5
# Until the first whole look has been taken, another is not begun.
_LONGEST_FIRST_LOOK_SECONDS = 1.0
_BAR_AFTER_SECONDS = 0.3
_BAR_STEP_SECONDS = 0.2
LOOKING = tr_lazy("Looking through the folder and its tables")


class Understood(NamedTuple):
    """What a folder was understood to be: names of its classes, sorted, and where its pictures lie."""

    classes: tuple[str, ...]
    branches: tuple[Branch, ...] = ()


class _Look:
    """One look at what a folder is, in a thread; its layout is handed on once, since that of a large set takes much memory."""

    def __init__(self, root: Path, stamp: str) -> None:
        self._understood: Understood | None = None
        self._layout: Layout | None = None
        self._error: Exception | None = None
        self._done = threading.Event()
        self._started = time.monotonic()
        threading.Thread(target=self._take, args=(root, stamp), name="look at folder", daemon=True).start()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end of the look; return whether it has come."""
        return self._done.wait(seconds)

    def seconds(self) -> float:
        """How long ago the look began."""
        return time.monotonic() - self._started

    def result(self) -> Understood:
        """What the folder is, once the look has ended; raises what the look raised."""
        if self._error:
            raise self._error
        return self._understood

    def take_layout(self) -> Layout | None:
        """The layout, to the first who asks; None to others, and where the catalog was kept."""
        self._done.wait()
        layout, self._layout = self._layout, None
        return layout

    def _take(self, root: Path, stamp: str) -> None:
        try:
            if classes := known_classes(root, stamp):
                self._understood = Understood(classes)
            else:
                # One look serves visitors of several languages.
                with keeping_messages():
                    self._layout = read_layout(root)
                self._understood = Understood(tuple(self._layout.class_counts), self._layout.branches)
        except Exception as error:
            self._error = error
        finally:
            self._done.set()


class _Reading:
    """One reading of a data set; a visitor who leaves does not end it."""

    def __init__(self, root: Path, stamp: str, positive_class: str | None) -> None:
        self.num_known, self.num_films, self._num_known_before = 0, 0, 0
        self._catalog: Catalog | None = None
        self._error: Exception | None = None
        self._done = threading.Event()
        self._started = time.monotonic()
        # A daemon, since the index keeps what is measured: Ctrl-C need not wait for ten thousand films.
        asked = (root, stamp, positive_class, _looks_at_folders(str(root), stamp))
        threading.Thread(target=self._read, args=asked, name="read catalog", daemon=True).start()

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
            return str(LOOKING)
        text = tr(
            "Reading the X-rays, once for all visitors: {num_known:,} of {num_films:,}",
            num_known=self.num_known,
            num_films=self.num_films,
        )
        seconds, num_left = time.monotonic() - self._started, self.num_films - self.num_known
        num_read = self.num_known - self._num_known_before
        return (
            tr("{text} · {about_seconds} left", text=text, about_seconds=about_seconds(seconds / num_read * num_left))
            if num_read
            else text
        )

    def _read(self, root: Path, stamp: str, positive_class: str | None, look: _Look) -> None:
        try:
            with keeping_messages():
                self._catalog = load_catalog(
                    root, positive_class=positive_class, progress=self._note, stamp=stamp, layout=look.take_layout()
                )
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


def known_folder(root: Path) -> Understood:
    """What ``root`` was understood to be, as its files are now, without reading an X-ray; raises what ``read_layout`` raises.

    Draws a progress bar where the look takes time.
    """
    root = root.absolute()
    asked = (str(root), _recent_stamp(root))
    look = _looks_at_folders(*asked)
    if not look.wait(_BAR_AFTER_SECONDS):
        bar = st.progress(0.0, text=tr(LOOKING))
        while not look.wait(_BAR_STEP_SECONDS):
            bar.progress(0.0, text=tr("{looking}, {seconds:.0f} s so far", looking=LOOKING, seconds=look.seconds()))
        bar.empty()
    try:
        return look.result()
    except Exception:
        _looks_at_folders.clear(*asked)
        raise


def invalidate() -> None:
    """Look through the folders anew at the next question: the caller has changed films."""
    _looks.clear()


@st.cache_resource(max_entries=4, show_spinner=False)
def _readings(root: str, stamp: str, positive_class: str | None) -> _Reading:
    return _Reading(Path(root), stamp, positive_class)


@st.cache_resource(max_entries=4, show_spinner=False)
def _looks_at_folders(root: str, stamp: str) -> _Look:
    return _Look(Path(root), stamp)


class _Stamped(NamedTuple):
    """What a look through a folder gave, how long it took, and until when (monotonic) it is believed."""

    stamp: str
    seconds: float
    good_until: float


_looks: dict[Path, _Stamped] = {}


def _recent_stamp(root: Path) -> str:
    """``folder_stamp``; a large folder, where a look costs time, is looked through the less often, and with nobody waiting."""
    look = _looks.get(root) or _first_look(root)
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


def _first_look(root: Path) -> _Stamped | None:
    """What was known of a large set when its catalog was kept, to be looked into behind; None where nothing is."""
    stamp = known_stamp(Path(root))
    if stamp is None:
        return None
    look = _looks[root] = _Stamped(stamp, _LONGEST_FIRST_LOOK_SECONDS, time.monotonic())
    return look


def _look_behind(root: Path, last: _Stamped) -> None:
    look = _look(root)
    # Whoever has called invalidate meanwhile has changed films that this look may have missed.
    if _looks.get(root) is last:
        _looks[root] = look


def _look(root: Path) -> _Stamped:
    started = time.monotonic()
    stamp = folder_stamp(root)
    seconds = time.monotonic() - started
    return _Stamped(stamp, seconds, _good_until(seconds))


def _good_until(seconds: float) -> float:
    return time.monotonic() + seconds / _SHARE_OF_LOOKING
