"""Train when the server or the worker is killed in the middle of a run."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.curated]


def test_server_killed_in_the_middle_training_goes_on_and_page_finds_it_again(dashboard, long_run, page, problems):
    drawn = dashboard.epochs_drawn(page, long_run)
    dashboard.kill_server()
    dashboard.wait_until(lambda: long_run.status().epoch >= drawn + 2, "the worker trains on without a server")
    dashboard.start()
    dashboard.wait_for_epochs(page, long_run, drawn + 2)
    expect(page.get_by_role("heading", name=f"Run {long_run.number}", exact=True)).to_be_visible()
    assert long_run.status().state == "running"
    # What the browser said of the lost connection.
    problems.clear()


def test_worker_killed_in_the_middle_run_resumes_and_finishes(dashboard, page):
    run = dashboard.begin(page, train_fine_tune="block5", train_views=1, train_epochs=3)
    dashboard.wait_for_epochs(page, run, 1)
    dashboard.kill_worker()
    expect(page.get_by_text("Finished: 3 epochs")).to_be_visible(timeout=90_000)
    assert run.history()["epoch"].tolist() == [1, 2, 3]
    assert run.facts["resumes"] == 1
    assert "Interrupted after epoch" in (run.path / "log.txt").read_text()
    assert len(dashboard.workers()) == 1
