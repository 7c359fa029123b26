"""One X-ray with each of the named changes, small, and what a model says before and after; the browser asks and draws."""

from covidlab.evaluation.alterations import ALTERATIONS, WHOLE
from covidlab.language import tr
from covidlab.ui.shared.components import page_component
from covidlab.ui.shared.components.alter import LIBRARY, Asked

_draw_strip = page_component("alter_strip", with_scripts=(LIBRARY,))


def alter_strip(asked: Asked, *, key: str) -> None:
    """Draw the small pictures; raises ModelError where the model has no checksum."""
    changes = [
        {"name": each.name, "title": tr("unchanged") if each is WHOLE else each.title} for each in ALTERATIONS.values()
    ]
    _draw_strip(key=key, data={**asked.data(), "alt": asked.alt, "changes": changes})
