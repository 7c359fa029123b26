"""Pages that show a run: on a telephone and on a desk, in light and dark."""

import pytest
from playwright.sync_api import expect

from tests.browser.looking import look_over

pytestmark = [pytest.mark.browser, pytest.mark.curated]


@pytest.mark.parametrize(
    ("name", "text"), [("Train", "What it learned"), ("Runs", "What it learned"), ("Predict", "Clear")]
)
def test_page_with_run_is_whole(dashboard, first_run, new_page, name, text):
    sample = {"film": first_run.run.predictions()["file"][0]} if name == "Predict" else {}
    page = dashboard.visit(new_page(width=390, theme="dark"), name, run=first_run.run.id, **sample)
    expect(page.get_by_test_id("stMain").get_by_text(text, exact=True).first).to_be_visible()
    dashboard.settle(page)
    look_over(page, heading=name, themes=("dark", "light"))
    page.set_viewport_size({"width": 1280, "height": 900})
    look_over(page, heading=name, themes=("light", "dark"))
