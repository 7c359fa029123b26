"""A set of 100,000 X-rays: the index once and after a kill, opening it again, Browse and Curate in Chromium, memory of the server.

The X-rays are tiny pictures with made-up rows in metadata.csv, so that what is measured is what grows with their number; the first look
at a real set takes longer by what its bytes take to read. ``--rows-only`` measures a table of rows without pictures and without a browser.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median

import cv2
import numpy as np
import pandas as pd
import psutil
from bench_browse_10000 import indexed, seconds_to_change, server_megabytes
from bench_pages import CHROMIUM, CHROMIUM_ARGUMENTS, IS_DRAWN, has_tensorflow, seconds_to_draw, server
from common import PROJECT_ROOT, fresh_home, print_load, print_target, wait_until
from playwright.sync_api import Page, sync_playwright

from covidlab.data.selections import delete_selection

CLICK_SECONDS, SERVER_MEGABYTES = 0.3, 600.0
SIDE = 64
SELECTION = "made by bench_rows"
# On Curate: which X-rays are on the page, and how many are dropped.
DECIDED = (
    "[...document.querySelectorAll('[class*=st-key-curate_open_]')].map(card => card.textContent).join()"
    " + document.querySelectorAll('[class*=film_card_curate_drop]').length"
)
FINDINGS = ("COVID-19", "no finding", "pneumonia", "effusion", "cardiomegaly", "nodule", "atelectasis", "edema")

# What a process that opens the set does; it notes each file it reads, its seconds and its largest memory.
OPENER = """
import json, os, sys, time
from pathlib import Path
import covidlab.data.index as index
folder, log = sys.argv[1:]
read, noted = index.read_bytes, os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
def counting(path, **options):
    os.write(noted, f"{options['name']}\\n".encode())
    return read(path, **options)
