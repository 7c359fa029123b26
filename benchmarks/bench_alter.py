"""A black box dragged over an X-ray on Audit: from each move of the pointer to the bar that shows the answer, in Chromium."""

from statistics import median

import numpy as np
from bench_pages import CHROMIUM, CHROMIUM_ARGUMENTS, server
from common import PATIENCE_SECONDS, fresh_home, print_load, print_target, read_options, wait_until
from playwright.sync_api import Page, sync_playwright

from covidlab.runs.preparation import describe_preparation

TARGET_MS = 150
# Places of the grid that the box goes through, there and back.
COLUMNS, ROWS = range(6, 23), (8, 13, 18)

# Notes each move of the pointer to another place of the grid, and when the bar shows the answer for it.
LISTENS = """
window.moves = [];
const part = document.querySelector('.alter');
const [thing, bar] = [part.querySelector('.alter-thing'), part.querySelector('.alter-bar')];
let moved = 0;
document.addEventListener('pointermove', () => (moved = performance.now()), { capture: true });
new MutationObserver(() => {
  const now = thing.style.left + thing.style.top;
  if (now !== window.place) window.moves.push({ moved, answered: null });
  window.place = now;
}).observe(thing, { attributeFilter: ['style'] });
new MutationObserver(() => {
  const last = window.moves.at(-1);
  if (last && last.answered === null) last.answered = performance.now();
}).observe(bar, { attributeFilter: ['data-answered'] });
"""


def drag(page: Page) -> list[float]:
    """Drag the box from place to place, each once the bar has answered the one before; return the milliseconds of each move."""
    picture = page.locator(".alter-picture").first.bounding_box()

    def move(column: int, row: int) -> None:
        page.mouse.move(
            picture["x"] + picture["width"] * column / 28, picture["y"] + picture["height"] * row / 28, steps=1
        )

    page.locator(".alter-thing").first.hover()
    page.mouse.down()
    for number, row in enumerate(ROWS):
        for column in COLUMNS if number % 2 == 0 else reversed(COLUMNS):
            known = page.evaluate("window.moves.length")
            move(column, row)
            page.wait_for_function(
                "known => window.moves.length > known && window.moves.at(-1).answered !== null",
                arg=known,
                polling=5,
                timeout=1000 * PATIENCE_SECONDS,
            )
    page.mouse.up()
    return [each["answered"] - each["moved"] for each in page.evaluate("window.moves")]


def main() -> None:
    """Open Audit, wait until the model is warm and the trainer has nothing to prepare, drag."""
    options = read_options(__doc__)
    print_load()
    with fresh_home(), server(options.dataset) as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}/Audit")
        page.locator(".alter-answered").first.wait_for(timeout=1000 * PATIENCE_SECONDS)
        # Small pictures are read one by one until all have their number; then nothing else is under way.
        page.wait_for_function(
            "[...document.querySelectorAll('.alter-strip strong')].every(each => each.textContent)",
            timeout=1000 * PATIENCE_SECONDS,
        )
        wait_until(lambda: not describe_preparation(), every_seconds=0.5)
        page.locator(".alter").first.scroll_into_view_if_needed()
        page.evaluate(LISTENS)
        milliseconds = drag(page)
        browser.close()
    print(f"{len(milliseconds)} moves, from the pointer to the bar, median: {median(milliseconds):.0f} ms")
    print_target("95th percentile", float(np.quantile(milliseconds, 0.95)), target=TARGET_MS, unit="ms")
    print_load()


if __name__ == "__main__":
    main()
