"""The preview on Train: from a move of a slider to the curve on the screen, and what the trainer takes to find curves."""

import time
from collections.abc import Iterator

from bench_pages import CHROMIUM, CHROMIUM_ARGUMENTS, server
from common import PATIENCE_SECONDS, fresh_home, print_load, print_target, read_options, wait_until
from playwright.sync_api import Page, sync_playwright

from covidlab.config import LEARNING_RATES, TrainingConfig
from covidlab.files import read_json
from covidlab.paths import home
from covidlab.runs.preparation import describe_preparation
from covidlab.runs.previews import load_result
from covidlab.text import decimal_text

REDRAW_TARGET_MS, COLUMN_TARGET, FAN_TARGET = 100.0, 2.0, 10.0
SLIDERS = {"train_learning_rate": (90, -150, 110, -50), "train_epochs": (70, -50, 30), "train_batch_size": (60, -60)}

# From the move of the pointer to the frame in which the browser has drawn what it changed.
MEASURE = """() => {
  const place = document.querySelector(".preview");
  let moved = 0, shown = place.dataset.drawn;
  window.redraws = [];
  addEventListener("pointermove", () => (moved = performance.now()), true);
  new MutationObserver(() => {
    if (place.dataset.drawn === shown) return;
    shown = place.dataset.drawn;
    const since = moved;
    requestAnimationFrame(() => setTimeout(() => window.redraws.push(performance.now() - since)));
  }).observe(place, { attributes: true, attributeFilter: ["data-drawn"] });
}"""


def drag(page: Page, key: str, pixels: int) -> None:
    """Move the thumb of a slider in twenty steps, about as fast as a hand."""
    box = page.locator(f".st-key-{key} [data-testid=stSliderThumbValue]").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] + 9
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 21):
        page.mouse.move(x + pixels * step / 20, y)
        time.sleep(0.03)
    page.mouse.up()


def known(name: str) -> bool:
    """Whether the trainer has found a result, whatever its key."""
    return any(load_result(key.name, name) for key in keys())


def keys() -> Iterator:
    """Folders of what pages have asked for."""
    return (home() / "previews").glob("*")


def main() -> None:
    """Wait for the first curves with prepared X-rays, then move every slider."""
    options = read_options(__doc__)
    print_load()
    with fresh_home(), server(options.dataset) as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}/Train")
        page.locator(".preview").wait_for(timeout=1000 * PATIENCE_SECONDS)
        column = f"b{TrainingConfig.batch_size}-e{TrainingConfig.epochs}"
        fans = [f"fan-{column}-r{decimal_text(rate)}" for rate in LEARNING_RATES]
        longest = f"column-b{TrainingConfig.batch_size}-e100"
        wait_until(lambda: known(longest) and not describe_preparation(), every_seconds=0.2)
        page.evaluate(MEASURE)
        for key, moves in SLIDERS.items():
            for pixels in moves:
                drag(page, key, pixels)
        page.wait_for_timeout(1000)
        redraws = sorted(page.evaluate("window.redraws"))
        print(f"{len(redraws)} redraws, median {redraws[len(redraws) // 2]:.0f} ms, slowest {redraws[-1]:.0f} ms")
        print_target("redraw, 95th percentile", redraws[int(0.95 * len(redraws))], target=REDRAW_TARGET_MS, unit="ms")
        # Another seed: prepared X-rays, and nothing known.
        page.goto(f"{address}/Train?train_seed=7&train_tab=All+rates")
        started, before = time.monotonic(), {key.name for key in keys()}
        wait_until(lambda: {key.name for key in keys()} - before, every_seconds=0.02)
        (key,) = {key.name for key in keys()} - before
        asked = time.monotonic()
        print(f"the page asks {asked - started:.2f} s after it was opened")
        wait_until(lambda: load_result(key, f"column-{column}"), every_seconds=0.02)
        print_target("curves of nine rates", time.monotonic() - asked, target=COLUMN_TARGET, unit="s")
        wait_until(lambda: all(load_result(key, name) for name in fans), every_seconds=0.05)
        print_target("cross-validated curves of nine rates", time.monotonic() - asked, target=FAN_TARGET, unit="s")
        state = read_json(home() / "previews" / key / "state.json") or {}
        print(f"computed in {state.get('precision')}")
        browser.close()


if __name__ == "__main__":
    main()
