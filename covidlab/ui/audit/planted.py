"""A section of the page Audit: planted."""

from covidlab.ui.audit.audited import Audited


def draw_planted(audited: Audited) -> None:
    """Draw the section."""
