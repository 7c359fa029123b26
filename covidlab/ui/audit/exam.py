"""A section of the page Audit: exam."""

from covidlab.ui.audit.audited import Audited


def draw_exam(audited: Audited) -> None:
    """Draw the section."""
