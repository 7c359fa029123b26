"""A real dashboard in a real browser: Streamlit's server, the worker it starts, and Chromium."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect, sync_playwright

from covidlab.runs.store import Run, RunStore
from tests.browser.few import FEW, select_few
from tests.homes import compute_once

REPOSITORY = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
# Streamlit itself, which tells its modules when asked.
SERVER = Path(__file__).with_name("server.py")
CHROMIUM_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")

# Two cores that also train: generous, since every wait ends as soon as its condition holds.
TIMEOUT_SECONDS = 60

# Block 5 learns for minutes: long enough to reload, stop or kill whatever is to be reloaded, stopped or killed. On few X-rays
# the next epoch, for which most of these tests wait, is soon done.
ON_FEW = {"train_selection": FEW}
LONG_RUN = {"train_fine_tune": "block5", "train_views": 1, "train_batch_size": 32, "train_epochs": 500, **ON_FEW}

# Milliseconds between two looks of a wait. At each frame, which is what is waited for by default, the browser would draw frame
# after frame for it, and take a core from what is waited for.
LOOK_EVERY = 50

# By their keys, since Streamlit shows a button "Stop" of its own while it draws a page.
START, STOP = ".st-key-train_start button", ".st-key-train_stop button"

# Until the page has begun, its heading is missing; until a widget is loaded, a skeleton stands in its place.
SETTLED = """() => document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === 'notRunning'
    && document.querySelector('h1') && !document.querySelector('[data-testid="stSkeleton"]')"""
# What Plotly draws (_fullData), since what it was given (data) is packed; of one run, since a run before may still be seen.
EPOCHS_DRAWN = """id => [...document.querySelector(`.st-key-curve_${id}_accuracy .js-plotly-plot`)
    ?._fullData?.find(trace => trace.name === 'validation')?.y ?? []].filter(Number.isFinite).length"""


class Dashboard:
    """A server with a COVIDLAB_HOME of its own; every process that it starts ends with it.

    Where nobody trains, a mock stands for the worker, and where nobody reads, a process without a network for the one that
    predicts: both would load TensorFlow for nothing.
    """

    def __init__(self, home: Path, dataset: Path, *, trains: bool, reads: bool):
        self.home = home
        self.store = RunStore(home / "runs")
        self._dataset = dataset
        self._stand_ins = {"COVIDLAB_ENGINE": "local" if trains else "mock"}
        if not reads:
            self._stand_ins["QUICK_READER"] = "1"
        self._port = free_port()
        self.server: subprocess.Popen | None = None

    def start(self) -> "Dashboard":
        """Start the server and wait until it answers."""
        command = [sys.executable, SERVER, "run", "app.py", "--server.port", str(self._port)]
        places = {"COVIDLAB_HOME": self.home, "COVIDLAB_DATASET": self._dataset, "TMPDIR": self.home / "tmp"}
        (self.home / "tmp").mkdir(exist_ok=True)
        environment = {**os.environ, **{name: str(place) for name, place in places.items()}, **self._stand_ins}
        with open(self.home / "server.log", "ab") as log:
            self.server = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=log, stderr=log)
        self.wait_until(self._answers, "the server answers")
        return self

    def kill_server(self) -> None:
        """End the server as a fault would; the worker lives on."""
        self.server.kill()
        self.server.wait()

    def kill_worker(self) -> None:
        """End the worker as a fault would."""
        worker = psutil.Process(json.loads((self.home / "worker.json").read_text())["pid"])
        worker.kill()
        psutil.wait_procs([worker], timeout=10)

    def close(self) -> None:
        """End the server and the worker, also one that is still loading and has not said its name yet."""
        family = self.processes()
        for process in family:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(family, timeout=10)
        self.server.wait()

    def processes(self) -> list[psutil.Process]:
        """Every living process that was given this home."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get("COVIDLAB_HOME") == str(self.home):
                    found.append(process)
        return found

    def workers(self) -> list[psutil.Process]:
        """Every living worker of this home."""
        return [process for process in self.processes() if process.cmdline()[-1:] == ["worker"]]

    def address(self, name: str = "", **query: str | int) -> str:
        """Address of a page; "" is Home."""
        return f"http://localhost:{self._port}/{name}" + (f"?{urlencode(query, doseq=True)}" if query else "")

    def visit(self, page: Page, name: str = "", **query: str | int | list[str]) -> Page:
        """Go to a page by its address and wait until it is drawn."""
        page.goto(self.address(name, **query))
        return self.settle(page)

    def visit_train(self, page: Page, run: Run) -> None:
        """Go to Train, where a run is under way."""
        page.goto(self.address("Train", run=run.id, **{"train_preset": "original", **LONG_RUN}))
        expect(self.heading_of(page, run)).to_be_visible()

    def heading_of(self, page: Page, run: Run) -> Locator:
        """The heading that names a run, e.g. "Run 11, rate 0.003, real fifty"."""
        return page.get_by_role("heading", name=re.compile(rf"^Run {run.number},"))

    def begin(self, page: Page, **settings: str | int) -> Run:
        """Press Start on Train, its settings (preset original if not stated) in the address; return the new run."""
        self.stop_all()
        self.visit(page, "Train", **{"train_preset": "original", **settings})
        known = len(self.store.list())
        self.press_start(page)
        self.wait_until(lambda: len(self.store.list()) > known, "Start makes a run")
        return self.store.list()[0]

    def stop_all(self) -> None:
        """Stop every run and wait until nothing trains."""
        self.stop(self.store.list())
        self.wait_until(lambda: self.store.active() is None, "all runs have stopped")

    @staticmethod
    def stop(runs: list[Run]) -> None:
        """Ask those of these runs to stop that wait or train."""
        for run in runs:
            if run.status().is_active:
                run.request_stop()

    @staticmethod
    def press_start(page: Page) -> None:
        """Press Start on Train."""
        press_only(page.locator(START))

    @staticmethod
    def press_stop(page: Page) -> None:
        """Press Stop on Train."""
        press_only(page.locator(STOP))

    @staticmethod
    def settle(page: Page) -> Page:
        """Wait until the page is drawn to its end; also of one that shows a run under way."""
        # A first answer on Predict waits for a process that loads TensorFlow, beside whatever else is being tested.
        page.wait_for_function(SETTLED, timeout=3 * TIMEOUT_SECONDS * 1000, polling=LOOK_EVERY)
        return page

    @staticmethod
    def epochs_drawn(page: Page, run: Run) -> int:
        """Number of epochs that the validation curve of a run shows in the page at this moment."""
        return page.evaluate(EPOCHS_DRAWN, run.id)

    @staticmethod
    def wait_for_epochs(page: Page, run: Run, at_least: int) -> None:
        """Wait until the validation curve of a run shows so many epochs in the page."""
        enough = f"([id, atLeast]) => ({EPOCHS_DRAWN})(id) >= atLeast"
        # The first epoch of block 5 passes its X-rays through VGG16, beside whatever else is being tested.
        timeout = 3 * TIMEOUT_SECONDS * 1000
        page.wait_for_function(enough, arg=[run.id, at_least], timeout=timeout, polling=LOOK_EVERY)

    @staticmethod
    def wait_until(condition: Callable[[], bool], what: str, *, seconds: float = TIMEOUT_SECONDS) -> float:
        """Wait for a condition outside the browser; return the seconds it took, fail saying ``what`` did not come."""
        # Looking costs the training some of the two cores, so not too often.
        begun = time.monotonic()
        while not condition():
            if time.monotonic() - begun > seconds:
                pytest.fail(f"not within {seconds:g} s: {what}")
            time.sleep(0.1)
        return time.monotonic() - begun

    def _answers(self) -> bool:
        if self.server.poll() is not None:
            pytest.fail(f"the server ended: {(self.home / 'server.log').read_text()}")
        # The port is bound before the server is loaded, so on a busy machine the first questions wait too long.
        with suppress(OSError), urlopen(self.address("_stcore/health"), timeout=2) as answer:
            return answer.status == 200
        return False