index.read_bytes = counting
from covidlab.data.catalog import load_catalog
started = time.perf_counter()
catalog = load_catalog(Path(folder))
seconds = time.perf_counter() - started
status = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
print(json.dumps([seconds, *(int(status[name].split()[0]) / 1000 for name in ("VmHWM", "VmRSS"))]))
"""


def make_set(folder: Path, *, num_films: int) -> None:
    """Write tiny pictures in two classes, no two alike, and a metadata.csv with ten columns."""
    random, ground = np.random.default_rng(42), np.linspace(40, 200, SIDE * SIDE).astype(np.uint8).reshape(SIDE, SIDE)
    for kind in ("covid", "normal"):
        for block in range(-(-num_films // 2000)):
            (folder / kind / f"{block:03d}").mkdir(parents=True)
    with open(folder / "metadata.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(
            [
                "file",
                "patient_id",
                "finding",
                "view_position",
                "age_years",
                "sex",
                "source",
                "licence",
                "notes",
                "intubated",
            ]
        )
        for number in range(num_films):
            kind = ("covid", "normal")[number % 2]
            name = f"{kind}/{number // 2000:03d}/film-{number:07d}.png"
            ground[0, :8] = np.frombuffer(number.to_bytes(8, "little"), np.uint8)
            (folder / name).write_bytes(cv2.imencode(".png", ground, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes())
            rows.writerow(made_up_row(name, number, random))


def made_up_row(name: str, number: int, random: np.random.Generator) -> list[str]:
    """A row of the table: something to filter by."""
    drawn = random.integers(0, 1000, 4)
    view, intubated = ("PA", "AP", "LATERAL", "")[drawn[0] % 4], ("Y", "N", "", "")[drawn[1] % 4]
    sex, source = "MF"[drawn[2] % 2], f"hospital {drawn[3] % 5}"
    finding = FINDINGS[drawn[3] % len(FINDINGS)]
    return [name, f"p{number // 3:06d}", finding, view, str(drawn[0] % 95), sex, source, "CC0", "", intubated]


def open_set(folder: Path, log: Path) -> list[float]:
    """Open the set in a process of its own; return seconds, largest and last memory (MB)."""
    command = [sys.executable, "-c", OPENER, str(folder), str(log)]
    return json.loads(subprocess.run(command, cwd=PROJECT_ROOT, check=True, capture_output=True, text=True).stdout)


def measure_index(folder: Path, home: Path, log: Path, *, num_films: int) -> None:
    """Print what the first look costs, killed half way and taken up again, and a later opening."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", OPENER, str(folder), str(log)], cwd=PROJECT_ROOT)
    wait_until(lambda: indexed(home) >= num_films // 2 or process.poll() is not None, every_seconds=0.2)
    process.kill()
    process.wait()
    kept = indexed(home)
    _, most, _ = open_set(folder, log)
    seconds = time.perf_counter() - started
    times_read = Counter(log.read_text().split("\n")[:-1])
    twice = sum(number > 1 for number in times_read.values())
    print(
        f"index, killed at {kept:,}: {seconds:.1f} s, {num_films / seconds:,.0f} X-rays a second, memory {most:.0f} MB"
    )
    print(f"{len(times_read):,} files were read, {twice:,} of them twice", flush=True)
    measure_opening(folder, log)


def measure_opening(folder: Path, log: Path) -> None:
    """Print what opening a known set costs a process, and its memory."""
    openings = [open_set(folder, log) for _ in range(3)]
    seconds, most, last = (median(values) for values in zip(*openings, strict=True))
    print(f"opening a known set: {seconds:.2f} s, memory {most:.0f} MB at most, {last:.0f} MB after", flush=True)


class Visitor:
    """A visitor at Browse, who waits until what was asked for is drawn; notes what the server computes for it."""

    def __init__(self, tab: Page, address: str, process_id: int):
        self.tab = tab
        self.computed: list[float] = []
        self._server = psutil.Process(process_id)
        tab.goto(f"{address}/Browse")
        tab.wait_for_function(IS_DRAWN, timeout=60_000)

    def choose(self, label: str, option: str) -> Iterator[float]:
        """Choose a value of a filter, take it back; yield the seconds until other X-rays are drawn, each way."""
        box = self.tab.get_by_role("combobox", name=label)
        box.scroll_into_view_if_needed()
        # A menu that is opened while the page scrolls or draws closes at once.
        self.tab.wait_for_timeout(400)
        box.click()
        choice = self.tab.get_by_role("option", name=option, exact=True)
        choice.wait_for()
        yield self.changed(choice.click)
        self.tab.keyboard.press("Escape")
        self.tab.wait_for_timeout(400)
        yield self.clear()

    def search(self, text: str) -> Iterator[float]:
        """Ask for a part of a file's name, take it back; as ``choose``."""
        box = self.tab.get_by_label("File name").first
        box.fill(text)
        yield self.changed(lambda: box.press("Enter"))
        yield self.clear()

    def turn(self, page: int) -> float:
        """Go to a page; return the seconds until it is drawn."""
        return self.changed(self.tab.get_by_role("button", name=f"Page {page}", exact=True).click)

    def clear(self) -> float:
        """Take all filters back; return the seconds until it is drawn."""
        return self.changed(self.tab.get_by_role("button", name="Clear filters").click)

    def changed(self, click: Callable[[], None]) -> float:
        """See ``seconds_to_change``."""
        before = sum(self._server.cpu_times()[:2])
        seconds = seconds_to_change(self.tab, click)
        self.computed.append(sum(self._server.cpu_times()[:2]) - before)
        return seconds

    def print_tail(self, what: str, seconds: list[float]) -> None:
        """See ``print_tail``; with the processor time of the server, which other work on the machine lengthens less."""
        print_tail(what, seconds)
        print(f"    the server computed {median(self.computed):.3f} s (median)", flush=True)
        self.computed.clear()


def measure_browse(browser, address: str, process_id: int, *, repeats: int) -> None:
    """Print the seconds of the page, of each filter and of page turns (95th percentiles), and the memory of the server."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    at_rest = server_megabytes(process_id)
    first = seconds_to_draw(context, f"{address}/Browse")
    print(
        f"Browse, first visit of all (server and browser cold): {first:.2f} s, memory {server_megabytes(process_id):.0f} MB"
    )
    print_tail("Browse, new tab", [seconds_to_draw(context, f"{address}/Browse") for _ in range(repeats)], target=1.5)
    visitor = Visitor(context.new_page(), address, process_id)
    measure_turns(visitor, repeats)
    filters = {"Class (folder)": "normal", "Finding": "effusion", "View": "AP", "Age group": "child"}
    for label, option in filters.items():
        visitor.print_tail(
            f"filter {label}", [s for _ in range(-(-repeats // 2)) for s in visitor.choose(label, option)]
        )
    visitor.print_tail("filter File name", [s for n in range(-(-repeats // 2)) for s in visitor.search(f"{n + 11}7")])
    print_target(
        f"memory of the server (at rest {at_rest:.0f} MB)",
        server_megabytes(process_id),
        target=SERVER_MEGABYTES,
        unit="MB",
    )
    print(f"TensorFlow in the server: {'yes (MISSED)' if has_tensorflow(process_id) else 'no (met)'}")


def measure_turns(visitor: Visitor, repeats: int) -> None:
    """Print page turns to pages that nobody has seen, a second apart and at once, and back."""
    fresh = []
    for page in range(2, 2 + repeats):
        # As long as a glance at the page before; meanwhile the server makes the next small pictures.
        visitor.tab.wait_for_timeout(1000)
        fresh.append(visitor.turn(page))
    visitor.print_tail("page turn, a second after the last", fresh)
    visitor.print_tail(
        "page turn, at once, thumbnails to be made",
        [visitor.turn(page) for page in range(2 + repeats, 2 + 2 * repeats)],
    )
    last = 1 + 2 * repeats
    visitor.print_tail("page turn back", [visitor.turn(page) for page in range(last - 1, last - 1 - repeats, -1)])


def measure_curate(browser, address: str, process_id: int, *, repeats: int) -> None:
    """Print page turns and decisions on Curate, and the memory of the server; makes a selection of the name ``SELECTION``."""
    tab = browser.new_page(viewport={"width": 1280, "height": 800})
    tab.goto(f"{address}/Curate")
    tab.get_by_placeholder("for example: without arrows").fill(SELECTION)
    tab.get_by_role("button", name="Create").click()
    tab.locator(".st-key-curate_film_0").wait_for()
    tab.wait_for_function(IS_DRAWN, timeout=60_000)

    def seconds_until(click: Callable[[], None]) -> float:
        tab.wait_for_timeout(1000)
        return seconds_to_change(tab, click, shown=DECIDED)

    turns = [tab.get_by_role("button", name=f"Page {page}", exact=True) for page in range(2, 2 + repeats)]
    print_tail("Curate, page turn", [seconds_until(turn.click) for turn in turns])
    drops = [tab.locator(f".st-key-curate_film_{card}").get_by_role("radio", name="Drop") for card in range(12)]
    print_tail("Curate, an X-ray dropped", [seconds_until(drop.click) for drop in drops[:repeats]])
    print(f"memory of the server after Curate: {server_megabytes(process_id):.0f} MB")


def print_tail(what: str, seconds: list[float], *, target: float = CLICK_SECONDS) -> None:
    """Print the 95th percentile beside its target, and the median."""
    print_target(
        f"{what}: median {median(seconds):.2f} s, 95th percentile",
        float(np.percentile(seconds, 95)),
        target=target,
        unit="s",
    )


def measure_rows(home: Path, *, num_films: int) -> None:
    """Print what opening, filtering and counting cost a process where no file is read: rows that are made up."""
    from covidlab.data.catalog import Catalog
    from covidlab.data.kept import keep, read_kept
    from covidlab.ui.browse.filters import FILE_SEARCH, FILTERS, filter_options
    from covidlab.ui.browse.set_charts import facet_counts

    films, root = made_up_films(num_films), home / "films"
    started = time.process_time()
    keep(root, films, {"classes": ["covid", "normal"]}, stamp="stamp", settled={})
    size = sum(path.stat().st_size for path in (home / "catalogs").iterdir())
    print(f"{num_films:,} rows kept: {time.process_time() - started:.2f} s, {size / 1e6:.0f} MB on the disk")
    del films
    before = server_megabytes(os.getpid())
    print_processor("opening them", lambda: read_kept(root, "stamp"))
    catalog = Catalog(root, read_kept(root, "stamp").films, ("covid", "normal"), "covid", True, True)
    print_processor("options of the filters, once", lambda: filter_options(catalog), repeats=1)
    chosen = {"class": "normal", "finding": "effusion", "view_position": "AP", "age_group": "child"}
    keys = {column: key for key, (_, column) in FILTERS.items()}
    for column, value in chosen.items():
        asked = {keys[column]: [value]}
        print_processor(f"filter {column} and a page", partial(a_page, catalog, asked))
    print_processor("part of a file name and a page", partial(a_page, catalog, {FILE_SEARCH: ["117"]}))
    everything = {key: [] for key in FILTERS}
    for key, options in filter_options(catalog).items():
        print_processor(f"counts for the chart {key}", partial(facet_counts, catalog, key, options, everything))
    print(f"memory {server_megabytes(os.getpid()):.0f} MB, {before:.0f} MB before")


def made_up_films(num_films: int) -> pd.DataFrame:
    """The table of a catalog of X-rays that are not there."""
    random, numbers = np.random.default_rng(42), np.arange(num_films)
    ages, views = ["adult", "child", "not stated"], ["PA", "AP", "LATERAL", "not stated"]

    def any_of(values: Sequence[str]) -> pd.Series:
        return pd.Series(pd.Categorical.from_codes(random.integers(0, len(values), num_films), values)).astype(str)

    films = {
        "file": [f"normal/{number // 2000:03d}/film-{number:07d}.png" for number in numbers],
        "class": any_of(["covid", "normal"]),
        "finding": any_of(FINDINGS),
        "patient_id": [f"p{number // 3:06d}" for number in numbers],
        "age_group": any_of(ages),
        "view_position": any_of(views),
        "sha256": [f"{number:064x}" for number in numbers],
    }
    measures = {name: random.integers(500, 3000, num_films) for name in ("width", "height", "bytes")}
    rest = {"mask": "", "given_part": "", "source": any_of([f"hospital {number}" for number in range(5)]), "notes": ""}
    return pd.DataFrame(films | measures | {"channels": 1} | rest)


def a_page(catalog, choices: dict[str, list[str]]) -> list[dict]:
    """What the cards of the third page of what passes the filters say."""
    from covidlab.ui.browse.filters import passing

    files = catalog.films["file"][passing(catalog, choices)]
    return catalog.rows(files.iloc[48:72].tolist(), ("file", "class", "view_position", "patient_id"))


def print_processor(what: str, work: Callable[[], object], *, repeats: int = 5) -> None:
    """Print the processor time of some work (median)."""
    seconds = []
    for _ in range(repeats):
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
    print(f"{what}: {1000 * median(seconds):.0f} ms of the processor (median)", flush=True)


def read_arguments() -> argparse.Namespace:
    """Options of this benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--num-films", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="keep the pictures here, or use those that are")
    parser.add_argument("--repeats", type=int, default=20, help="clicks and visits a percentile is taken over")
    parser.add_argument("--rows-only", action="store_true", help="measure a table without pictures, and no browser")
    parser.add_argument("--no-browser", action="store_true", help="measure the index and the opening only")
    return parser.parse_args()


def main() -> None:
    """Make the set, index it, look at it."""
    options = read_arguments()
    with tempfile.TemporaryDirectory(prefix="covidlab-rows-") as temporary, fresh_home() as home:
        if options.rows_only:
            print_load()
            measure_rows(home, num_films=options.num_films)
            return
        folder = (options.folder or Path(temporary) / "films").absolute()
        if not (folder / "metadata.csv").exists():
            started = time.perf_counter()
            make_set(folder, num_films=options.num_films)
            print(f"{options.num_films:,} pictures made in {time.perf_counter() - started:.0f} s", flush=True)
        print_load()
        measure_index(folder, home, Path(temporary) / "read", num_films=options.num_films)
        if not options.no_browser:
            with sync_playwright() as playwright, server(folder) as (address, process_id):
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
                measure_browse(browser, address, process_id, repeats=options.repeats)
                try:
                    measure_curate(browser, address, process_id, repeats=options.repeats)
                finally:
                    # It is kept beside the X-rays.
                    delete_selection(folder, SELECTION)
                browser.close()
        print_load()


if __name__ == "__main__":
    main()
