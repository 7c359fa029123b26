"""Contrast in both themes, where the keyboard is, and what can be done with it alone."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.curated]

# Colours are drawn over each other from the page to the element, as the eye sees them (WCAG 2.2, relative luminance).
CONTRAST = """element => {
    const parse = text => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return [r, g, b, a]; };
    const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
    const layers = [];
    element.scrollIntoView({ block: 'center' });
    const box = element.getBoundingClientRect(), x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
    for (let e = element; e; e = e.parentElement) {
        const { left, right, top, bottom } = e.getBoundingClientRect();
        // The number of a slider stands above the knob it belongs to.
        if (x >= left && x <= right && y >= top && y <= bottom) layers.unshift(parse(getComputedStyle(e).backgroundColor));
    }
    const ground = layers.reduce((below, top) => over(top, below), [255, 255, 255, 1]);
    const text = over(parse(getComputedStyle(element).color), ground);
    const linear = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const light = c => 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
    const [low, high] = [light(text), light(ground)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
}"""


def contrasts(page: Page, selector: str) -> list[float]:
    """Contrast of every element that is seen."""
    found = page.locator(selector).filter(visible=True)
    expect(found.first).to_be_visible()
    return [element.evaluate(CONTRAST) for element in found.all()]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_slider_values_reach_the_contrast_of_text(dashboard, new_page, theme):
    page = dashboard.visit(new_page(theme=theme), "Train")
    assert min(contrasts(page, "[data-testid=stSliderThumbValue] p")) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_selected_segment_reaches_the_contrast_of_text(dashboard, first_run, second_run, new_page, theme):
    page = dashboard.visit(new_page(theme=theme), "Runs", run=[first_run.run.id, second_run.id])
    assert min(contrasts(page, ".st-key-runs_source button p")) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_selected_tab_reaches_the_contrast_of_text(dashboard, new_page, theme):
    page = dashboard.visit(new_page(theme=theme), "Curate")
    assert min(contrasts(page, "[role=tab][aria-selected=true] p")) >= 4.5


def test_empty_cells_of_the_confusion_matrix_are_faint_in_the_dark(dashboard, first_run, new_page):
    page = dashboard.visit(new_page(theme="dark"), "Runs", run=first_run.run.id)
    empty = "cell => { cell.style.setProperty('--share', 0); return getComputedStyle(cell).backgroundColor; }"
    background = page.locator(".confusion-cell").first.evaluate(empty)
    assert 0 < float(re.search(r"[/,] ([\d.]+)\)$", background)[1]) <= 0.3


def test_toolbar_of_a_table_covers_nothing_above_it(dashboard, first_run, page):
    dashboard.visit(page, "Runs", run=first_run.run.id)
    table = page.get_by_test_id("stDataFrame").first
    table.hover()
    toolbar = table.get_by_test_id("stElementToolbar").bounding_box()
    assert toolbar["y"] >= table.bounding_box()["y"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_focus_in_the_sidebar_is_a_ring_and_not_the_colour_of_the_current_page(dashboard, new_page, theme):
    page = dashboard.visit(new_page(theme=theme))
    links = page.get_by_test_id("stSidebar").get_by_test_id("stPageLink-NavLink")
    current = links.nth(0).evaluate("link => getComputedStyle(link).backgroundColor")
    links.nth(1).focus()
    page.keyboard.press("Tab")
    focused = links.nth(2)
    expect(focused).to_be_focused()
    expect(focused).to_have_css("outline-style", "solid")
    expect(focused).not_to_have_css("background-color", current)


@pytest.mark.parametrize("key", ["Space", "Enter"])
def test_row_of_the_runs_table_opens_by_keyboard(dashboard, first_run, second_run, page, key):
    dashboard.visit(page, "Runs")
    inside = "() => document.activeElement.matches('canvas, td') && document.activeElement.closest('[data-testid=stDataFrame]')"
    next(tabs for tabs in range(1, 60) if page.keyboard.press("Tab") or page.evaluate(f"() => Boolean(({inside})())"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press(key)
    expect(page).to_have_url(re.compile("run="))
    expect(page.get_by_text("What it learned")).to_be_visible()
