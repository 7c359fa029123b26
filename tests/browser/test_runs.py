"""Runs: open one, lay two over each other, delete one."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.curated]

# Height of a row of Streamlit's table, and the middle of its column of tick boxes.
ROW, TICK = 35, 17


def tick(page, row: int) -> None:
    """Tick a row of the table of runs, counted from 0."""
    page.get_by_test_id("stDataFrame").first.click(position={"x": TICK, "y": ROW * (row + 1.5)})


@pytest.fixture
def second_run(dashboard, first_run):
    """A run that somebody stopped before it began, with another learning rate than the first."""
    run = dashboard.store.create(replace(first_run.run.config, learning_rate=0.01))
    run.request_stop()
    dashboard.wait_until(lambda: run.status().state == "stopped", "the run has stopped")
    return run
