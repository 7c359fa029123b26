"""A section of the page Audit: comparing."""

from covidlab.ui.audit.audited import Audited


def draw_comparing(audited: Audited) -> None:
    """Draw the section."""
