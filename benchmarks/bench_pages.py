"""(d) Drawing Home, Browse and Runs in Chromium, from the address to the drawn page; no TensorFlow in the server."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median

from common import PROJECT_ROOT, fresh_home, print_load, print_target, read_options, wait_until, warm_worker
from playwright.sync_api import BrowserContext, sync_playwright

from covidlab.config import TrainingConfig
from covidlab.runs.store import RunStore

TARGET = 1.0
PAGES = {"Home": "", "Browse": "Browse", "Runs": "Runs"}

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

# The script has ended, the heading stands, no placeholder is left, and every picture in sight has come.
IS_DRAWN = """() => {
    const app = document.querySelector('[data-testid="stApp"]');
    const heading = document.querySelector('h1');
    return app?.getAttribute('data-test-script-state') === 'notRunning'
        && heading?.checkVisibility()
        && !document.querySelector('[data-testid="stSkeleton"]')
        && [...document.images].every(image => image.complete || image.loading === 'lazy');
}"""


@contextmanager
def server(dataset: Path) -> Iterator[tuple[str, int]]:
    """Start the dashboard on a free port; yield its address and its process id."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
        cwd=PROJECT_ROOT,
        env={**os.environ, "COVIDLAB_DATASET": str(dataset)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://localhost:{port}"
    try:
        wait_until(lambda: is_healthy(address))
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(timeout=10)


def is_healthy(address: str) -> bool:
    """Whether the server answers."""
    with suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health", timeout=1) as answer:
        return answer.status == 200
    return False


def seconds_to_draw(context: BrowserContext, address: str) -> float:
    """Open an address in a new tab; return the seconds until it is drawn."""
    tab = context.new_page()
    try:
        started = time.perf_counter()
        tab.goto(address, wait_until="commit")
        tab.wait_for_function(IS_DRAWN, timeout=60_000)
        seconds = time.perf_counter() - started
        if tab.get_by_test_id("stException").count():
            sys.exit(f"{address} shows an error.")
        return seconds
    finally:
        tab.close()


def seconds_to_turn(context: BrowserContext, address: str, *, repeats: int) -> dict[str, float]:
    """Go from page to page by the sidebar of one open tab; return the median seconds until each is drawn."""
    tab = context.new_page()
    tab.goto(address)
    tab.wait_for_function(IS_DRAWN, timeout=60_000)
    seconds = {name: [] for name in PAGES}
    for _ in range(repeats):
        for name in [*list(PAGES)[1:], next(iter(PAGES))]:
            before = tab.locator("h1").inner_text()
            started = time.perf_counter()
            tab.get_by_test_id("stSidebar").get_by_role("link", name=name).click()
            # The address changes with the click; the heading only with the new page.
            tab.wait_for_function("before => document.querySelector('h1')?.innerText !== before", arg=before)
            tab.wait_for_function(IS_DRAWN, timeout=60_000)
            seconds[name].append(time.perf_counter() - started)
    tab.close()
    return {name: median(values) for name, values in seconds.items()}


def has_tensorflow(process_id: int) -> bool:
    """Whether the process has a file of TensorFlow in its memory."""
    return "tensorflow" in Path(f"/proc/{process_id}/maps").read_text()


def train_some_runs(dataset: Path, *, num_runs: int) -> None:
    """Fill COVIDLAB_HOME with finished runs, so that Runs has something to draw."""
    store = RunStore()
    with warm_worker():
        for seed in range(num_runs):
            run = store.create(TrainingConfig(dataset=str(dataset), seed=seed, epochs=25))
            wait_until(lambda run=run: not run.recorded_status().is_active)


def main() -> None:
    """Print the seconds to each page: in an open tab, at a first visit, and at later visits in a new tab."""
    options = read_options(
        __doc__,
        runs={"type": int, "default": 3, "help": "finished runs there are to show"},
        repeats={"type": int, "default": 5, "help": "later visits the median is taken over"},
    )
    with fresh_home(), sync_playwright() as playwright:
        train_some_runs(options.dataset, num_runs=options.runs)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        with server(options.dataset) as (address, process_id):
            print_load()
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            first = {name: seconds_to_draw(context, f"{address}/{path}") for name, path in PAGES.items()}
            later = {
                name: median(seconds_to_draw(context, f"{address}/{path}") for _ in range(options.repeats))
                for name, path in PAGES.items()
            }
            turned = seconds_to_turn(context, address, repeats=options.repeats)
            for name in PAGES:
                print_target(f"{name}, in an open tab, median", turned[name], target=TARGET, unit="s")
                print(f"{name}, first visit of all (browser cache, thumbnails and server cold): {first[name]:.2f} s")
                print_target(f"{name}, later visits in a new tab, median", later[name], target=TARGET, unit="s")
            answer = "yes (target no: MISSED)" if has_tensorflow(process_id) else "no (met)"
            print(f"TensorFlow in the server process after these pages: {answer}")
            print_load()
        browser.close()


if __name__ == "__main__":
    main()
