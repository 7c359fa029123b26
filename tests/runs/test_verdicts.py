"""The verdict of an audit beside a run: its own, else that on the default settings, else none."""

from dataclasses import replace

import pytest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.runs.audits import write_part
from covidlab.runs.jobs import Job
from covidlab.runs.report_text import report_lines
from covidlab.runs.run_card import card_json, read_card, run_card
from covidlab.runs.run_card_picture import card_png
from covidlab.runs.store import Run, RunStore
from covidlab.runs.verdicts import verdict_lines, verdict_on, verdict_on_set
from tests.audit.test_verdict import BLACK, WHOLE, ladder

CONFIG = TrainingConfig(dataset="films")
FIGURE = {"value": 0.9, "low": 0.6, "high": 0.98, "n": 10}


@pytest.fixture
def run() -> Run:
    made = RunStore().create(CONFIG, fingerprint="of the set")
    made.write_report({"accuracy": FIGURE})
    return made


def audited(of: Run | None, *, fingerprint="of the set", difference=(0.018, -0.05, 0.08)) -> Run:
    """An audit that found how much is lost without the lungs, of a run or of the default settings."""
    asked = {"audit": {"parts": ["ladder"], "run": of.id if of else None}}
    audit = RunStore().create(CONFIG, job=Job.AUDIT, fingerprint=fingerprint, asked=asked)
    write_part(audit, "ladder", version=1, seconds=1.0, found=ladder(WHOLE, BLACK, difference)["ladder"])
    return audit


def test_verdict_is_none_without_an_audit_of_the_same_x_rays(run):
    audited(None, fingerprint="of another set")
    assert verdict_on(run) is None
    assert verdict_lines(run) == []


def test_verdict_on_the_default_settings_is_said_to_be_that(run):
    audited(None)
    assert not verdict_on(run).is_own
    line, not_established = verdict_lines(run)
    assert line.startswith("Audit of the default settings on these X-rays: ")
    assert not_established.startswith("What it does not establish")


def test_verdict_on_the_run_itself_comes_before_that_on_the_default_settings(run):
    audited(run)
    audited(None)
    assert verdict_on(run).is_own
    assert verdict_lines(run)[0].startswith("Audit: ")


def test_verdict_on_another_run_is_none_of_this_one(run):
    audited(RunStore().create(replace(CONFIG, seed=5), fingerprint="of the set"))
    assert verdict_on(run) is None


def test_verdict_stands_in_the_report_of_the_command_line_as_it_is_now(run):
    assert "Audit" not in " ".join(report_lines(run))
    audited(run)
    assert any(line.startswith("Audit: ") and "n = 50" in line for line in report_lines(run))
    assert "verdict" not in (run.report() or {})


def test_verdict_stands_on_the_card_of_a_run(run):
    plain = card_png(run_card(run))
    audited(run)
    card = run_card(run)
    assert list(card.verdict) == verdict_lines(run)
    assert card.verdict[0] in card_json(card)
    assert card_png(card) != plain
    # What a card from elsewhere says is not believed.
    assert read_card(card_json(card)).verdict == ()


def test_verdict_on_a_set_is_that_on_the_default_settings(make_dataset):
    catalog = load_catalog(make_dataset({"covid": 2, "normal": 2}))
    assert verdict_on_set(catalog) is None
    audited(RunStore().create(CONFIG, fingerprint=catalog.fingerprint), fingerprint=catalog.fingerprint)
    assert verdict_on_set(catalog) is None
    audited(None, fingerprint=catalog.fingerprint)
    assert verdict_on_set(catalog).line.startswith("Audit of the default settings on these X-rays")