def press_only(button: Locator) -> None:
    """Press a button once it is the only one to be seen."""
    # Streamlit draws a button with a hint twice, for narrow and for wide pages, and hides one.
    # While a page is drawn anew, the old button stands beside the new one for a moment.
    visible = button.filter(visible=True)
    expect(visible).to_have_count(1)
    visible.click()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as candidate:
        candidate.bind(("localhost", 0))
        return candidate.getsockname()[1]


@dataclass(frozen=True)
class WatchedRun:
    """A run and what its page showed: epochs of the curve, look after look, and the address at the end."""

    run: Run
    epochs_drawn: list[int]
    address: str


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Chromium without a window and with a fresh profile."""
    if not CHROMIUM.exists():
        reason = f"there is no browser at {CHROMIUM}: install Debian's package chromium"
        if "browser" in os.environ.get("COVIDLAB_REQUIRE", ""):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    expect.set_options(timeout=TIMEOUT_SECONDS * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def make_dashboard(chromium, curated, tmp_path_factory, activations_of_all_tests) -> Iterator[Callable[..., Dashboard]]:
    """Return a function that starts a dashboard with an empty home, on the curated films or those in another folder.

    Where nobody trains nobody reads either, unless a test says so.
    """
    dashboards = []

    def make(films: Path = curated, *, trains: bool = True, reads: bool | None = None) -> Dashboard:
        home = tmp_path_factory.mktemp("dashboard")
        compute_once(home, activations_of_all_tests)
        dashboards.append(Dashboard(home, films, trains=trains, reads=trains if reads is None else reads))
        return dashboards[-1].start()

    yield make
    with ThreadPoolExecutor() as pool:
        list(pool.map(Dashboard.close, dashboards))


@pytest.fixture(scope="package")
def dashboard(make_dashboard, curated, tmp_path_factory) -> Dashboard:
    """The dashboard that these tests share, with a selection of few X-rays; whoever trains on it leaves it idle."""
    films = tmp_path_factory.mktemp("shared films") / "fifty"
    shutil.copytree(curated, films)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COVIDLAB_HOME", str(tmp_path_factory.mktemp("home")))
        select_few(films)
    return make_dashboard(films)


@pytest.fixture(scope="package")
def empty_dashboard(make_dashboard) -> Dashboard:
    """The dashboard that tests share on which nobody has trained, and nobody does."""
    return make_dashboard(trains=False)


@pytest.fixture
def problems() -> list[str]:
    """What the pages of this test complained of in the console; a test that expects complaints clears it."""
    return []


@pytest.fixture(scope="package")
def context(chromium) -> Iterator[BrowserContext]:
    """The windows of one browser: what Streamlit sends each of them alike is fetched and compiled once."""
    context = chromium.new_context()
    context.set_default_timeout(TIMEOUT_SECONDS * 1000)
    yield context
    context.close()


@pytest.fixture
def new_page(context, problems) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page, a visitor to Streamlit; at the end no page may show or have logged an error."""
    pages = []

    def open_page(*, width: int = 1280, theme: str = "light") -> Page:
        page = visitor(context, width=width, theme=theme)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if is_problem(message) else None)
        pages.append(page)
        return page

    yield open_page
    boxes = [box for page in pages for box in page.get_by_test_id("stException").all_inner_texts()]
    for page in pages:
        page.close()
    assert problems + boxes == []


