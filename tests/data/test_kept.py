"""The catalog of a large set is kept whole, and not used once a file has changed."""

import os
import stat

import pytest
from pandas.testing import assert_frame_equal

from covidlab.data import catalog as catalogs
from covidlab.data import kept
from covidlab.data.catalog import load_catalog
from covidlab.data.kept import known_classes, known_stamp
from covidlab.data.stamps import folder_stamp
from covidlab.errors import DataError


@pytest.fixture(autouse=True)
def every_set_is_large(monkeypatch):
    """Keep the catalogs of small sets too."""
    monkeypatch.setattr(catalogs, "FEWEST_FILMS", 1)


@pytest.fixture
def looks(monkeypatch) -> list:
    """The folders that are understood anew from now on."""
    taken, read_layout = [], catalogs.read_layout

    def look(root):
        taken.append(root)
        return read_layout(root)

    monkeypatch.setattr(catalogs, "read_layout", look)
    return taken


def kept_files(home):
    return list((home / "catalogs").glob("*"))


def test_load_catalog_kept_one_equals_the_one_that_was_read(make_dataset, looks):
    root = make_dataset()
    (root / "notes.pdf").write_bytes(b"%PDF")
    first, again = load_catalog(root), load_catalog(root)
    assert looks == [root]
    assert_frame_equal(again.films, first.films)
    assert again.fingerprint == first.fingerprint and again.left_out == first.left_out
    assert [getattr(again, name) for name in ("classes", "problems", "layout", "num_patients")] == [
        getattr(first, name) for name in ("classes", "problems", "layout", "num_patients")
    ]


def test_load_catalog_changed_xray_is_read_anew(make_dataset, looks):
    root = make_dataset()
    before = load_catalog(root).fingerprint
    (root / "covid/film-000.png").write_bytes((root / "normal/film-000.png").read_bytes())
    assert load_catalog(root).fingerprint != before
    assert len(looks) == 2


def test_load_catalog_kept_one_asks_for_another_positive_class(make_dataset, looks):
    root = make_dataset()
    load_catalog(root)
    assert load_catalog(root, positive_class="normal").positive_class == "normal"
    with pytest.raises(DataError, match="one of covid, normal"):
        load_catalog(root, positive_class="none")
    assert len(looks) == 1


def test_load_catalog_of_other_code_is_read_anew(make_dataset, looks, monkeypatch):
    root = make_dataset()
    load_catalog(root)
    monkeypatch.setattr(kept, "_program", lambda: "a newer version")
    load_catalog(root)
    assert len(looks) == 2


@pytest.mark.parametrize("damage", [b"", b"ARROW1", b"no table at all"])
def test_load_catalog_damaged_file_is_read_anew(make_dataset, covidlab_home, damage):
    root = make_dataset()
    first = load_catalog(root)
    (place,) = kept_files(covidlab_home)
    place.write_bytes(damage)
    assert load_catalog(root).fingerprint == first.fingerprint


def test_load_catalog_kept_file_is_its_owners_alone(make_dataset, covidlab_home):
    load_catalog(make_dataset())
    assert stat.S_IMODE(os.stat(covidlab_home / "catalogs").st_mode) == 0o700


def test_load_catalog_small_set_is_not_kept(make_dataset, covidlab_home, monkeypatch):
    monkeypatch.setattr(catalogs, "FEWEST_FILMS", 13)
    load_catalog(make_dataset())
    assert kept_files(covidlab_home) == []


def test_known_stamp_and_classes_are_those_of_the_folder(make_dataset):
    root = make_dataset()
    load_catalog(root)
    assert known_stamp(root) == folder_stamp(root)
    assert known_classes(root, folder_stamp(root)) == ("covid", "normal")


def test_known_stamp_new_file_is_none(make_dataset):
    root = make_dataset()
    load_catalog(root)
    (root / "covid/new.png").write_bytes((root / "normal/film-000.png").read_bytes())
    assert known_stamp(root) is None
    assert known_classes(root, folder_stamp(root)) is None
