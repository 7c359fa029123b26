"""Contrast in both themes where runs are shown, and what can be done there with the keyboard alone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.contrast import contrasts

pytestmark = [pytest.mark.browser, pytest.mark.curated]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_selected_segment_reaches_the_contrast_of_text(dashboard, first_run, second_run, new_page, theme):
    page = dashboard.visit(new_page(theme=theme), "Runs", run=[first_run.run.id, second_run.id])
    assert min(contrasts(page, ".st-key-runs_source button p")) >= 4.5


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


@pytest.mark.parametrize("key", ["Space", "Enter"])
def test_row_of_the_runs_table_opens_by_keyboard(dashboard, first_run, second_run, page, key):
    dashboard.visit(page, "Runs")
    inside = "() => document.activeElement.matches('canvas, td') && document.activeElement.closest('[data-testid=stDataFrame]')"
    next(tabs for tabs in range(1, 60) if page.keyboard.press("Tab") or page.evaluate(f"() => Boolean(({inside})())"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press(key)
    expect(page).to_have_url(re.compile("run="))
    expect(page.get_by_text("What it learned")).to_be_visible()
