"""What holds for every page, at any width and in both themes."""

from playwright.sync_api import Page, expect

from tests.browser.axe import CONTRAST, serious_problems
from tests.browser.conftest import LOOK_EVERY

# Streamlit scrolls inside its main part, so the document alone would never be seen to be too wide.
TOO_WIDE = """() => [document.documentElement, document.querySelector('[data-testid="stMain"]')]
    .filter(part => part.scrollWidth > part.clientWidth).map(part => part.scrollWidth)"""
BRIGHTNESS = """() => getComputedStyle(document.querySelector('[data-testid="stApp"]')).backgroundColor
    .match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part) / 3, 0)"""


def look_over(page: Page, *, heading: str, themes: tuple[str, str]) -> None:
    """Check what holds for every page, in the theme that it began with and, after a change of the system's, in the other."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.get_by_text("Not for diagnosis").first).to_be_in_viewport()
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        limit = "> 200" if theme == "light" else "< 60"
        page.wait_for_function(f"() => ({BRIGHTNESS})() {limit}", polling=LOOK_EVERY)
        # Once the layout has followed a change of the width.
        page.wait_for_function(f"() => ({TOO_WIDE})().length === 0", polling=LOOK_EVERY)
        # Colours are all that another theme changes.
        assert serious_problems(page, rules=None if theme == themes[0] else [CONTRAST]) == []
    expect(page.get_by_test_id("stException")).to_have_count(0)
