"""Curate in a browser: leave a film out and find that on Train; bring films of one's own and look at them."""

import io
import re
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.curated]

FIRST = ".st-key-curate_film_0"


@pytest.fixture(scope="module")
def own_dashboard(make_dashboard, curated, tmp_path_factory):
    """A dashboard whose films may get a file beside them."""
    films = tmp_path_factory.mktemp("curated films") / "fifty"
    shutil.copytree(curated, films)
    return make_dashboard(films, trains=False)


@pytest.fixture
def zipped(curated) -> bytes:
    """Two films of each class in a ZIP file; one name in Hebrew, with a quote and a space."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for kind in ("covid", "normal"):
            for number, film in enumerate(sorted((curated / kind).iterdir())[:2]):
                name = f"{kind} {film.name}" if number else f"צילום 'a' {kind}{film.suffix}"
                archive.write(film, f"mine/{kind}/{name}")
    return packed.getvalue()


def test_curate_on_a_telephone_dropped_film_is_counted_and_offered_on_train(own_dashboard, new_page):
    name = "without arrows"
    page = own_dashboard.visit(new_page(width=390), "Curate")
    page.get_by_placeholder("for example: without arrows").fill(name)
    page.get_by_role("button", name="Create").click()
    page.locator(FIRST).get_by_role("radio", name="Drop").click()
    expect(page.get_by_text("1 dropped, 0 relabelled.")).to_be_visible()
    own_dashboard.settle(page)
    page.locator(FIRST).get_by_role("combobox").fill("Cut off at the top")
    page.keyboard.press("Enter")
    expect(page.get_by_text("49 of 50 X-rays are left")).to_be_visible()
    own_dashboard.settle(page)
    page.reload()
    expect(page.locator(FIRST).get_by_role("combobox")).to_have_value("Cut off at the top")
    own_dashboard.visit(page, "Train", train_selection=name)
    expect(page.get_by_test_id("stMain").get_by_text(f"Selection {name}: 49 of 50 X-rays.")).to_be_visible()


def grey_png(seed: int) -> bytes:
    """A picture of its own: coarse noise, 130 x 120."""
    data = io.BytesIO()
    coarse = np.random.default_rng(seed).integers(0, 256, (8, 8)).astype(np.uint8)
    Image.fromarray(coarse).resize((130, 120), Image.Resampling.BICUBIC).save(data, "PNG")
    return data.getvalue()


@pytest.fixture
def radiography(tmp_path) -> Path:
    """A folder of the shape of the COVID-19 Radiography Database: images and masks below each class."""
    for label, (kind, number) in enumerate((("COVID", 4), ("Normal", 3), ("Viral Pneumonia", 3))):
        for place, seed in (("images", 0), ("masks", 1000)):
            folder = tmp_path / "COVID-19_Radiography_Dataset" / kind / place
            folder.mkdir(parents=True)
            for film in range(number):
                (folder / f"{kind}-{film + 1}.png").write_bytes(grey_png(seed + 100 * label + film))
    return tmp_path


@pytest.fixture
def mac_zip() -> bytes:
    """What a Mac packs: a resource fork for each file, .DS_Store, names in UTF-8 without the flag that says so."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("Röntgen/.DS_Store", b"Bud1")
        for label, kind in enumerate(("covid", "gesund für Test")):
            for number in range(2):
                name = f"Röntgen/{kind}/Aufnahme {number}.png"
                archive.writestr(name, grey_png(500 + 10 * label + number))
                archive.writestr(f"__MACOSX/Röntgen/{kind}/._Aufnahme {number}.png", b"\x00\x05\x16\x07")
    # Bit 11 of the flags, in each header of a file and of the directory.
    data = bytearray(packed.getvalue())
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for found in re.finditer(re.escape(signature), bytes(data)):
            data[found.start() + place + 1] &= ~0x08
    return bytes(data)


def test_curate_understands_radiography_and_a_zip_of_a_mac(own_dashboard, new_page, radiography, mac_zip):
    page = own_dashboard.visit(new_page(width=390), "Curate", curate_tab="Add X-rays")
    page.get_by_placeholder("for example: my X-rays").fill("radiography")
    page.keyboard.press("Tab")
    page.get_by_label("Or a folder on this machine").fill(str(radiography))
    page.keyboard.press("Tab")
    look_through = page.get_by_role("button", name="Look through")
    expect(look_through).to_be_enabled()
    look_through.press("Enter")
    expect(page.get_by_text("10 X-rays: 4 COVID, 3 Normal, 3 Viral Pneumonia.")).to_be_visible()
    expect(page.locator(".branches").get_by_text("masks, left out")).to_have_count(3)
    expect(page.locator(".class-samples img")).to_have_count(10)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    own_dashboard.settle(page)
    page.get_by_role("button", name="Cancel").press("Enter")
    page.locator("input[type=file]").set_input_files(
        {"name": "Archiv.zip", "mimeType": "application/zip", "buffer": mac_zip}
    )
    look_through.click()
    expect(page.get_by_text("4 X-rays: 2 COVID-19 (folder covid), 2 gesund für Test.")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Add 4 X-rays to")).click()
    expect(page.get_by_text("4 X-rays added to")).to_be_visible()


def test_add_films_from_a_dropped_zip_become_a_set_to_browse(own_dashboard, page, zipped):
    own_dashboard.visit(page, "Curate", curate_tab="Add X-rays")
    page.get_by_placeholder("for example: my X-rays").fill("צילומים שלי")
    page.keyboard.press("Tab")
    page.locator("input[type=file]").set_input_files(
        {"name": "films.zip", "mimeType": "application/zip", "buffer": zipped}
    )
    page.get_by_role("button", name="Look through").click()
    expect(page.get_by_text("4 X-rays: 2 COVID-19 (folder covid), 2 non-COVID (folder normal).")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Add 4 X-rays to")).click()
    expect(page.get_by_text("4 X-rays added to")).to_be_visible()
    own_dashboard.visit(page, "Browse", data_set="צילומים שלי")
    expect(page.get_by_text("4 of 4 X-rays")).to_be_visible()
    expect(page.locator(".film-card img")).to_have_count(4)
