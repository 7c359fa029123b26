"""A section of the page Audit: folds."""

from covidlab.ui.audit.audited import Audited


def draw_folds(audited: Audited) -> None:
    """Draw the section."""
