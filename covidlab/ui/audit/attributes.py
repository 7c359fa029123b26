"""A section of the page Audit: attributes."""

from covidlab.ui.audit.audited import Audited


def draw_attributes(audited: Audited) -> None:
    """Draw the section."""
