"""Predict: an upload is read, explained, refused with a reason, and leaves nothing behind."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.curated]

UPLOAD = "input[type=file]"
RESEMBLES = re.compile("this X-ray resembles the .* X-rays it learned from")


@pytest.fixture
def own_film(curated, tmp_path) -> Path:
    """A real film in a file of its own content and name, so that every trace of it can be told from the set."""
    film = next((curated / "covid").iterdir())
    with Image.open(film) as picture:
        picture.convert("L").save(tmp_path / "mustermann-erika.png")
    return tmp_path / "mustermann-erika.png"


@pytest.fixture
def predict(dashboard, first_run, page):
    """The page Predict with the model of the first run."""
    return dashboard.visit(page, "Predict")


def files_of(home: Path) -> dict[Path, tuple[int, int]]:
    """Size and time of every file below a home, the log of the server apart."""
    files = [path for path in home.rglob("*") if path.is_file() and path.suffix != ".log"]
    return {path: (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


def test_upload_is_read_and_its_heat_map_fades(dashboard, predict, own_film):
    predict.set_input_files(UPLOAD, own_film)
    expect(predict.get_by_text(RESEMBLES)).to_be_visible()
    picture = predict.locator("[class*='st-key-predict_picture_'] img")
    before = picture.get_attribute("src")
    predict.locator("[class*='st-key-opacity_'] input").press("Home")
    expect(predict.locator("[class*='st-key-opacity_']")).to_contain_text("0.00")
    expect(picture).not_to_have_attribute("src", before)


def test_renamed_text_file_is_refused_and_next_film_is_read(predict, tmp_path, own_film):
    (tmp_path / "letter.jpg").write_text("Dear colleague, this is no X-ray.")
    predict.set_input_files(UPLOAD, tmp_path / "letter.jpg")
    expect(predict.get_by_role("alert").filter(has_text="no image format")).to_be_visible()
    predict.set_input_files(UPLOAD, own_film)
    expect(predict.get_by_text(RESEMBLES)).to_be_visible()
    expect(predict.get_by_text("2 X-rays, 1 refused")).to_be_visible()


def test_upload_leaves_nothing_on_the_disk(dashboard, predict, own_film):
    before = files_of(dashboard.home)
    predict.set_input_files(UPLOAD, own_film)
    expect(predict.get_by_text(RESEMBLES)).to_be_visible()
    assert files_of(dashboard.home) == before
    assert "mustermann" not in (dashboard.home / "server.log").read_text()
    predict.get_by_role("button", name="Clear").click()
    expect(predict.get_by_text("mustermann")).to_have_count(0)
    assert files_of(dashboard.home) == before
