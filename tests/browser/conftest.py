"""A real dashboard in a real browser: Streamlit's server, the worker it starts, and Chromium."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import psutil
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect, sync_playwright

from covidlab.runs.store import Run, RunStore

REPOSITORY = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
DESK, TELEPHONE = 1280, 390
HEIGHT = 900

# Two cores that also train: generous, since every wait ends as soon as its condition holds.
TIMEOUT_SECONDS = 30

# Block 5 learns for minutes at this setting: long enough to refresh, stop or kill whatever is to be killed.
LONG_RUN = {"train_preset": "original", "train_fine_tune": "block5", "train_views": 1, "train_epochs": 100}

_SETTLED = """() => document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-testid="stSkeleton"]')"""
_POINTS = """name => Math.max(0, ...[...document.querySelectorAll('.js-plotly-plot')].flatMap(chart =>
    (chart.data ?? []).filter(trace => trace.name === name).map(trace => trace.x?.length ?? 0)))"""
# Streamlit scrolls inside its main part, so the document alone would never be seen to be too wide.
_TOO_WIDE = """() => [document.documentElement, document.querySelector('[data-testid="stMain"]')]
    .some(part => part.scrollWidth > part.clientWidth)"""


class Dashboard:
    """A server with a COVIDLAB_HOME of its own; every process that it starts ends with it."""

    def __init__(self, home: Path, dataset: Path):
        self.home = home
        self.store = RunStore(home / "runs")
        self._dataset = dataset
        self._port = free_port()
        self._server: subprocess.Popen | None = None

    def start(self) -> "Dashboard":
        """Start the server and wait until it answers."""
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self._port)]
        temporary = self.home / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        places = {"COVIDLAB_HOME": self.home, "COVIDLAB_DATASET": self._dataset, "TMPDIR": temporary}
        with open(self.log_path, "ab") as log:
            self._server = subprocess.Popen(
                command,
                cwd=REPOSITORY,
                env={**os.environ, **{name: str(place) for name, place in places.items()}},
                stdout=log,
                stderr=log,
            )
        wait_until(self._answers, "the server answers")
        return self

    def kill_server(self) -> None:
        """End the server as a fault would; the worker lives on."""
        self._server.kill()
        self._server.wait()

    def kill_worker(self) -> None:
        """End the worker as a fault would."""
        worker = psutil.Process(json.loads((self.home / "worker.json").read_text())["pid"])
        worker.kill()
        worker.wait()

    def close(self) -> None:
        """End the server and the worker, also one that is still loading and has not said its name yet."""
        family = self.processes()
        for process in family:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(family, timeout=10)
        self._server.wait()

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

    @property
    def log_path(self) -> Path:
        """What the server prints."""
        return self.home / "server.log"

    @property
    def newest(self) -> Run:
        """The run created last."""
        return self.store.list()[0]

    def address(self, name: str = "", **query: str | int) -> str:
        """Address of a page; "" is Home."""
        return f"http://localhost:{self._port}/{name}" + (f"?{urlencode(query)}" if query else "")

    def visit(self, page: Page, name: str = "", **query: str | int) -> Page:
        """Go to a page by its address and wait until it is drawn."""
        page.goto(self.address(name, **query))
        return settle(page)

    def begin(self, page: Page, **settings: str | int) -> Run:
        """Start a run on Train with settings given in the address; return it once it is queued."""
        self.visit(page, "Train", **settings)
        known = len(self.store.list())
        page.get_by_role("button", name="Start").click()
        wait_until(lambda: len(self.store.list()) > known, "Start made a run")
        return self.newest

    def stop_all(self) -> None:
        """Stop every run and wait until nothing trains."""
        for run in self.store.list():
            if run.status().is_active:
                run.request_stop()
        wait_until(lambda: self.store.active() is None, "all runs have stopped")

    def _answers(self) -> bool:
        if self._server.poll() is not None:
            raise AssertionError(f"the server ended: {self.log_path.read_text()}")
        with suppress(URLError, ConnectionError), urlopen(self.address("_stcore/health"), timeout=2) as answer:
            return answer.status == 200
        return False


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as candidate:
        candidate.bind(("localhost", 0))
        return candidate.getsockname()[1]


def wait_until(condition: Callable[[], bool], what: str, *, seconds: float = TIMEOUT_SECONDS) -> float:
    """Wait for a condition outside the browser; return the seconds it took, fail saying ``what`` did not come."""
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > seconds:
            pytest.fail(f"not within {seconds:g} s: {what}")
        time.sleep(0.02)
    return time.monotonic() - begun


def settle(page: Page) -> Page:
    """Wait until the page is drawn to its end."""
    page.wait_for_function(_SETTLED)
    return page


def curve_points(page: Page, *, curve: str = "validation") -> int:
    """Number of points of a curve that the charts in the page hold at this moment."""
    return page.evaluate(_POINTS, curve)


def wait_for_points(page: Page, at_least: int) -> int:
    """Wait until the validation curve has at least so many points; return how many it has."""
    page.wait_for_function(f"least => ({_POINTS})('validation') >= least", arg=at_least)
    return curve_points(page)


def is_too_wide(page: Page) -> bool:
    """True where a person would have to scroll sideways."""
    return page.evaluate(_TOO_WIDE)


def main_part(page: Page) -> Locator:
    """The page without its sidebar."""
    return page.get_by_test_id("stMain")
