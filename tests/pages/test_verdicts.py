"""Every accuracy that a page shows has its n and interval, and where an audit exists its verdict beside it."""

import re
import shutil
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.data.catalog import load_catalog
from covidlab.runs.audits import fingerprint_of, write_part
from covidlab.runs.jobs import Job
from covidlab.runs.recorded_run import bring_recorded_run
from covidlab.runs.store import Run, RunStore
from tests.audit.test_verdict import BLACK, WHOLE, ladder

VERDICT = "With the lungs black the model"
HOME, TRAIN, RUNS, PRESENT = "app.py", "pages/2_Train.py", "pages/3_Runs.py", "pages/6_Present.py"
NAMES = r"\b(?:accuracy|sensitivity|specificity|precision|F1|AUC)\b"
# A figure of a model, then a number that is written as one; and the number alone, as in a table.
FIGURE = re.compile(rf"{NAMES}[^.;|]{{0,60}}?\b[01]\.\d\d\b", re.IGNORECASE)
NUMBER = re.compile(r"(?<![\d+−.])[01]\.\d\d\b")


@pytest.fixture
def runs(curated, monkeypatch, engine) -> list[Run]:
    """Two runs on the fifty, from the recording that comes with covidlab; their models are not there."""
    monkeypatch.setenv("COVIDLAB_DATASET", str(curated))
    first = bring_recorded_run(load_catalog(curated))
    second = RunStore().create(replace(first.load_config(), seed=7), fingerprint=fingerprint_of(first))
    for name in ("report.json", "history.csv", "predictions.csv", "crossvalidation.csv", "status.json"):
        shutil.copyfile(first.path / name, second.path / name)
    second.update_facts(data=first.load_facts()["data"])
    return [first, second]


def audit(run: Run | None, config) -> None:
    """An audit of the fifty that has a verdict on a run, or on the default model."""
    asked = {"audit": {"parts": ["ladder"], "run": run.id if run else None}}
    fingerprint = fingerprint_of(RunStore().list()[0])
    made = RunStore().create(config, job=Job.AUDIT, fingerprint=fingerprint, asked=asked)
    write_part(made, "ladder", version=1, seconds=1.0, found=ladder(WHOLE, BLACK, (0.018, -0.05, 0.08))["ladder"])


def said(app: AppTest) -> list[str]:
    """What each element of text says, without its markup."""
    kinds = (app.markdown, app.caption, app.info, app.success, app.warning, app.error, app.subheader, app.get("html"))
    texts = (getattr(element, "value", None) or element.proto.body for kind in kinds for element in kind)
    return [re.sub(r"<[^>]+>", " ", text).replace("\\", "") for text in texts]


def cells(app: AppTest) -> list[str]:
    """Cells of tables in a row or a column that is named by a figure; changes have their interval, and their n below the table."""
    found = []
    for table in (*app.table, *app.dataframe):
        for column in table.value:
            for row, cell in zip(table.value.index, table.value[column], strict=True):
                if re.search(NAMES, f"{column} {row}", re.IGNORECASE) and not str(column).startswith("Change"):
                    found.append(f"{column} {row}: {cell}")
    return [cell for cell in found if NUMBER.search(cell)]


PLACES = {
    "Home": (HOME, lambda runs: {}),
    "Train": (TRAIN, lambda runs: {"run": runs[0].id}),
    "a run": (RUNS, lambda runs: {"run": runs[0].id}),
    "runs compared": (RUNS, lambda runs: {"run": [run.id for run in runs]}),
    "splits on Present": (PRESENT, lambda runs: {"step": "5", "run": runs[0].id}),
    "what was learned on Present": (PRESENT, lambda runs: {"step": "6", "run": runs[0].id}),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_page_shows_the_verdict_and_each_accuracy_with_n_and_interval(draw, runs, place):
    for run in (None, *runs):
        audit(run, runs[0].load_config())
    page, address = place
    app = draw(page, **address(runs))
    texts = said(app)
    assert any(VERDICT in text and "What it does not establish" in text for text in texts)
    figures = [text for text in texts if FIGURE.search(text)] + cells(app)
    assert [text for text in figures if not (re.search(r"\bn = ", text) and " to " in text)] == []


def test_accuracies_are_found_where_pages_show_them(draw, runs):
    assert len(cells(draw(RUNS, run=[run.id for run in runs]))) > 10
    assert [text for text in said(draw(TRAIN, run=runs[0].id)) if FIGURE.search(text)] != []


def test_run_without_an_audit_offers_one(draw, runs):
    app = draw(RUNS, run=runs[0].id)
    assert "Not audited yet" in [link.proto.label for link in app.get("page_link")]
