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


def middle(locator) -> tuple[float, float]:
    """Middle of an element in the window."""
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def choose(empty_dashboard, page, label: str, option: str) -> None:
    """Choose an option of a filter and wait for the films."""
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()
    page.keyboard.press("Escape")
    empty_dashboard.settle(page)


def test_browse_filtered_by_class_and_view_counts_survive_reload(empty_dashboard, page, num_covid_ap):
    empty_dashboard.visit(page, "Browse")
    expect(page.get_by_text("50 of 50 X-rays").first).to_be_visible()
    choose(empty_dashboard, page, "Class (folder)", "covid")
    expect(page.get_by_text("25 of 50 X-rays").first).to_be_visible()
    expect(page.locator(".film-grid-said")).to_have_text("25 of 50 X-rays")
    choose(empty_dashboard, page, "View", "AP")
    expect(page.get_by_text(f"{num_covid_ap} of 50 X-rays").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"browse_class=covid.*browse_view=AP"))
    page.reload()
    expect(page.get_by_text(f"{num_covid_ap} of 50 X-rays").first).to_be_visible()
    expect(page.locator(CARDS)).to_have_count(num_covid_ap)


def test_browse_turned_to_last_page_shows_the_rest(empty_dashboard, page):
    empty_dashboard.visit(page, "Browse")
    expect(page.locator(CARDS)).to_have_count(24)
    for number, num_films in ((3, 2), (1, 24), (3, 2), (1, 24), (3, 2)):
        page.get_by_role("button", name=f"Page {number}", exact=True).click()
        expect(page.locator(CARDS)).to_have_count(num_films)
    expect(page).to_have_url(re.compile("page=3"))
    page.reload()
    expect(page.locator(CARDS)).to_have_count(2)


@pytest.mark.parametrize("width", [1280, 390])
def test_browse_film_opened_shows_lungs_on_demand(empty_dashboard, new_page, width):
    page = empty_dashboard.visit(new_page(width=width), "Browse")
    page.locator(CARDS).first.click()
    expect(page).to_have_url(re.compile("film=covid"))
    expect(page.locator(".into-view")).to_be_focused()
    empty_dashboard.settle(page)
    page.get_by_role("button", name="Lung mask").click()
    expect(page.locator(".xray-state")).to_contain_text("lung mask shown")
    expect(page).to_have_url(re.compile("browse_mask=true"))
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="All X-rays").click()
    expect(page.locator(CARDS)).to_have_count(24)
    expect(page.locator(CARDS).first).to_be_focused()


def test_browse_film_opened_answers_to_keys_and_the_next_starts_afresh(empty_dashboard, page):
    empty_dashboard.visit(page, "Browse", film="covid/ryct.2020200034.fig5-day4.jpeg", browse_mask="true")
    expect(page.locator(".xray-pane[data-ready]")).to_be_visible()
    state = page.locator(".xray-state")
    expect(state).to_contain_text("lung mask shown")
    page.locator(".xray-stage canvas").focus()
    page.keyboard.press("m")
    expect(page).not_to_have_url(re.compile("browse_mask"))
    page.keyboard.press("2")
    expect(state).to_have_text("Window 150 · level 85 · zoom 100 % · not inverted · lung mask hidden")
    empty_dashboard.settle(page)
    # An arrow that moves nothing in the viewer is the page's own, and the viewer keeps the focus.
    page.keyboard.press("ArrowRight")
    expect(page).not_to_have_url(re.compile("fig5-day4"))
    expect(state).to_contain_text("Window 255")
    page.keyboard.press("i")
    expect(state).to_contain_text("inverted · ")


@pytest.mark.parametrize(("width", "times"), [(1280, 2), (390, 1)])
def test_charts_bar_clicked_filters_and_clicked_again_lets_go(empty_dashboard, new_page, width, times, num_covid_ap):
    page = empty_dashboard.visit(new_page(width=width), "Browse", browse_charts="true")
    bar = page.locator("[class*='st-key-chart_browse_view_'] .point path").first

    def click() -> None:
        # Plotly's own layer lies over the bar and takes the click.
        bar.scroll_into_view_if_needed()
        page.mouse.click(*middle(bar))

    for _ in range(times):
        click()
        expect(page.get_by_text(f"{num_covid_ap} of 50 X-rays").first).to_be_visible()
        expect(page).to_have_url(re.compile("browse_class=covid.*browse_view=AP"))
        empty_dashboard.settle(page)
        click()
        expect(page.get_by_text("50 of 50 X-rays").first).to_be_visible()
        empty_dashboard.settle(page)
