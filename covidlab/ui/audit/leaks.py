"""A section of the page Audit: leaks."""

from covidlab.ui.audit.audited import Audited


def draw_leaks(audited: Audited) -> None:
    """Draw the section."""
