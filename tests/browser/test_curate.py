"""Curate in a browser: leave a film out and find that on Train; bring films of one's own and look at them."""

import io
import re
import shutil
import zipfile

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.curated]

FIRST = ".st-key-curate_film_0"


@pytest.fixture(scope="module")
def own_dashboard(make_dashboard, curated, tmp_path_factory):
    """A dashboard whose films may get a file beside them."""
    films = tmp_path_factory.mktemp("curated films") / "fifty"
    shutil.copytree(curated, films)
    return make_dashboard(films)


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


def test_add_films_from_a_dropped_zip_become_a_set_to_browse(own_dashboard, page, zipped):
    own_dashboard.visit(page, "Curate", curate_tab="Add X-rays")
    page.get_by_placeholder("for example: my X-rays").fill("צילומים שלי")
    page.keyboard.press("Tab")
    page.locator("input[type=file]").set_input_files(
        {"name": "films.zip", "mimeType": "application/zip", "buffer": zipped}
    )
    page.get_by_role("button", name="Look through").click()
    expect(page.get_by_text("4 X-rays can be added.")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Add 4 X-rays to")).click()
    expect(page.get_by_text("4 X-rays added to")).to_be_visible()
    own_dashboard.visit(page, "Browse", data_set="צילומים שלי")
    expect(page.get_by_text("4 of 4 X-rays")).to_be_visible()
    expect(page.locator(".film-card img")).to_have_count(4)
