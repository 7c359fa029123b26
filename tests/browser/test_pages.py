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
