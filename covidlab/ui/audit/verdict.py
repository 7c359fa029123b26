"""A section of the page Audit: verdict."""

from covidlab.ui.audit.audited import Audited


def draw_verdict(audited: Audited) -> None:
    """Draw the section."""