def visitor(context: BrowserContext, *, width: int = 1280, theme: str = "light") -> Page:
    """A window of its own; to be closed."""
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    return page


def is_problem(message: ConsoleMessage) -> bool:
    """True for an error in the console, save for Streamlit's look for its server below the address of a page."""
    look = re.search(r"/\w+/_stcore/(health|host-config)$", message.location.get("url", ""))
    return message.type == "error" and not look


@pytest.fixture
def page(new_page) -> Page:
    """A page at the width of a desk."""
    return new_page()


@pytest.fixture(scope="package")
def first_run(dashboard, context) -> WatchedRun:
    """The run that meets an empty cache: 25 epochs of preset original on few X-rays, watched from Start to its end."""
    page, looks = visitor(context), []
    # Two views: each is computed once, before the curve runs on by itself.
    run = dashboard.begin(page, train_views=2, **ON_FEW)

    def has_ended() -> bool:
        looks.append(dashboard.epochs_drawn(page, run))
        return not run.status().is_active

    dashboard.wait_until(has_ended, "the first run ends", seconds=240)
    watched = WatchedRun(run=run, epochs_drawn=looks, address=page.url)
    page.close()
    return watched


@pytest.fixture(scope="package")
def second_run(dashboard, first_run, context) -> Run:
    """A finished run of 2 epochs with another learning rate than the first."""
    page = visitor(context)
    run = dashboard.begin(page, train_learning_rate=0.01, train_epochs=2, train_views=2, **ON_FEW)
    page.close()
    dashboard.wait_until(lambda: run.status().state == "finished", "the second run is finished")
    return run


@pytest.fixture
def long_run(dashboard, page, runs_end_with_module) -> Run:
    """A run of block 5 that would go on for minutes, shown in ``page``; its first epoch is done.

    The one that another test has left running, or else a new one.
    """
    run = dashboard.store.active()
    if run and run.load_config().epochs == LONG_RUN["train_epochs"] and run.status().state == "running":
        # Also what clicks of the test before began after it had ended.
        dashboard.stop([other for other in dashboard.store.list() if other.id != run.id])
        dashboard.visit_train(page, run)
    else:
        run = dashboard.begin(page, **LONG_RUN)
    dashboard.wait_for_epochs(page, run, 1)
    return run


@pytest.fixture(scope="module")
def runs_end_with_module(dashboard) -> Iterator[None]:
    """Leave nothing training when the tests of a module are done."""
    yield
    dashboard.stop_all()
