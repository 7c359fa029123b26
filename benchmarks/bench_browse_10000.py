"""Browse with 10,000 films: the index once and after a kill, the first page, filters, page turns, memory of the server."""

import argparse
import csv
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median

import cv2
import numpy as np
import psutil
from bench_pages import CHROMIUM, CHROMIUM_ARGUMENTS, IS_DRAWN, has_tensorflow, seconds_to_draw, server
from common import PROJECT_ROOT, fresh_home, num_lines, print_load, print_target, wait_until
from playwright.sync_api import Page, sync_playwright

from covidlab.data.catalog import list_classes, list_films
from covidlab.paths import dataset_folder

FIRST_PAGE_SECONDS, CLICK_SECONDS, SERVER_MEGABYTES = 1.5, 0.3, 600.0

# Films differ in size as those of a hospital do; the cost of a page grows with it.
LONGER_SIDES = (512, 768, 1024, 1536)

CARDS = "[...document.querySelectorAll('.film-card')].map(card => card.innerText).join()"

INDEXER = "from covidlab.data.catalog import load_catalog; from pathlib import Path; load_catalog(Path({folder!r}))"


def vary_films(source: Path, target: Path, *, num_films: int, seed: int) -> None:
    """Fill ``target`` with films turned, cut and lit anew from those of ``source``, and a metadata.csv.

    Views and age groups are drawn at random: they are there to be filtered by, not to be believed.
    """
    films = list(list_films(source))
    for name in list_classes(source):
        (target / name).mkdir(parents=True)
    shares = np.array_split(np.arange(num_films), len(films))
    with ProcessPoolExecutor() as pool:
        rows = [row for rows in pool.map(partial(vary_film, target=target, seed=seed), films, shares) for row in rows]
    with open(target / "metadata.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def vary_film(film: Path, numbers: np.ndarray, *, target: Path, seed: int) -> list[dict[str, str]]:
    """Write the variations of one film; return their rows of metadata.csv."""
    grey, rows = cv2.imread(str(film), cv2.IMREAD_GRAYSCALE), []
    for number in map(int, numbers):
        random = np.random.default_rng([seed, number])
        file = f"{film.parent.name}/{film.stem}-{number:05d}.jpg"
        cv2.imwrite(str(target / file), varied(grey, random), [cv2.IMWRITE_JPEG_QUALITY, 85])
        view, age = random.choice(["PA", "AP", "LATERAL", ""]), random.choice(["adult", "child", ""])
        # Three films a patient on average, as where patients come back.
        patient = f"patient-{number // 3:05d}"
        rows.append({"file": file, "patient_id": patient, "view_position": str(view), "age_group": str(age)})
    return rows


def varied(grey: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A film turned by up to 8 degrees, cut by up to a tenth, lit anew, and scaled; uint8 (height, width)."""
    side = int(random.choice(LONGER_SIDES))
    scale = side / max(grey.shape)
    width, height = round(grey.shape[1] * scale), round(grey.shape[0] * scale)
    centre = (grey.shape[1] / 2, grey.shape[0] / 2)
    turn = cv2.getRotationMatrix2D(centre, random.uniform(-8, 8), scale * random.uniform(1.0, 1.1))
    turn[:, 2] += np.array([width, height]) / 2 - centre
    turned = cv2.warpAffine(grey, turn, (width, height), flags=cv2.INTER_AREA)
    return cv2.convertScaleAbs(turned, alpha=random.uniform(0.8, 1.1), beta=random.uniform(-15, 15))


def build_index(folder: Path, home: Path, *, kill_at: int) -> tuple[int, float]:
    """Index the films in a process that is killed after ``kill_at`` of them, and again to the end.

    Returns the number of films the second process found indexed, and the seconds of both together.
    """
    command = [sys.executable, "-c", INDEXER.format(folder=str(folder))]
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=PROJECT_ROOT)
    wait_until(lambda: indexed(home) >= kill_at or process.poll() is not None)
    process.send_signal(signal.SIGKILL)
    process.wait()
    found = indexed(home)
    subprocess.run(command, cwd=PROJECT_ROOT, check=True)
    return found, time.perf_counter() - started


def indexed(home: Path) -> int:
    """Number of films in the index."""
    return sum(map(num_lines, (home / "index").glob("*.jsonl")))


def seconds_to_filter(tab: Page, *, label: str, option: str) -> Iterator[float]:
    """Choose a value of a filter, take it back; yield the seconds until the other films are drawn, each way."""
    box = tab.get_by_role("combobox", name=label)
    box.scroll_into_view_if_needed()
    # A menu that is opened while the page scrolls or draws closes at once.
    tab.wait_for_timeout(500)
    box.click()
    choice = tab.get_by_role("option", name=option, exact=True)
    choice.wait_for()
    yield seconds_to_change(tab, choice.click)
    tab.keyboard.press("Escape")
    tab.wait_for_timeout(500)
    yield seconds_to_change(tab, tab.get_by_role("button", name="Clear filters").click)


def seconds_to_change(tab: Page, click, *, shown: str = CARDS) -> float:
    """Click; return the seconds until what is ``shown`` (JavaScript; by default the cards) is another and the page is drawn."""
    before = tab.evaluate(shown)
    started = time.perf_counter()
    click()
    tab.wait_for_function(f"before => {shown} !== before && ({IS_DRAWN})()", arg=before, timeout=60_000, polling=10)
    return time.perf_counter() - started


def server_megabytes(process_id: int) -> float:
    """Memory of the server's process (resident set)."""
    return psutil.Process(process_id).memory_info().rss / 1e6


def read_arguments() -> argparse.Namespace:
    """Options of this benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, nargs="?", default=dataset_folder(), help="folder whose films are varied")
    parser.add_argument("--num-films", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, help="keep the varied films here, or use those that are")
    parser.add_argument("--repeats", type=int, default=7, help="clicks and visits a median is taken over")
    return parser.parse_args()


def main() -> None:
    """Make the set, index it, and look at it in Chromium."""
    options = read_arguments()
    with tempfile.TemporaryDirectory(prefix="covidlab-films-") as temporary:
        folder = (options.folder or Path(temporary) / "varied").absolute()
        if not (folder / "metadata.csv").exists():
            started = time.perf_counter()
            vary_films(options.source.absolute(), folder, num_films=options.num_films, seed=42)
            print(f"{options.num_films:,} films varied in {time.perf_counter() - started:.0f} s", flush=True)
        with fresh_home() as home, sync_playwright() as playwright:
            print_load()
            found, seconds = build_index(folder, home, kill_at=options.num_films // 2)
            print(f"index: {seconds:.1f} s for {indexed(home):,} films, killed once; {found:,} were kept over the kill")
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
            with server(folder) as (address, process_id):
                measure_browse(browser, address, process_id, repeats=options.repeats)
            browser.close()
            print_load()


def measure_browse(browser, address: str, process_id: int, *, repeats: int) -> None:
    """Print the seconds of the first page, of filters and of page turns, and the memory of the server."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    at_rest = server_megabytes(process_id)
    first = seconds_to_draw(context, f"{address}/Browse")
    print(f"first page of Browse, first visit of all (browser cache and server cold): {first:.2f} s")
    visits = [seconds_to_draw(context, f"{address}/Browse") for _ in range(repeats)]
    print_target("first page of Browse, new tab, median", median(visits), target=FIRST_PAGE_SECONDS, unit="s")

    tab = context.new_page()
    tab.goto(f"{address}/Browse")
    tab.wait_for_function(IS_DRAWN, timeout=60_000)
    fresh, again = [], []
    for page in range(2, 2 + repeats):
        turn = tab.get_by_role("button", name=f"Page {page}", exact=True)
        # As long as a glance at the page before; meanwhile the server makes the next small pictures.
        tab.wait_for_timeout(1000)
        fresh.append(seconds_to_change(tab, turn.click))
    for page in reversed(range(1, 1 + repeats)):
        turn = tab.get_by_role("button", name=f"Page {page}", exact=True)
        again.append(seconds_to_change(tab, turn.click))
    print_target(
        "page turn to a page not seen before, a second after the last, median",
        median(fresh),
        target=CLICK_SECONDS,
        unit="s",
    )
    print_target("page turn back, one after the other, median", median(again), target=CLICK_SECONDS, unit="s")
    filtered = [
        seconds for _ in range(-(-repeats // 2)) for seconds in seconds_to_filter(tab, label="View", option="AP")
    ]
    print_target("filter, median of both ways", median(filtered), target=CLICK_SECONDS, unit="s")
    peak = server_megabytes(process_id)
    print_target(f"memory of the server (at rest {at_rest:.0f} MB)", peak, target=SERVER_MEGABYTES, unit="MB")
    print(f"TensorFlow in the server: {'yes (MISSED)' if has_tensorflow(process_id) else 'no (met)'}")


if __name__ == "__main__":
    main()
