"""All learning rates at once: their cross-validated curves, and below them the last accuracy against the rate."""

from covidlab.config import TrainingConfig
from covidlab.ui.shared.components import address, page_component
from covidlab.ui.shared.components.preview import LIBRARY, rate_texts, slider_settings

_draw_fan = page_component("rate_fan", with_scripts=(LIBRARY,))


def rate_fan(preview_key: str, config: TrainingConfig, *, key: str = "rate_fan") -> None:
    """Draw the fan of a batch size and a number of epochs as its curves come; the rate of ``config`` is emphasized."""
    _draw_fan(
        key=key,
        data={
            "address": address(f"/previews/{preview_key}"),
            "settings": slider_settings(config),
            "rates": rate_texts(),
        },
    )
