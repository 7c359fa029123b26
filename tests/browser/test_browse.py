"""Browse: filters in the address, pages of films, one film large with its lungs."""

import re

import pytest
from playwright.sync_api import expect

from covidlab.data.catalog import load_catalog

pytestmark = [pytest.mark.browser, pytest.mark.curated]

CARDS = "[class*='st-key-film_card_all_']"


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
    expect(page.get_by_text("50 of 50 films")).to_be_visible()
    choose(dashboard, page, "Class (folder)", "covid")
    expect(page.get_by_text("25 of 50 films")).to_be_visible()
    choose(dashboard, page, "View", "AP")
    expect(page.get_by_text(f"{num_covid_ap} of 50 films")).to_be_visible()
    expect(page).to_have_url(re.compile(r"browse_class=covid.*browse_view=AP"))
    page.reload()
    expect(page.get_by_text(f"{num_covid_ap} of 50 films")).to_be_visible()
    expect(page.locator(CARDS)).to_have_count(num_covid_ap)


def test_browse_turned_to_last_page_shows_the_rest(dashboard, page):
    dashboard.visit(page, "Browse")
    expect(page.locator(CARDS)).to_have_count(24)
    page.get_by_role("button", name=re.compile(r"(^|\D)3$")).click()
    expect(page.locator(CARDS)).to_have_count(2)
    expect(page).to_have_url(re.compile("page=3"))
    page.reload()
    expect(page.locator(CARDS)).to_have_count(2)


@pytest.mark.parametrize("width", [1280, 390])
def test_browse_film_opened_shows_lungs_on_demand(dashboard, new_page, width):
    page = dashboard.visit(new_page(width=width), "Browse")
    page.locator(CARDS).first.click()
    expect(page).to_have_url(re.compile("film=covid"))
    picture = page.locator(".st-key-large_film img")
    without = picture.get_attribute("src")
    page.get_by_text("Show the lungs").click()
    expect(picture).not_to_have_attribute("src", without)
    expect(picture).to_have_attribute("alt", re.compile("lungs marked"))
    page.get_by_role("button", name="All films").click()
    expect(page.locator(CARDS)).to_have_count(24)
