"""The page Audit: its documents, and an audit that was stopped and goes on."""

import os

import pytest

from covidlab.child import Message
from covidlab.data.catalog import load_catalog
from covidlab.errors import TemporaryError
from covidlab.runs.audits import write_part
from covidlab.runs.documents.making import DOCUMENTS
from covidlab.runs.jobs import Job
from covidlab.runs.status import State, Status
from covidlab.runs.store import Run, RunStore
from covidlab.services.reader_tasks import TASKS
from covidlab.ui.audit import documents
from covidlab.ui.audit.audited import Audited

AUDIT, RUNS = "pages/5_Audit.py", "pages/3_Runs.py"


@pytest.fixture(autouse=True)
def of_four(make_dataset, monkeypatch, engine):
    """Two X-rays of each class, and an engine that computes nothing."""
    monkeypatch.setenv("COVIDLAB_DATASET", str(make_dataset({"covid": 2, "normal": 2})))


@pytest.fixture
def audited() -> Audited:
    return Audited(catalog=load_catalog(os.environ["COVIDLAB_DATASET"]), run=None)


@pytest.fixture
def stopped(audited) -> Run:
    """An audit that was stopped after one of two parts."""
    from covidlab.runs.audit_making import audited_config

    asked = {"audit": {"parts": ["ladder", "leaks"]}}
    fingerprint = audited.catalog.fingerprint
    run = RunStore().create(audited_config(audited.catalog, None), job=Job.AUDIT, fingerprint=fingerprint, asked=asked)
    write_part(run, "ladder", version=1, seconds=2.0, found=None, error="There are too few patients.")
    run.write_status(Status(state=State.STOPPED, epoch=1, epochs=2, unit="part", reason="Stopped after 1 of 2 parts."))
    return run


class InThisProcess:
    """The tasks of the process that predicts, done here."""

    def ask(self, do, model, *, values):
        return TASKS[do](Message(values, {}))


def texts(app) -> str:
    kinds = (app.markdown, app.caption, app.subheader, app.warning, app.error)
    return " ".join(element.value for kind in kinds for element in kind).replace("\\", "")


def test_documents_are_offered_and_none_is_made_before_somebody_asks(draw, monkeypatch):
    monkeypatch.setattr(documents, "gather", lambda *of: pytest.fail("a document was made"))
    app = draw(AUDIT, audit_tab="Documents")
    assert all(name in texts(app) for name in DOCUMENTS)
    assert len(app.get("download_button")) == 2 * len(DOCUMENTS)


def test_document_can_be_read_on_the_page(draw):
    app = draw(AUDIT, audit_tab="Documents")
    app.session_state["document_claim_read"] = True
    app.run()
    assert not app.exception
    assert "Checklist CLAIM (2024 update)" in texts(app)


def test_document_is_printed_by_the_process_that_predicts(audited, monkeypatch):
    monkeypatch.setattr(documents, "shared_reader", InThisProcess)
    assert documents._pdf(audited, "Datasheet of the X-rays").startswith(b"%PDF")


def test_document_that_does_not_come_whole_says_so(audited, monkeypatch):
    monkeypatch.setattr(InThisProcess, "ask", lambda *asked, **values: Message())
    monkeypatch.setattr(documents, "shared_reader", InThisProcess)
    with pytest.raises(TemporaryError, match="no whole answer"):
        documents._pdf(audited, "Model card")


@pytest.mark.parametrize("page", [AUDIT, RUNS])
def test_stopped_audit_goes_on_with_a_button(draw, stopped, page, engine):
    app = draw(page, **({"run": stopped.id} if page == RUNS else {}))
    assert "Stopped after 1 of 2 parts." in texts(app)
    (button,) = [button for button in app.button if button.label == "Continue this audit"]
    button.click().run()
    assert not app.exception
    assert stopped.recorded_status().state is State.QUEUED
    assert [button.label for button in app.button if button.label == "Continue this audit"] == []


def test_audit_on_runs_says_what_each_part_found_and_leads_to_the_page(draw, stopped):
    app = draw(RUNS, run=stopped.id)
    assert "Run 1, audit: 2 parts" in texts(app)
    assert "There are too few patients." in texts(app)
    assert "Duplicates and leaks: not done." in texts(app)
    assert "Open the page Audit" in [link.proto.label for link in app.get("page_link")]
