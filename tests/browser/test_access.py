"""Contrast in both themes, and where the keyboard is."""

import pytest
from playwright.sync_api import expect

from tests.browser.contrast import contrasts

pytestmark = [pytest.mark.browser, pytest.mark.curated]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_slider_values_reach_the_contrast_of_text(empty_dashboard, new_page, theme):
    page = empty_dashboard.visit(new_page(theme=theme), "Train")
    assert min(contrasts(page, "[data-testid=stSliderThumbValue] p")) >= 4.5
    # Where the system sets the colours, backgrounds are gone: what is moved has an outline.
    page.emulate_media(forced_colors="active")
    thumb = page.locator(".stSlider [data-rac]:has(> div > input)").first
    expect(thumb).to_have_css("outline-style", "solid")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_selected_tab_reaches_the_contrast_of_text(empty_dashboard, new_page, theme):
    page = empty_dashboard.visit(new_page(theme=theme), "Curate")
    assert min(contrasts(page, "[role=tab][aria-selected=true] p")) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_focus_in_the_sidebar_is_a_ring_and_not_the_colour_of_the_current_page(empty_dashboard, new_page, theme):
    page = empty_dashboard.visit(new_page(theme=theme))
    links = page.get_by_test_id("stSidebar").get_by_test_id("stPageLink-NavLink")
    current = links.nth(0).evaluate("link => getComputedStyle(link).backgroundColor")
    links.nth(1).focus()
    page.keyboard.press("Tab")
    focused = links.nth(2)
    expect(focused).to_be_focused()
    expect(focused).to_have_css("outline-style", "solid")
    expect(focused).not_to_have_css("background-color", current)
