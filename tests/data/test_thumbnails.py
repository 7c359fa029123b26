"""Small pictures are made once; the lungs of a large film come apart from it."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from covidlab.data import thumbnails as thumbnails_module
from covidlab.data.catalog import load_catalog
from covidlab.data.thumbnails import large_film, lungs_png, thumbnail
from covidlab.errors import DataError, UnreadableImage

FILM = "covid/film-000.png"


@pytest.fixture
def catalog(make_dataset):
    """Two films a class, 1,600 x 800, the first one with a mask of its middle."""
    root = make_dataset({"covid": 2, "normal": 2}, size=(1600, 800))
    mask = np.zeros((800, 1600), np.uint8)
    mask[200:600, 400:1200] = 255
    (root / "masks").mkdir()
    Image.fromarray(mask).save(root / "masks/a.png")
    (root / "metadata.csv").write_text(f"file,patient_id,mask\n{FILM},1,masks/a.png\n")
    return load_catalog(root)


def test_thumbnail_is_a_jpeg_of_the_asked_side(catalog):
    picture = Image.open(io.BytesIO(thumbnail(catalog, FILM, side=200)))
    assert (picture.format, picture.size, picture.getexif()) == ("JPEG", (200, 100), {})


def test_thumbnail_small_film_is_not_enlarged(make_dataset):
    catalog = load_catalog(make_dataset())
    assert Image.open(io.BytesIO(thumbnail(catalog, FILM))).size == (96, 80)


def test_thumbnail_is_made_once(catalog, covidlab_home, monkeypatch):
    first = thumbnail(catalog, FILM)
    assert [path.name for path in (covidlab_home / "thumbnails").iterdir()] == [
        f"{catalog.row(FILM)['sha256']}-256.jpg"
    ]
    monkeypatch.setattr(thumbnails_module, "decode_file", lambda _: pytest.fail("made again"))
    assert thumbnail(catalog, FILM) == first


def test_thumbnail_damaged_on_disk_is_made_anew(catalog, covidlab_home):
    first = thumbnail(catalog, FILM)
    (kept,) = (covidlab_home / "thumbnails").iterdir()
    kept.write_bytes(first[:-20])
    assert thumbnail(catalog, FILM) == first
    assert kept.read_bytes() == first


def test_thumbnail_home_that_cannot_be_written_is_no_obstacle(catalog, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("COVIDLAB_HOME", str(tmp_path / "file" / "home"))
    assert thumbnail(catalog, FILM).startswith(b"\xff\xd8")


@pytest.mark.parametrize("file", ["covid/none.png", "../secret.png"])
def test_thumbnail_of_a_film_that_is_not_there_is_refused(catalog, file):
    with pytest.raises(DataError, match="has no such X-ray"):
        thumbnail(catalog, file)


def test_thumbnail_of_a_damaged_film_names_it(catalog):
    path = catalog.film_path(FILM)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UnreadableImage, match=r"film-000\.png cannot be read"):
        thumbnail(catalog, FILM)


def test_large_film_is_grey(catalog):
    film = large_film(catalog, FILM)
    assert (film.shape, film.dtype) == ((512, 1024, 3), np.uint8)
    assert np.all(film == film[..., :1])


def test_lungs_png_is_clear_outside_tinted_inside_and_outlined(catalog):
    lungs = cv2.imdecode(np.frombuffer(lungs_png(catalog, FILM, (1024, 512)), np.uint8), cv2.IMREAD_UNCHANGED)
    assert lungs.shape == (512, 1024, 4)
    assert not lungs[:120, :, 3].any() and not lungs[:, :250, 3].any()
    assert lungs[200:300, 400:600, 3].max() < 255
    assert lungs[128, 512].tolist() == [0, 159, 230, 255]


def test_lungs_png_where_they_are_not_known_is_none(catalog):
    assert lungs_png(catalog, "normal/film-000.png", (10, 10)) is None
