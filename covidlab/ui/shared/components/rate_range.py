"""The learning-rate range test: loss against rate, drawn when the trainer has found it."""

from covidlab.config import TrainingConfig
from covidlab.ui.shared.components import address, page_component
from covidlab.ui.shared.components.preview import LIBRARY, slider_settings

_draw_range = page_component("rate_range", with_scripts=(LIBRARY,))


def rate_range(preview_key: str, config: TrainingConfig, *, is_known: bool, key: str = "rate_range") -> None:
    """Draw the range test of a batch size; the page is run again once it comes, where it was not known before."""
    _draw_range(
        key=key,
        data={
            "address": address(f"/previews/{preview_key}"),
            "settings": slider_settings(config),
            "known": is_known,
        },
        on_found_change=_page_is_drawn_anew,
    )


def _page_is_drawn_anew() -> None:
    """The run of the page that follows is all that is wanted: it draws what the test suggests."""
