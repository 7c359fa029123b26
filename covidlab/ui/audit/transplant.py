"""A section of the page Audit: transplant."""

from covidlab.ui.audit.audited import Audited


def draw_transplant(audited: Audited) -> None:
    """Draw the section."""
