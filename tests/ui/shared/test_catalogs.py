"""The catalog is read once for all visitors, anew where a file changed, with a bar where it takes time."""

import threading
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.errors import DataError
from covidlab.ui.shared import catalogs
from covidlab.ui.shared.catalogs import invalidate, read_catalog


@pytest.fixture(autouse=True)
def forgotten():
    """Begin as a server that has just started."""
    catalogs._readings.clear()
    invalidate()


def read(root):
    return read_catalog(root, positive_class=None)


def test_read_catalog_gives_every_visitor_the_same_object(make_dataset):
    root = make_dataset()
    assert read(root) is read(root)


def test_read_catalog_new_film_is_seen(make_dataset):
    root = make_dataset()
    before = read(root)
    (root / "covid/new.png").write_bytes((root / "normal/film-000.png").read_bytes())
    invalidate()
    assert read(root).num_films == before.num_films + 1


def test_read_catalog_errors_are_not_kept(make_dataset, monkeypatch):
    root = make_dataset()
    with monkeypatch.context() as patch:
        patch.setattr(catalogs, "load_catalog", lambda *_, **__: (_ for _ in ()).throw(DataError("A disk is gone.")))
        with pytest.raises(DataError, match="A disk is gone"):
            read(root)
    assert read(root).num_films == 12


class LargeFolder:
    """A folder that takes 0.1 s to look through, a clock that moves when told, and looks that wait to be taken."""

    def __init__(self, monkeypatch):
        self.now, self.looks, self.waiting = 0.0, 0, []
        monkeypatch.setattr(catalogs, "folder_stamp", self._look)
        monkeypatch.setattr(catalogs.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(catalogs.threading, "Timer", self._timer)

    def stamp(self) -> str:
        return catalogs._recent_stamp("large")

    def take_looks(self):
        for look in self.waiting:
            look()
        self.waiting.clear()

    def _look(self, folder):
        self.looks += 1
        self.now += 0.1
        return f"stamp {self.looks}"

    def _timer(self, seconds, function, args):
        return SimpleNamespace(start=lambda: self.waiting.append(lambda: function(*args)))


def test_recent_stamp_of_a_large_folder_is_taken_anew_with_nobody_waiting(monkeypatch):
    folder = LargeFolder(monkeypatch)
    assert folder.stamp() == "stamp 1"
    folder.now += 2.1
    assert (folder.stamp(), folder.looks) == ("stamp 1", 1)
    folder.take_looks()
    assert folder.stamp() == "stamp 2"


def test_recent_stamp_of_a_large_folder_costs_at_most_a_twentieth_of_the_time(monkeypatch):
    folder = LargeFolder(monkeypatch)
    for _ in range(100):
        folder.stamp()
        folder.take_looks()
        folder.now += 0.1
    assert 3 <= folder.looks <= 0.05 * folder.now / 0.1


def test_recent_stamp_after_look_again_is_not_that_of_a_look_begun_before(monkeypatch):
    folder = LargeFolder(monkeypatch)
    folder.stamp()
    folder.now += 2.1
    folder.stamp()
    invalidate()
    assert folder.stamp() == "stamp 2"
    folder.take_looks()
    assert folder.stamp() == "stamp 2"


def page(folder: str):
    """A page that shows the catalog of a folder."""
    from pathlib import Path

    import streamlit as st

    from covidlab.ui.shared.catalogs import read_catalog

    st.write(f"{read_catalog(Path(folder), positive_class=None).num_films} X-rays")


def test_read_catalog_slow_reading_shows_how_far_it_is_and_survives_the_visitor(make_dataset, monkeypatch):
    root, go_on, readings = make_dataset(), threading.Event(), []
    load_catalog = catalogs.load_catalog

    def slowly(root, *, progress, **options):
        readings.append(root)
        progress(3, 12)
        progress(6, 12)
        assert go_on.wait(30)
        return load_catalog(root, **options)

    monkeypatch.setattr(catalogs, "load_catalog", slowly)
    bars, progress = [], catalogs.st.progress

    def drawn(value, *, text):
        bars.append(text)
        if len(bars) == 1:
            # The first visitor leaves here.
            catalogs.st.stop()
        go_on.set()
        return progress(value, text=text)

    monkeypatch.setattr(catalogs.st, "progress", drawn)
    first = AppTest.from_function(page, args=(str(root),), default_timeout=30).run()
    assert [text.value for text in first.markdown] == []
    second = AppTest.from_function(page, args=(str(root),), default_timeout=30).run()
    assert [text.value for text in second.markdown] == ["12 X-rays"]
    assert all("6 of 12" in bar and "left" in bar for bar in bars)
    assert readings == [root]
