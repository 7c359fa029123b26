"""A section of the page Audit: the papers about the model and its X-rays, to read and to download."""

import re
from functools import partial

import streamlit as st

from covidlab.errors import TemporaryError
from covidlab.language import ENGLISH, language, speaking, tr, tr_lazy
from covidlab.paths import DEFAULT_MODEL
from covidlab.runs.documents.content import Document, document_values
from covidlab.runs.documents.facts import gather
from covidlab.runs.documents.making import DOCUMENTS
from covidlab.runs.documents.markdown import as_markdown
from covidlab.runs.models import model_file
from covidlab.runs.store import Run
from covidlab.services.reader import shared_reader
from covidlab.ui.audit.audited import Audited

_ABOUT = {
    "Model card": tr_lazy("What the model is, what it is for and not for, how it was judged, and what limits it."),
    "CLAIM checklist": tr_lazy(
        "What a report on AI in medical imaging should say (2024 update), filled in as far as covidlab knows."
    ),
    "TRIPOD+AI checklist": tr_lazy(
        "What a report on a prediction model should say (2024), filled in as far as covidlab knows."
    ),
    "Datasheet of the X-rays": tr_lazy(
        "Where the X-rays come from, who is in them, what is missing, and under which licences."
    ),
}


def draw_documents(audited: Audited) -> None:
    """Draw each document with its downloads; nothing is made before somebody asks."""
    st.subheader(tr("Documents"), anchor=False)
    st.markdown(
        tr(
            "They are filled from the run, the X-rays and the audits as they are now. What is not known "
            "stays open and says so."
        )
    )
    if language() != ENGLISH:
        st.caption(tr("The documents themselves are in English."))
    for name in DOCUMENTS:
        _draw(audited, name)


def _draw(audited: Audited, name: str) -> None:
    key = f"document_{name.split(maxsplit=1)[0].lower()}"
    with st.container(border=True, key=f"{key}_box"):
        text, buttons = st.columns([3, 2], vertical_alignment="center")
        text.markdown(f"**{tr(name)}**  \n{_ABOUT[name]}")
        with buttons, st.container(horizontal=True, horizontal_alignment="right"):
            # Made when somebody clicks, not at each drawing of the page.
            for label, make, ending, kind in (
                ("Markdown", _markdown, "md", "text/markdown"),
                ("PDF", _pdf, "pdf", "application/pdf"),
            ):
                st.download_button(
                    label,
                    partial(make, audited, name),
                    _file_name(audited, name, ending),
                    kind,
                    key=f"{key}_{ending}",
                    on_click="ignore",
                    icon=":material/download:",
                )
        read = st.expander(tr("Read it here"), key=f"{key}_read", on_change="rerun")
        if read.open:
            # Its headings are below those of the page.
            read.markdown(re.sub(r"^#", "###", _markdown(audited, name).decode(), flags=re.MULTILINE))


def _file_name(audited: Audited, name: str, ending: str) -> str:
    whose = f"run-{audited.run.number}" if audited.run else "default-model"
    return f"covidlab-{name.lower().replace(' ', '-').replace('+', '-')}-{whose}.{ending}"


def _document(audited: Audited, name: str) -> Document:
    # A document is English whoever reads it.
    with speaking(ENGLISH):
        return DOCUMENTS[name](gather(audited.catalog, audited.run_id))


def _markdown(audited: Audited, name: str) -> bytes:
    with speaking(ENGLISH):
        return as_markdown(_document(audited, name)).encode()


def _pdf(audited: Audited, name: str) -> bytes:
    """The process that reads X-rays prints it: the server makes no PDF."""
    with speaking(ENGLISH):
        values = {"document": document_values(_document(audited, name))}
    # Every request names a model; this one needs none, and the default one is always there.
    made = shared_reader().ask("document", model_file(Run(DEFAULT_MODEL)), values=values).parts.get("pdf")
    if not isinstance(made, bytes) or not made.startswith(b"%PDF"):
        raise TemporaryError(tr("The process that makes the document gave no whole answer. Try again."))
    return made
