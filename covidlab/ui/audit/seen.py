"""A section of the page Audit: seen."""

from covidlab.ui.audit.audited import Audited


def draw_seen(audited: Audited) -> None:
    """Draw the section."""
