"""A section of the page Audit: flips."""

from covidlab.ui.audit.audited import Audited


def draw_flips(audited: Audited) -> None:
    """Draw the section."""
