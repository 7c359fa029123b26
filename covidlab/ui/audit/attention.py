"""A section of the page Audit: attention."""

from covidlab.ui.audit.audited import Audited


def draw_attention(audited: Audited) -> None:
    """Draw the section."""
