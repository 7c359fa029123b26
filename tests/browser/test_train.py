"""Train: the curve grows, one run for all viewers, many clicks, a server and a worker that are killed, Stop."""

import itertools
import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.curated]


def test_curve_of_first_run_grows_while_it_trains(first_run):
    steps = list(itertools.pairwise(first_run.epochs_drawn))
    assert sum(after > before for before, after in steps) >= 2
    assert not any(after < before for before, after in steps), "the curve shrank on its way"
    assert "train_preset=original" in first_run.address


def test_first_run_at_its_end_shows_its_report(dashboard, first_run, page):
    page.goto(first_run.address)
    expect(page.get_by_text("Finished: 25 epochs")).to_be_visible()
    dashboard.wait_for_epochs(page, first_run.run, 25)
    for text in ("What it learned", "ROC curve", "Confusion matrix", "Every validation X-ray"):
        expect(page.get_by_text(text).first).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(4)
    expect(page.locator(".confusion button.confusion-cell")).to_have_count(4)
    # Every X-ray of the set, at the end of the run until somebody goes back, by the keys, to before it.
    dots, epoch = page.locator(".learning-dots"), page.locator(".learning-epoch")
    expect(dots).to_have_attribute("aria-label", re.compile("^12 X-rays"))
    expect(epoch).to_have_text("After epoch 25 of 25")
    dots.press("Home")
    expect(epoch).to_have_text("Before learning")
    report = first_run.run.report()
    assert first_run.run.history()["epoch"].tolist() == list(range(1, 26))
    assert report["accuracy"]["n"] == len(first_run.run.predictions()) >= 2
    assert report["cross_validation"]["accuracy"]["n"] == 12


def test_slider_moved_state_is_in_address_and_survives_reload(dashboard, page):
    dashboard.visit(page, "Train", train_learning_rate=0.01)
    epochs = page.get_by_role("slider", name="Epochs")
    epochs.press("ArrowRight")
    expect(page).to_have_url(re.compile("train_epochs=26"))
    page.reload()
    expect(epochs).to_have_value("26")
    expect(page.locator(".st-key-train_learning_rate")).to_contain_text("0.01")


def test_page_reloaded_in_the_middle_shows_same_run_and_starts_no_second(dashboard, long_run, page):
    num_runs = len(dashboard.store.list())
    page.reload()
    expect(dashboard.heading_of(page, long_run)).to_be_visible()
    dashboard.wait_for_epochs(page, long_run, 2)
    assert len(dashboard.store.list()) == num_runs
    assert len(dashboard.workers()) == 1


def test_run_is_watched_without_a_run_of_the_page(dashboard, long_run, new_page):
    sent, tab = [], new_page()

    def note_questions(socket) -> None:
        socket.on("framesent", lambda frame: sent.append(len(frame)))

    tab.on("websocket", note_questions)
    dashboard.visit_train(tab, long_run)
    dashboard.settle(tab)
    drawn = dashboard.epochs_drawn(tab, long_run)
    asked = len(sent)
    dashboard.wait_for_epochs(tab, long_run, drawn + 2)
    assert len(sent) == asked > 0
    assert long_run.status().state == "running"


def test_tab_that_is_hidden_stops_listening_and_listens_again_when_it_is_seen(dashboard, long_run, new_page):
    tab = new_page()
    with tab.expect_request(re.compile(r"/api/v1/runs/.*/events")):
        dashboard.visit_train(tab, long_run)
    dashboard.wait_for_epochs(tab, long_run, 1)
    hide = "value => { Object.defineProperty(document, 'hidden', {configurable: true, get: () => value}); document.dispatchEvent(new Event('visibilitychange')); }"
    with tab.expect_event("requestfailed", lambda request: request.url.endswith("/events")):
        tab.evaluate(hide, True)
    drawn = dashboard.epochs_drawn(tab, long_run)
    with tab.expect_request(re.compile(r"/api/v1/runs/.*/events")):
        tab.evaluate(hide, False)
    dashboard.wait_for_epochs(tab, long_run, drawn + 1)


def test_start_pressed_in_three_tabs_at_once_makes_three_runs_and_trains_one(dashboard, long_run, page, new_page):
    known = {run.id for run in dashboard.store.list()}
    tabs = [page, new_page(), new_page()]
    for tab in tabs[1:]:
        tab.goto(dashboard.address("Train", train_preset="original"))
        expect(dashboard.heading_of(tab, long_run)).to_be_visible()
    for tab in tabs:
        dashboard.press_start(tab)
    dashboard.wait_until(lambda: len(dashboard.store.list()) >= len(known) + 3, "each tab makes a run")
    begun = [run for run in dashboard.store.list() if run.id not in known]
    assert [run.status().state for run in begun] == ["queued"] * 3
    assert long_run.status().state == "running"
    assert len(dashboard.workers()) == 1
    dashboard.stop(begun)


