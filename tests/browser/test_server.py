"""The server computes nothing: after every feature was used it holds no TensorFlow; a reader that dies costs one sentence."""

import re
import signal
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.browser.few import FEW

pytestmark = [pytest.mark.browser, pytest.mark.curated]

UPLOAD = "input[type=file]"
ANSWER = re.compile("this X-ray resembles the .* X-rays it learned from|No clear answer|No number is shown")
ROWS = "[class*='st-key-predict_row_']"
LEARNS = ("tensorflow", "keras")
# Milliseconds until a process that loads TensorFlow has answered, beside whatever else is being tested.
FIRST_ANSWER = 180_000


def read_a_sample_and_an_upload(dashboard, page: Page, film: Path) -> None:
    dashboard.visit(page, "Predict", film=f"covid/{film.name}")
    expect(page.get_by_text(ANSWER).first).to_be_visible()
    page.set_input_files(UPLOAD, film)
    expect(page.locator(ROWS)).to_have_count(1, timeout=FIRST_ANSWER)


def curate_and_add(dashboard, page: Page, film: Path) -> None:
    dashboard.visit(page, "Curate")
    # The set has a selection already, so that the form for another one is behind a button.
    page.get_by_test_id("stPopover").filter(has_text="New").get_by_role("button").click()
    page.get_by_placeholder("for example: without arrows").fill("fewer")
    page.get_by_role("button", name="Create").click()
    # Until the new selection is there, the decisions on the page are those of the one before.
    expect(page.get_by_text("0 dropped, 0 relabelled.", exact=True)).to_be_visible()
    page.locator(".st-key-curate_film_0").get_by_role("radio", name="Drop").click()
    expect(page.get_by_text("1 dropped, 0 relabelled.")).to_be_visible()
    dashboard.visit(page, "Curate", curate_tab="Add X-rays")
    page.get_by_placeholder("for example: my X-rays").fill("mine")
    page.keyboard.press("Tab")
    page.set_input_files(UPLOAD, film)
    page.get_by_role("button", name="Look through").click()
    expect(page.get_by_text("1 X-ray without a class.")).to_be_visible()


def modules_of(dashboard) -> list[str]:
    """Names of the modules the server has loaded."""
    place = dashboard.home / "modules.txt"
    place.unlink(missing_ok=True)
    dashboard.server.send_signal(signal.SIGUSR1)
    dashboard.wait_until(place.exists, "the server has named its modules")
    return place.read_text().splitlines()


def reader_of(dashboard) -> psutil.Process | None:
    """The process that predicts."""
    for process in dashboard.processes():
        # One that has just ended has no command any more.
        with suppress(psutil.Error):
            if "covidlab.services.reader_process" in process.cmdline():
                return process
    return None


def test_server_holds_no_tensorflow_after_every_feature_was_used(dashboard, page, curated):
    film = sorted((curated / "covid").iterdir())[0]
    dashboard.visit(page)
    dashboard.visit(page, "Browse", film=f"covid/{film.name}")
    run = dashboard.begin(page, train_selection=FEW, train_views=1, train_epochs=2)
    dashboard.wait_until(lambda: run.status().state == "finished", "the run is finished", seconds=240)
    expect(page.get_by_text("What it learned")).to_be_visible()
    dashboard.visit(page, "Runs", run=run.id)
    expect(page.get_by_text("What it learned")).to_be_visible()
    read_a_sample_and_an_upload(dashboard, page, film)
    curate_and_add(dashboard, page, film)
    dashboard.visit(page, "About")

    modules = modules_of(dashboard)
    assert "covidlab.services.reader" in modules
    assert [name for name in modules if name.split(".")[0] in LEARNS] == []
    maps = Path(f"/proc/{dashboard.server.pid}/maps").read_text()
    assert "cv2" in maps
    assert [name for name in LEARNS if name in maps] == []
    reader_maps = Path(f"/proc/{reader_of(dashboard).pid}/maps").read_text()
    assert "tensorflow" in reader_maps


def test_reader_killed_over_a_request_says_one_sentence_and_another_try_reads_the_film(dashboard, page, curated):
    film = sorted((curated / "covid").iterdir())[1]
    read_a_sample_and_an_upload(dashboard, page, film)
    reader = reader_of(dashboard)
    # The kernel ends it as soon as it works again: over the request, neither before nor after.
    reader.rlimit(psutil.RLIMIT_CPU, (1, 3600))
    page.set_input_files(UPLOAD, sorted((curated / "normal").iterdir())[0])
    expect(page.get_by_role("alert").filter(has_text="ended unexpectedly")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(ROWS)).to_have_count(2, timeout=FIRST_ANSWER)
    expect(page.get_by_role("alert").filter(has_text="ended unexpectedly")).to_have_count(0)
    assert reader_of(dashboard).pid != reader.pid


def test_reader_and_sandbox_end_with_the_server_and_the_worker_lives_on(dashboard, page, curated):
    dashboard.visit(page, "Predict", film=f"covid/{sorted((curated / 'covid').iterdir())[0].name}")
    expect(page.get_by_text(ANSWER).first).to_be_visible()
    assert reader_of(dashboard)
    workers = dashboard.workers()
    dashboard.kill_server()
    page.goto("about:blank")
    dashboard.wait_until(lambda: dashboard.processes() == workers, "the processes of the server have ended")
    # For the tests that come after these.
    dashboard.start()
