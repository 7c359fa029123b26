"""A section of the page Audit: calibration."""

from covidlab.ui.audit.audited import Audited


def draw_calibration(audited: Audited) -> None:
    """Draw the section."""
