"""All documents of a model on a data set: made, and written into a folder."""

from collections.abc import Callable
from pathlib import Path

from covidlab.errors import UsageError
from covidlab.files import replacing
from covidlab.runs.documents.claim import claim
from covidlab.runs.documents.content import Document
from covidlab.runs.documents.datasheet import datasheet
from covidlab.runs.documents.facts import Facts
from covidlab.runs.documents.markdown import as_markdown
from covidlab.runs.documents.model_card import model_card
from covidlab.runs.documents.tripod import tripod

# By what people call them: how each is made.
DOCUMENTS: dict[str, Callable[[Facts], Document]] = {
    "Model card": model_card,
    "CLAIM checklist": claim,
    "TRIPOD+AI checklist": tripod,
    "Datasheet of the X-rays": datasheet,
}


def require_folder(folder: Path) -> None:
    """Raise UsageError where something else than a folder is in its place."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"Documents are written into a folder. Name one. Received: {folder}.")


def write_documents(facts: Facts, folder: Path) -> list[Path]:
    """Write each document as Markdown and as PDF into ``folder``, which is made where it is missing; return the files.

    Raises UsageError where there is a file in its place, StorageError where the disk refuses.
    """
    from covidlab.runs.documents.pdf import document_pdf

    require_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for make in DOCUMENTS.values():
        document = make(facts)
        for ending, content in ((".md", as_markdown(document).encode()), (".pdf", document_pdf(document))):
            path = folder / f"{document.name}{ending}"
            with replacing(path) as temporary:
                temporary.write_bytes(content)
            written.append(path)
    return written
