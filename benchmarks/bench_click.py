"""(i) From the click on Start to what the browser shows, with one viewer and with ten: first point, last point, "Finished"."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from bench_pages import CHROMIUM, CHROMIUM_ARGUMENTS, server
from bench_viewers import view
from common import PATIENCE_SECONDS, fresh_home, print_load, print_precision, print_target, read_options, wait_until
from playwright.sync_api import Page, sync_playwright

from covidlab.config import TrainingConfig
from covidlab.runs.engines import chosen_engine
from covidlab.runs.preparation import describe_preparation
from covidlab.runs.store import Run, RunStore

FIRST_TARGET, LAST_TARGET = 1.0, 2.0
VIEWERS = (1, 10)


# Notes when the browser has received how a run learns: address, time, number of epochs, the last of them.
LISTENS = """
window.learned = [];
const asked = window.fetch;
window.fetch = async (...request) => {
  const answer = await asked(...request);
  const address = String(request[0].url ?? request[0]);
  if (address.includes('/learning'))
    answer.clone().json().then(({ epochs }) => window.learned.push([address, Date.now() / 1000, epochs.length, epochs.at(-1)]), () => {});
  return answer;
};
"""


def click(page: Page) -> tuple[float, float, float]:
    """Press Start; return the seconds to the first epoch and to the last one in the browser, and to "Finished" on the page."""
    known, started = {run.id for run in RunStore().list()}, time.time()
    page.locator(".st-key-train_start button").click()
    wait_until(lambda: len(RunStore().list()) > len(known))
    run = RunStore().list()[0]
    page.wait_for_function(
        "([run, last]) => window.learned.some(([address, , , epoch]) => address.includes(run) && epoch === last)",
        arg=[run.id, TrainingConfig.epochs],
        timeout=1000 * PATIENCE_SECONDS,
    )
    page.get_by_role("heading", name=f"Run {run.number},").wait_for(timeout=1000 * PATIENCE_SECONDS)
    page.get_by_text("Finished: ").first.wait_for(timeout=1000 * PATIENCE_SECONDS)
    finished = time.time()
    received = [entry for entry in page.evaluate("window.learned") if run.id in entry[0] and entry[2]]
    last = next(moment for _, moment, _, epoch in received if epoch == TrainingConfig.epochs)
    return received[0][1] - started, last - started, finished - started


@contextmanager
def beside(port: int, run: Run, *, viewers: int, stay: float) -> Iterator[None]:
    """Let so many others look at a run meanwhile."""
    others = threading.Thread(target=lambda: viewers and view(port, run, viewers=viewers, stay=stay))
    others.start()
    try:
        # All have come: twenty arrive each second.
        time.sleep(3.0 if viewers else 0.0)
        yield
    finally:
        others.join()


def main() -> None:
    """Press Start again and again, alone and among others."""
    options = read_options(__doc__, repeats={"type": int, "default": 5, "help": "clicks for each number of viewers"})
    print_load()
    with fresh_home() as home, server(options.dataset) as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.add_init_script(LISTENS)
        page.goto(f"{address}/Train")
        page.locator(".st-key-train_start button").wait_for(timeout=1000 * PATIENCE_SECONDS)
        wait_until(lambda: chosen_engine().describe().warm)
        wait_until(lambda: not describe_preparation())
        click(page)
        print_precision(home)
        for viewers in VIEWERS:
            port, watched = int(address.rpartition(":")[2]), RunStore().list()[0]
            with beside(port, watched, viewers=viewers - 1, stay=4.0 * options.repeats):
                seconds = [click(page) for _ in range(options.repeats)]
            first, last, finished = (median(column) for column in zip(*seconds, strict=True))
            what = f"{viewers} viewer{'s' if viewers > 1 else ''}, from the click"
            print_target(f"{what} to the first epoch in the browser, median", first, target=FIRST_TARGET, unit="s")
            print_target(f"{what} to the last epoch in the browser, median", last, target=LAST_TARGET, unit="s")
            print(f"{what} to “Finished” on the page, with cross-validation, median: {finished:.2f} s")
        browser.close()
    print_load()


if __name__ == "__main__":
    main()
