"""Small pictures for the column of a table: of what the set has and can be read, and of the first rows only."""

import pytest

from covidlab.data.catalog import load_catalog
from covidlab.ui.shared.cached import table_pictures


@pytest.fixture
def catalog(make_dataset):
    """Four films of two classes."""
    return load_catalog(make_dataset({"covid": 2, "normal": 2}))


def test_table_pictures_stand_in_the_order_of_the_files(catalog):
    files = catalog.films["file"].tolist()
    pictures = table_pictures(catalog, files)
    assert all(picture.startswith("data:image/jpeg;base64,") for picture in pictures)
    assert table_pictures(catalog, files[::-1]) == pictures[::-1]


def test_table_pictures_lack_what_the_set_lacks_and_what_cannot_be_read(catalog):
    first, second = catalog.films["file"].tolist()[:2]
    catalog.film_path(second).write_bytes(b"no picture")
    found = table_pictures(catalog, ["covid/gone.png", first, second])
    assert [picture is None for picture in found] == [True, False, True]
    assert table_pictures(None, [first]) == [None]


def test_table_pictures_of_a_long_table_are_those_of_its_first_rows(catalog):
    found = table_pictures(catalog, catalog.films["file"].tolist(), most=3)
    assert [picture is None for picture in found] == [False, False, False, True]
