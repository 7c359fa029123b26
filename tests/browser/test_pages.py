"""Every page: its own address as the first visit, on a desk and on a telephone, in light and dark."""

from pathlib import Path

import pytest

from tests.browser.looking import look_over

pytestmark = [pytest.mark.browser, pytest.mark.curated]

HEADINGS = {
    "": "What can fifty chest X-rays teach a neural network?",
    **{name: name for name in ("Browse", "Train", "Runs", "Predict", "About", "Curate", "Lesson")},
    "Present": "These are the X-rays",
    "Audit": "What did it really learn?",
}
WIDTHS = (1280, 390)


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


def test_page_from_right_to_left_on_a_telephone_has_its_closed_sidebar_out_of_sight(empty_dashboard, new_page):
    page = empty_dashboard.visit(new_page(width=390), "Browse", lang="ar-XB")
    assert page.locator("h1").evaluate("heading => getComputedStyle(heading).direction") == "rtl"
    covered = page.evaluate(
        """() => {
            const sidebar = document.querySelector('[data-testid="stSidebar"]');
            return [...Array(39).keys()].flatMap((x) => [100, 300, 500].map((y) => document.elementFromPoint(10 * x + 5, y)))
                .some((element) => sidebar.contains(element));
        }"""
    )
    assert not covered
