"""A section of the page Audit: ladder."""

from covidlab.ui.audit.audited import Audited


def draw_ladder(audited: Audited) -> None:
    """Draw the section."""
