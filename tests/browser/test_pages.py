"""Every page: its own address as the first visit, on a desk and on a telephone, in light and dark."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import CONTRAST, serious_problems

pytestmark = [pytest.mark.browser, pytest.mark.curated]

HEADINGS = {
    "": "What can fifty chest X-rays teach a neural network?",
    **{name: name for name in ("Browse", "Train", "Runs", "Predict", "About", "Curate", "Lesson")},
    "Present": "These are the X-rays",
    "Audit": "What did it really learn?",
}
WIDTHS = (1280, 390)

# Streamlit scrolls inside its main part, so the document alone would never be seen to be too wide.
TOO_WIDE = """() => [document.documentElement, document.querySelector('[data-testid="stMain"]')]
    .filter(part => part.scrollWidth > part.clientWidth).map(part => part.scrollWidth)"""
BRIGHTNESS = """() => getComputedStyle(document.querySelector('[data-testid="stApp"]')).backgroundColor
    .match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part) / 3, 0)"""


@pytest.fixture(scope="module")
def empty_dashboard(make_dashboard):
    """A dashboard on which nobody has trained."""
    return make_dashboard(trains=False)


def look_over(page: Page, *, heading: str, themes: tuple[str, str]) -> None:
    """Check what holds for every page, in the theme that it began with and, after a change of the system's, in the other."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.get_by_text("Not for diagnosis").first).to_be_in_viewport()
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        page.wait_for_function(f"() => ({BRIGHTNESS})() {'> 200' if theme == 'light' else '< 60'}")
        # Once the layout has followed a change of the width.
        page.wait_for_function(f"() => ({TOO_WIDE})().length === 0")
        # Colours are all that another theme changes.
        assert serious_problems(page, rules=None if theme == themes[0] else [CONTRAST]) == []
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_every_page_is_looked_over():
    pages = Path(__file__).resolve().parents[2] / "pages"
    assert {page.stem.split("_", 1)[1] for page in pages.glob("*.py")} == set(HEADINGS) - {""}


@pytest.mark.parametrize("name", HEADINGS)
def test_page_visited_first_before_any_run_is_whole(empty_dashboard, new_page, name):
    # Half of the pages begin on a telephone, so that neither width is only ever reached from the other.
    first, second = WIDTHS if list(HEADINGS).index(name) % 2 else WIDTHS[::-1]
    page = empty_dashboard.visit(new_page(width=first), name)
    look_over(page, heading=HEADINGS[name], themes=("light", "dark"))
    page.set_viewport_size({"width": second, "height": 900})
    look_over(page, heading=HEADINGS[name], themes=("dark", "light"))


@pytest.mark.parametrize(
    ("name", "text"), [("Train", "What it learned"), ("Runs", "What it learned"), ("Predict", "Clear")]
)
def test_page_with_run_is_whole(dashboard, first_run, new_page, name, text):
    sample = {"film": first_run.run.predictions()["file"][0]} if name == "Predict" else {}
    page = dashboard.visit(new_page(width=390, theme="dark"), name, run=first_run.run.id, **sample)
    expect(page.get_by_test_id("stMain").get_by_text(text, exact=True).first).to_be_visible()
    dashboard.settle(page)
    look_over(page, heading=HEADINGS[name], themes=("dark", "light"))
    page.set_viewport_size({"width": 1280, "height": 900})
    look_over(page, heading=HEADINGS[name], themes=("light", "dark"))
