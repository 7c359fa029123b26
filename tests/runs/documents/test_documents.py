"""Model card, checklists and datasheet: what they say, of which set, and that what is not known says so."""

import pytest

from covidlab.audit.settings import PARTS
from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.errors import UsageError
from covidlab.runs.audits import write_part
from covidlab.runs.documents.claim import claim
from covidlab.runs.documents.content import Document, Rows, Section, document_from_values, document_values
from covidlab.runs.documents.datasheet import datasheet
from covidlab.runs.documents.facts import gather
from covidlab.runs.documents.making import DOCUMENTS, write_documents
from covidlab.runs.documents.markdown import as_markdown
from covidlab.runs.documents.model_card import model_card
from covidlab.runs.documents.pdf import document_pdf
from covidlab.runs.documents.tripod import tripod
from covidlab.runs.jobs import Job
from covidlab.runs.store import RunStore

# Words of what was measured on the fifty, and is true of no other set.
OF_THE_FIFTY = ("94 to 99 %", "Kermany", "Cohen", "coincide", "fifty", "37 patients")


@pytest.fixture
def small(make_dataset):
    return load_catalog(make_dataset())


def numbers_of(document: Document) -> list[str]:
    return [row[0] for section in document.sections for row in section.rows.rows]


def text_of(document: Document) -> str:
    return as_markdown(document).replace("\\", "")


def finished_run(catalog, **report):
    run = RunStore().create(TrainingConfig(dataset=str(catalog.root), seed=7), fingerprint=catalog.fingerprint)
    run.write_report(report)
    return run


def test_claim_has_its_44_items_once_in_order(small):
    assert numbers_of(claim(gather(small))) == [str(number) for number in range(1, 45)]


def test_tripod_has_its_27_items_each_with_its_parts(small):
    numbers = numbers_of(tripod(gather(small)))
    assert len(numbers) == len(set(numbers)) == 52
    assert list(dict.fromkeys(int(number.rstrip("abcdefg")) for number in numbers)) == list(range(1, 28))


def test_documents_of_another_set_say_nothing_that_is_true_of_the_fifty_alone(small):
    for make in DOCUMENTS.values():
        text = text_of(make(gather(small)))
        # The programme's own words name fifty nowhere either; the published script is of the fifty too.
        assert [words for words in (*OF_THE_FIFTY, "devindatt") if words in text] == []


@pytest.mark.parametrize("make", DOCUMENTS.values(), ids=DOCUMENTS)
def test_documents_say_what_is_not_known(small, make):
    assert "Not known." in text_of(make(gather(small)))


def test_documents_of_the_fifty_have_their_facts(curated):
    facts = gather(load_catalog(curated))
    assert all(words in text_of(model_card(facts)) for words in ("94 to 99 %", "97 %", "12 patients"))
    assert "20)" in text_of(datasheet(facts)) and "CC BY-NC-ND (4)" in text_of(datasheet(facts))
    assert "22 of 25 COVID-19 X-rays" in text_of(claim(facts))


def test_model_card_has_figures_with_interval_and_n_of_the_run(small):
    figure = {"value": 0.9, "low": 0.6, "high": 0.98, "n": 10}
    run = finished_run(small, cross_validation={"accuracy": figure, "folds": 5, "repeats": 10})
    assert "0.90 (95 % interval 0.60 to 0.98, n = 10)" in text_of(model_card(gather(small, run.id)))


def test_figures_of_a_run_on_another_set_are_not_taken_for_those_of_this_one(small, make_dataset):
    other = RunStore().create(TrainingConfig(dataset="other", seed=7), fingerprint="of another set")
    other.write_report({"cross_validation": {"accuracy": {"value": 0.9, "low": 0.6, "high": 0.98, "n": 10}}})
    text = text_of(model_card(gather(small, other.id)))
    assert "a model with the settings of run 1" in text
    assert "0.90" not in text


def test_model_card_has_what_the_audit_found_and_its_verdict(small, monkeypatch):
    audit = RunStore().create(
        TrainingConfig(dataset=str(small.root)),
        job=Job.AUDIT,
        fingerprint=small.fingerprint,
        asked={"audit": {"parts": list(PARTS)}},
    )
    write_part(audit, "leaks", version=1, seconds=0.1, found={"sentence": "Nothing is there twice."})
    write_part(audit, "transplant", version=1, seconds=0.1, found=None, error="The lungs are not known.")
    monkeypatch.setitem(
        __import__("covidlab.runs.audit_text", fromlist=["SENTENCES"]).SENTENCES,
        "leaks",
        lambda found: [found["sentence"]],
    )
    verdict = {"sentence": "It does not need the lungs.", "not_established": "Not established: why.", "rule": ""}
    monkeypatch.setattr("covidlab.runs.documents.facts.verdict_for", lambda catalog, model: verdict)
    text = text_of(model_card(gather(small)))
    for words in ("Nothing is there twice.", "The lungs are not known.", "Audit: It does not need the lungs."):
        assert words in text


def test_documents_hold_no_folder_of_the_machine(small, tmp_path):
    run = finished_run(small)
    for make in DOCUMENTS.values():
        assert str(tmp_path) not in text_of(make(gather(small, run.id)))


def test_markdown_of_foreign_words_has_no_markup_of_theirs():
    rows = Rows(head=("a|b",), rows=(("<b>x</b> | y, [z](u).",),), shares=(1.0,))
    section = Section(title="1. s", points=("- *t*", "# u"), rows=rows)
    lines = as_markdown(Document(name="n", title="t", about=(), sections=(section,), footer="f")).splitlines()
    assert r"| \<b\>x\</b\> \| y, \[z\](u). |" in lines
    assert [line for line in lines if line.startswith(("##", "- "))] == [r"## 1\. s", r"- \- \*t\*", r"- \# u"]


def test_pdf_is_the_same_for_the_same_document_and_has_all_pages(small):
    pypdf = pytest.importorskip("pypdf")
    import io

    document = claim(gather(small))
    pdf = document_pdf(document_from_values(document_values(document)))
    assert pdf == document_pdf(document)
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    assert all(f"Page {number}" in page.extract_text() for number, page in enumerate(pages, start=1))
    assert "Not for diagnosis" in pages[-1].extract_text()


def test_pdf_takes_a_word_and_a_cell_longer_than_a_page():
    rows = Rows(head=("Question", "Answer"), rows=((("x" * 3000), "many words " * 2000),), shares=(0.3, 0.7))
    document = Document(name="n", title="t" * 500, about=(), sections=(Section(title="s", rows=rows),), footer="f")
    assert document_pdf(document).startswith(b"%PDF")


def test_documents_are_written_as_markdown_and_pdf(small, tmp_path):
    written = write_documents(gather(small), tmp_path / "papers")
    assert sorted(path.suffix for path in written) == [".md"] * 4 + [".pdf"] * 4
    assert all(path.stat().st_size > 1000 for path in written)


def test_documents_are_not_written_over_a_file(small, tmp_path):
    (tmp_path / "papers").write_text("mine")
    with pytest.raises(UsageError, match="into a folder"):
        write_documents(gather(small), tmp_path / "papers")
