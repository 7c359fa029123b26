"""The tab Sweep on Train: trials as they come, the luck meter, the best trial made a run."""

import re

import pytest
from playwright.sync_api import expect

from covidlab.runs.jobs import Job
from covidlab.runs.sweep_text import best_trials
from covidlab.runs.trials import load_trials
from tests.browser.conftest import TIMEOUT_SECONDS, press_only
from tests.browser.few import FEW

pytestmark = [pytest.mark.browser, pytest.mark.curated]

# The trials as lines through parallel axes.
HAS_LINES = "() => document.querySelector('.st-key-sweep_lines .js-plotly-plot')?._fullData?.[0]?.type === 'parcoords'"
# A worker that loads TensorFlow, beside whatever else is being tested.
MOST_MS = 3 * TIMEOUT_SECONDS * 1000


def test_sweep_draws_its_trials_and_its_best_one_is_made_a_run(dashboard, page):
    dashboard.stop_all()
    dashboard.visit(page, "Train", train_tab="Sweep", train_preset="original", train_views=1, train_selection=FEW)
    trials = page.get_by_role("slider", name="Trials")
    trials.press("Home")
    expect(trials).to_have_value("10")
    dashboard.settle(page)
    known = len(dashboard.store.list())
    press_only(page.locator(".st-key-sweep_start button"))
    dashboard.wait_until(lambda: len(dashboard.store.list()) > known, "Start makes a sweep")
    sweep = dashboard.store.list()[0]
    assert sweep.load_job() == Job.SWEEP
    expect(page.get_by_role("heading", name=f"Run {sweep.number}: sweep")).to_be_visible()
    page.wait_for_function(HAS_LINES, timeout=MOST_MS)
    expect(page.get_by_text("Luck meter", exact=True)).to_be_visible(timeout=MOST_MS)
    found = load_trials(sweep)
    assert len(found) == 10
    best = best_trials(found)[0]
    press_only(page.get_by_role("button", name=f"Make trial {best.number} a run"))
    dashboard.wait_until(lambda: len(dashboard.store.list()) > known + 1, "the trial is made a run")
    run = dashboard.store.list()[0]
    expect(page).to_have_url(re.compile(f"run={run.id}"))
    expect(dashboard.heading_of(page, run)).to_be_visible()
    made = run.load_config()
    assert (made.learning_rate, made.batch_size, made.epochs) == (
        best.settings.learning_rate,
        best.settings.batch_size,
        best.settings.epochs,
    )
    dashboard.stop_all()
