"""Two visitors who read X-rays at once: neither sees the other's, and nothing of the files but their X-rays goes anywhere."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.curated]

UPLOAD = "input[type=file]"
ROWS = "[class*='st-key-predict_row_']"
NUM_FILES = 5
VISITORS = ("Mustermann", "Jedermann")
CANARIES = [f"{visitor}Canary{number}Zx" for visitor in VISITORS for number in range(NUM_FILES)]
CANARIES_WITHIN = [f"WithinCanary{number}Zx" for number in range(4)]


def marked_jpeg(film: Path, *, num_bytes: int = 0) -> bytes:
    """An X-ray with canaries in EXIF, a comment, XMP and behind its end, which is filled up to so many bytes."""
    exif, file = Image.Exif(), io.BytesIO()
    exif[0x010E] = CANARIES_WITHIN[0]
    with Image.open(film) as picture:
        xmp = f"<x:xmpmeta>{CANARIES_WITHIN[1]}</x:xmpmeta>".encode()
        picture.convert("L").save(file, "JPEG", exif=exif, comment=CANARIES_WITHIN[2].encode(), xmp=xmp)
    return file.getvalue() + CANARIES_WITHIN[3].encode() + bytes(max(0, num_bytes - file.tell()))


@pytest.fixture
def files(curated) -> dict[str, list[dict]]:
    """What each visitor brings: X-rays that nobody else has, the first in a file of 5 MB."""
    films = iter(sorted((curated / "covid").iterdir()))
    sizes = [5_000_000] + [0] * (NUM_FILES - 1)
    return {
        visitor: [
            {
                "name": f"{visitor}Canary{number}Zx.jpg",
                "mimeType": "image/jpeg",
                "buffer": marked_jpeg(next(films), num_bytes=size),
            }
            for number, size in enumerate(sizes)
        ]
        for visitor in VISITORS
    }


@pytest.fixture
def received() -> dict[str, list[bytes]]:
    """What the server sent over the socket of each visitor's page."""
    return {visitor: [] for visitor in VISITORS}


@pytest.fixture
def pages(dashboard, page, chromium, received) -> Iterator[dict[str, Page]]:
    """The page Predict of each visitor."""
    stranger = chromium.new_context()
    pages = dict(zip(VISITORS, (page, stranger.new_page()), strict=True))
    for visitor, each in pages.items():
        keep = received[visitor].append
        each.on("websocket", lambda socket, keep=keep: socket.on("framereceived", lambda frame: keep(as_bytes(frame))))
        dashboard.visit(each, "Predict")
    yield pages
    stranger.close()


def as_bytes(frame: bytes | str) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame


def pictures_of(page: Page) -> set[str]:
    """Addresses of the X-rays in the list of a visit."""
    return {image.get_attribute("src") for image in page.locator(f"{ROWS} img").all()}


def names_in(page: Page) -> list[str]:
    """The canaries that a page shows."""
    return [name for name in CANARIES if name in page.content()]


def test_two_visitors_see_their_own_x_rays_and_no_data_of_the_files_stay(dashboard, pages, files, received, words_in):
    for visitor, page in pages.items():
        page.set_input_files(UPLOAD, files[visitor])
    for page in pages.values():
        expect(page.get_by_text(f"{NUM_FILES} X-rays", exact=True)).to_be_visible()
        expect(page.locator(f"{ROWS} img")).to_have_count(NUM_FILES - 1)
        dashboard.settle(page)
    first, second = pages.values()
    assert names_in(first) == CANARIES[:NUM_FILES]
    assert names_in(second) == CANARIES[NUM_FILES:]
    assert not pictures_of(first) & pictures_of(second)
    assert words_in(dashboard.home, CANARIES + CANARIES_WITHIN) == []

    shown = pictures_of(first)
    first.get_by_role("button", name="Clear").click()
    expect(first.locator(ROWS)).to_have_count(0)
    dashboard.settle(first)
    assert names_in(first) == []
    assert names_in(second) == CANARIES[NUM_FILES:]
    # Nobody gets a cleared X-ray by its address; the other visitor's are still there.
    assert {second.request.get(address).status for address in shown} == {404}
    assert {second.request.get(address).status for address in pictures_of(second)} == {200}
    sent = [words_in(b"\n".join(received[visitor]), CANARIES + CANARIES_WITHIN) for visitor in VISITORS]
    assert sent == [CANARIES[:NUM_FILES], CANARIES[NUM_FILES:]]
