"""A section of the page Audit: live."""

from covidlab.ui.audit.audited import Audited


def draw_live(audited: Audited) -> None:
    """Draw the section."""
