"""Predict: an upload is judged, read, refused with a reason, and leaves nothing behind."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.curated]

UPLOAD = "input[type=file]"
ANSWER = re.compile("this X-ray resembles the .* X-rays it learned from|No clear answer|No number is shown")


@pytest.fixture
def own_film(curated, tmp_path) -> Path:
    """A real film in a file of its own content and name, so that every trace of it can be told from the set."""
    film = min((curated / "normal").iterdir())
    with Image.open(film) as picture:
        picture.convert("L").save(tmp_path / "mustermann-erika.png")
    return tmp_path / "mustermann-erika.png"


@pytest.fixture
def predict(dashboard, first_run, page):
    """The page Predict with the model of the first run."""
    return dashboard.visit(page, "Predict")


def files_of(home: Path) -> dict[Path, tuple[int, int]]:
    """Size and time of every file below a home, the log of the server and small pictures of the set apart."""
    files = [path for path in home.rglob("*") if path.is_file() and path.suffix != ".log"]
    # The log of acts says that somebody read an X-ray.
    files = [path for path in files if path.parent.name != "thumbnails" and path.name != "acts.jsonl"]
    return {path: (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


def test_upload_is_judged_before_its_number_and_its_parts_open_by_keyboard(predict, own_film):
    predict.set_input_files(UPLOAD, own_film)
    expect(predict.get_by_text(ANSWER)).to_be_visible()
    said = predict.get_by_test_id("stMain").inner_text()
    order = [
        "looks nearly the same",
        "What this X-ray is",
        "May it be read?",
        "What it is like",
        ANSWER.search(said)[0],
    ]
    assert sorted(order, key=said.index) == order
    expect(predict.get_by_role("img", name="The X-ray that was read")).to_be_visible()
    predict.locator("summary", has_text="Where it lies among the X-rays of the set").press("Enter")
    expect(predict.get_by_text("On the map this X-ray lies")).to_be_visible()


def test_renamed_text_file_is_refused_and_next_film_is_read(predict, tmp_path, own_film):
    (tmp_path / "letter.jpg").write_text("Dear colleague, this is no X-ray.")
    predict.set_input_files(UPLOAD, tmp_path / "letter.jpg")
    expect(predict.get_by_role("alert").filter(has_text="no image format")).to_be_visible()
    predict.set_input_files(UPLOAD, own_film)
    expect(predict.get_by_text(ANSWER).first).to_be_visible()
    expect(predict.get_by_text("2 X-rays, 1 refused")).to_be_visible()


def test_upload_leaves_nothing_on_the_disk(dashboard, predict, own_film):
    before = files_of(dashboard.home)
    predict.set_input_files(UPLOAD, own_film)
    expect(predict.get_by_text(ANSWER).first).to_be_visible()
    assert files_of(dashboard.home) == before
    for log in ("server.log", "acts.jsonl"):
        assert "mustermann" not in (dashboard.home / log).read_text()
    predict.get_by_role("button", name="Clear").click()
    expect(predict.get_by_text("mustermann")).to_have_count(0)
    assert files_of(dashboard.home) == before
