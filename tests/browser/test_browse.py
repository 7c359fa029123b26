"""Browse: filters in the address, pages of films, one film large with its lungs."""

import re

import pytest
from playwright.sync_api import expect

from covidlab.data.catalog import load_catalog

pytestmark = [pytest.mark.browser, pytest.mark.curated]

CARDS = ".film-card"


@pytest.fixture
def num_covid_ap(curated) -> int:
    """Number of films of class covid that are AP."""
    films = load_catalog(curated).films
    return int(((films["class"] == "covid") & (films["view_position"] == "AP")).sum())


def choose(dashboard, page, label: str, option: str) -> None:
    """Choose an option of a filter and wait for the films."""
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()
    page.keyboard.press("Escape")
    dashboard.settle(page)


def test_browse_filtered_by_class_and_view_counts_survive_reload(dashboard, page, num_covid_ap):
    dashboard.visit(page, "Browse")
    expect(page.get_by_text("50 of 50 X-rays")).to_be_visible()
    choose(dashboard, page, "Class (folder)", "covid")
    expect(page.get_by_text("25 of 50 X-rays")).to_be_visible()
    choose(dashboard, page, "View", "AP")
    expect(page.get_by_text(f"{num_covid_ap} of 50 X-rays")).to_be_visible()
    expect(page).to_have_url(re.compile(r"browse_class=covid.*browse_view=AP"))
    page.reload()
    expect(page.get_by_text(f"{num_covid_ap} of 50 X-rays")).to_be_visible()
    expect(page.locator(CARDS)).to_have_count(num_covid_ap)


def test_browse_turned_to_last_page_shows_the_rest(dashboard, page):
    dashboard.visit(page, "Browse")
    expect(page.locator(CARDS)).to_have_count(24)
    for number, num_films in ((3, 2), (1, 24), (3, 2), (1, 24), (3, 2)):
        page.get_by_role("button", name=f"Page {number}", exact=True).click()
        expect(page.locator(CARDS)).to_have_count(num_films)
    expect(page).to_have_url(re.compile("page=3"))
    page.reload()
    expect(page.locator(CARDS)).to_have_count(2)


@pytest.mark.parametrize("width", [1280, 390])
def test_browse_film_opened_shows_lungs_on_demand(dashboard, new_page, width):
    page = dashboard.visit(new_page(width=width), "Browse")
    page.locator(CARDS).first.click()
    expect(page).to_have_url(re.compile("film=covid"))
    dashboard.settle(page)
    picture = page.locator(".st-key-large_film img")
    without = picture.get_attribute("src")
    page.get_by_text("Show the lungs").click()
    expect(picture).not_to_have_attribute("src", without)
    expect(picture).to_have_attribute("alt", re.compile("lungs marked"))
    page.get_by_role("button", name="All X-rays").click()
    expect(page.locator(CARDS)).to_have_count(24)


def wait_for_state(page, condition: str) -> None:
    """Wait until a condition in JavaScript holds of what the viewer says it shows; it says so with each picture it draws."""
    page.wait_for_function(
        f"() => {{ const shown = document.querySelector('.film-viewer').dataset; return {condition}; }}"
    )


def middle(locator) -> tuple[float, float]:
    """Middle of an element in the window."""
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.fixture
def viewer(dashboard, page):
    """A film with a lung mask in the viewer; its canvas."""
    dashboard.visit(page, "Browse", film="covid/ryct.2020200034.fig5-day4.jpeg")
    expect(page.locator(".film-viewer[data-ready]")).to_be_visible()
    return page.locator(".film-stage canvas")


def test_viewer_wheel_zooms_and_drag_moves(page, viewer):
    x, y = middle(viewer)
    page.mouse.move(x, y)
    page.mouse.wheel(0, -400)
    wait_for_state(page, "Number(shown.zoom) > 200")
    page.mouse.down()
    page.mouse.move(x + 40, y, steps=3)
    page.mouse.up()
    wait_for_state(page, "Math.abs(Number(shown.x) - 40) <= 1")


@pytest.mark.parametrize(("button", "key"), [("right", None), ("left", "Shift")])
def test_viewer_drag_with_right_button_or_shift_grades(page, viewer, button, key):
    x, y = middle(viewer)
    if key:
        page.keyboard.down(key)
    page.mouse.move(x, y)
    page.mouse.down(button=button)
    page.mouse.move(x - 55, y + 28, steps=3)
    page.mouse.up(button=button)
    wait_for_state(page, "shown.window === '200' && shown.level === '100'")


def test_viewer_keys_choose_grey_values_and_reset(page, viewer):
    for key, window in zip("2340", ("150", "130", "100", "255"), strict=True):
        page.keyboard.press(key)
        wait_for_state(page, f"shown.window === '{window}'")


def test_viewer_key_i_inverts_the_picture(page, viewer):
    brightness = """canvas => canvas.getContext('2d', {willReadFrequently: true})
        .getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data[0]"""
    before = viewer.evaluate(brightness)
    page.keyboard.press("i")
    wait_for_state(page, "shown.inverted === 'true'")
    assert viewer.evaluate(brightness) == pytest.approx(255 - before, abs=2)


def test_viewer_key_m_marks_the_lungs_and_turns_the_switch(dashboard, page, viewer):
    page.keyboard.press("m")
    expect(page).to_have_url(re.compile("browse_mask=true"))
    expect(page.locator(".film-state")).to_contain_text("lungs marked")
    dashboard.settle(page)
    page.keyboard.press("m")
    expect(page).not_to_have_url(re.compile("browse_mask"))
    expect(page.locator(".film-state")).not_to_contain_text("lungs marked")


def test_viewer_next_film_starts_afresh(dashboard, page, viewer):
    page.keyboard.press("2")
    ready = page.locator(".film-viewer").get_attribute("data-ready")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".film-viewer")).not_to_have_attribute("data-ready", ready)
    wait_for_state(page, "shown.window === '255'")


@pytest.mark.parametrize(("width", "times"), [(1280, 2), (390, 1)])
def test_charts_bar_clicked_filters_and_clicked_again_lets_go(dashboard, new_page, width, times, num_covid_ap):
    page = dashboard.visit(new_page(width=width), "Browse", browse_charts="true")
    bar = page.locator("[class*='st-key-chart_browse_view_'] .point path").first

    def click() -> None:
        # Plotly's own layer lies over the bar and takes the click.
        bar.scroll_into_view_if_needed()
        page.mouse.click(*middle(bar))

    for _ in range(times):
        click()
        expect(page.get_by_text(f"{num_covid_ap} of 50 X-rays")).to_be_visible()
        expect(page).to_have_url(re.compile("browse_class=covid.*browse_view=AP"))
        dashboard.settle(page)
        click()
        expect(page.get_by_text("50 of 50 X-rays")).to_be_visible()
        dashboard.settle(page)
