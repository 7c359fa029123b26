"""Runs: open one, lay two over each other, delete one."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.curated]

# Of the charts of accuracy and loss, the lines that the legend names.
CURVES = """() => [...document.querySelectorAll('.js-plotly-plot')].slice(0, 2)
    .map(chart => chart._fullData.filter(trace => trace.showlegend)
        .map(trace => [trace.name.split(':')[0], Math.max(...trace.x)]))"""


@pytest.fixture
def runs(dashboard, second_run, page) -> Page:
    """The page Runs."""
    return dashboard.visit(page, "Runs")


def tick(page: Page, row: int) -> None:
    """Tick a row of the table of runs, counted from 0; the table is a drawing, so this goes by its measures."""
    page.get_by_test_id("stDataFrame").first.click(position={"x": 17, "y": 35 * (row + 1.5)})


def delete(page: Page) -> None:
    """Press Delete in the menu of the chosen runs."""
    page.locator(".st-key-runs_menu").get_by_role("button").first.click()
    page.get_by_text("Delete", exact=True).click()


def row_of(dashboard, run) -> int:
    """Row of a run in the table."""
    return [other.id for other in dashboard.store.list()].index(run.id)


def test_run_ticked_is_opened_with_its_report(dashboard, runs, second_run):
    tick(runs, row_of(dashboard, second_run))
    expect(runs).to_have_url(re.compile(f"run={second_run.id}"))
    expect(runs.get_by_text("Finished: 2 epochs")).to_be_visible()
    expect(runs.get_by_text("What it learned")).to_be_visible()
    runs.reload()
    expect(runs.get_by_text("Finished: 2 epochs")).to_be_visible()


def test_two_runs_ticked_lie_over_each_other_and_say_what_changed(dashboard, runs, first_run, second_run):
    dashboard.visit(runs, "Runs", run=first_run.run.id)
    expect(runs.get_by_text("Finished: 25 epochs")).to_be_visible()
    tick(runs, row_of(dashboard, second_run))
    expect(runs.get_by_role("heading", name=f"Runs {first_run.run.number} and {second_run.number}")).to_be_visible()
    expect(runs.get_by_role("cell", name="0.01", exact=True)).to_be_visible()
    dashboard.settle(runs)
    both = [[f"Run {first_run.run.number}", 25], [f"Run {second_run.number}", 2]]
    runs.wait_for_function(f"both => JSON.stringify(({CURVES})()) === JSON.stringify(both)", arg=[both, both])


@pytest.mark.parametrize("width", [1280, 390])
def test_run_is_deleted_only_once_that_is_confirmed(dashboard, first_run, new_page, width):
    doomed = dashboard.store.create(first_run.run.load_config())
    doomed.request_stop()
    dashboard.wait_until(lambda: doomed.status().state == "stopped", "the run has stopped")
    page = dashboard.visit(new_page(width=width), "Runs", run=doomed.id)
    delete(page)
    page.get_by_role("dialog").get_by_role("button", name="Keep").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert doomed.path.exists()
    delete(page)
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Tick a run to open it")).to_be_visible()
    assert not doomed.path.exists()
    assert first_run.run.path.exists()
