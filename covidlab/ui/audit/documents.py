"""A section of the page Audit: documents."""

from covidlab.ui.audit.audited import Audited


def draw_documents(audited: Audited) -> None:
    """Draw the section."""