def test_start_clicked_fast_makes_no_more_runs_than_clicks(dashboard, long_run, page):
    known = {run.id for run in dashboard.store.list()}
    for _ in range(5):
        dashboard.press_start(page)
    # Streamlit merges clicks that come while it is busy, so there may be fewer.
    dashboard.wait_until(lambda: len(dashboard.store.list()) > len(known), "clicks make runs")
    expect(dashboard.heading_of(page, long_run)).to_have_count(0)
    begun = [run for run in dashboard.store.list() if run.id not in known]
    assert [run.status().state for run in begun] == ["queued"] * len(begun)
    assert 1 <= len(begun) <= 5
    dashboard.stop(begun)


def test_server_killed_in_the_middle_training_goes_on_and_page_finds_it_again(dashboard, long_run, page, problems):
    drawn = dashboard.epochs_drawn(page, long_run)
    dashboard.kill_server()
    dashboard.wait_until(lambda: long_run.status().epoch >= drawn + 2, "the worker trains on without a server")
    dashboard.start()
    dashboard.wait_for_epochs(page, long_run, drawn + 2)
    expect(dashboard.heading_of(page, long_run)).to_be_visible()
    assert long_run.status().state == "running"
    # What the browser said of the lost connection.
    problems.clear()


def test_worker_killed_in_the_middle_run_resumes_by_itself(dashboard, long_run, page):
    dashboard.kill_worker()
    drawn = dashboard.epochs_drawn(page, long_run)
    dashboard.wait_for_epochs(page, long_run, drawn + 1)
    epochs = long_run.history()["epoch"].tolist()
    assert epochs == list(range(1, len(epochs) + 1))
    assert long_run.load_facts()["resumes"] == 1
    assert "Interrupted after epoch" in (long_run.path / "log.txt").read_text()
    assert len(dashboard.workers()) == 1


def test_run_stopped_in_a_second_tab_ends_soon_for_both_and_keeps_its_epochs(dashboard, long_run, page, new_page):
    second = new_page(width=390)
    second.goto(dashboard.address("Train"))
    expect(dashboard.heading_of(second, long_run)).to_be_visible()
    dashboard.wait_for_epochs(second, long_run, 1)
    dashboard.press_stop(second)
    # Ten seconds are held by the test of the worker alone; here other processes of tests may take every core.
    dashboard.wait_until(lambda: long_run.status().state == "stopped", "the run stops", seconds=20)
    epochs = long_run.history()["epoch"].tolist()
    assert epochs == list(range(1, long_run.status().epoch + 1)) != []
    for tab in (second, page):
        expect(tab.get_by_text(f"Stopped after epoch {len(epochs)}")).to_be_visible()
        expect(tab.get_by_text("What it learned")).to_be_visible()
        dashboard.wait_for_epochs(tab, long_run, len(epochs))
        assert dashboard.epochs_drawn(tab, long_run) == len(epochs)


def test_run_stopped_before_its_first_epoch_says_so(dashboard, first_run, page):
    # An epoch of block 5 takes seconds even where another test has computed its activations.
    run = dashboard.begin(page, train_preset="default", train_fine_tune="block5", train_batch_size=4)
    expect(dashboard.heading_of(page, run)).to_be_visible()
    dashboard.press_stop(page)
    # As above.
    dashboard.wait_until(lambda: run.status().state == "stopped", "the run stops", seconds=20)
    expect(page.get_by_test_id("stMain").get_by_text("Stopped").first).to_be_visible()
    assert run.history().empty


def test_start_reached_by_keyboard_begins_a_run(dashboard, page):
    dashboard.visit(page, "Train", train_preset="original", train_epochs=1)
    num_runs = len(dashboard.store.list())
    focused = "() => document.activeElement.closest('.st-key-train_start') !== null"
    tabs = next(tabs for tabs in range(1, 60) if page.keyboard.press("Tab") or page.evaluate(focused))
    page.keyboard.press("Enter")
    dashboard.wait_until(lambda: len(dashboard.store.list()) == num_runs + 1, f"Enter after {tabs} tabs starts a run")
    dashboard.stop_all()
