"""A section of the page Audit: elsewhere."""

from covidlab.ui.audit.audited import Audited


def draw_elsewhere(audited: Audited) -> None:
    """Draw the section."""


def has_elsewhere(audited: Audited) -> bool:
    """Whether it is known how the model does on X-rays of another hospital."""
    return audited.part("elsewhere") is not None
