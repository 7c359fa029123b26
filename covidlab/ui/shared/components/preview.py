"""The curve of a run that nobody has started yet; drawn by the browser, it follows the sliders while they are dragged."""

from dataclasses import asdict, dataclass

from covidlab.config import LEARNING_RATES, TrainingConfig
from covidlab.text import plain_number
from covidlab.ui.shared.components import address, page_component

LIBRARY = "preview_library"
_draw_preview = page_component("preview", with_scripts=(LIBRARY,))


@dataclass(frozen=True, kw_only=True)
class ShownRun:
    """The run that a preview is compared with.

    name, title: "run 11" and "Run 11". settings: rate, epochs, batch. others: other settings that differ, "views 5, not 3" each.
    curve: epoch and accuracy, None where it has none; of: what that curve is of. whole: whether the page shows all of the run, or
    will, so that a preview of the same settings would show nothing new.
    """

    name: str
    title: str
    settings: dict[str, float]
    others: list[str]
    curve: dict[str, list] | None
    of: str
    whole: bool


def preview(preview_key: str, config: TrainingConfig, run: ShownRun | None, *, key: str = "preview") -> None:
    """Draw the preview of the settings on the sliders, at first those of ``config``."""
    _draw_preview(
        key=key,
        data={
            "address": address(f"/previews/{preview_key}"),
            "settings": slider_settings(config),
            "patience": config.patience,
            "rates": rate_texts(),
            "run": asdict(run) if run else None,
        },
    )


def slider_settings(config: TrainingConfig) -> dict[str, float]:
    """Return what the three sliders say, by the names the browser uses."""
    return {"rate": config.learning_rate, "epochs": config.epochs, "batch": config.batch_size}


def rate_texts() -> list[dict]:
    """Return the rates of the slider as numbers and as people read them."""
    return [{"value": rate, "text": plain_number(rate)} for rate in LEARNING_RATES]
